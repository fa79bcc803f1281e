import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { Engine, isTrtError, registerBackendLibrary, tensor } from '../../lib/index.js'
import { rejection } from '../support/failure.js'
import { scriptedLibrary, scriptedModel, wrongAbiLibrary } from '../support/scripted.js'
import { row, scriptedEcho, scriptedWith } from './subjects.js'

const test = suite('faults of a backend')

test('completions out of order reach their own callers', async () => {
  const engine = await scriptedEcho('delayFromInput 1')
  const session = await engine.createSession({ lanes: 2 })
  const order: number[] = []
  const runs = [200, 1].map(async (ms) => {
    const { y } = await session.run({ x: row(ms) })
    order.push(ms)
    return y!.data[0]
  })
  assert.equal(await Promise.all(runs), [200, 1])
  assert.equal(order, [1, 200])
  await session.close()
  await engine.close()
})

test('every status becomes its code, and the session lives on', async () => {
  const codes: Record<number, string> = {
    2: 'TRT_ERR_SHAPE',
    8: 'TRT_ERR_OUT_OF_MEMORY',
    12: 'TRT_ERR_DEVICE',
    13: 'TRT_ERR_DEVICE_LOST',
    14: 'TRT_ERR_INTERNAL',
    99: 'TRT_ERR_INTERNAL',
  }
  for (const [status, code] of Object.entries(codes)) {
    const engine = await scriptedEcho('failEvery 2', `failStatus ${status}`)
    const session = await engine.createSession()
    await session.run({ x: row(1) })
    const error = await rejection(session.run({ x: row(2) }))
    assert.is(error.code, code)
    assert.equal((await session.run({ x: row(3) }))['y']!.data, row(3))
    assert.equal(session.stats().failed, { [code]: 1 })
    await session.close()
    await engine.close()
  }
})

test('a run that reports inside submit settles like any other', async () => {
  const engine = await scriptedEcho('inline 1')
  const session = await engine.createSession()
  const answers = await Promise.all([1, 2, 3].map((i) => session.run({ x: row(i) })))
  assert.equal(
    answers.map(({ y }) => y!.data[0]),
    [1, 2, 3],
  )
  await session.close()
  await engine.close()
})

test('alloc beyond what the backend has is out of memory', async () => {
  const engine = await scriptedEcho('allocLimit 64')
  const session = await engine.createSession()
  assert.is(session.alloc('x', [4, 4]).size, 16)
  try {
    session.alloc('x', [5, 4])
    assert.unreachable()
  } catch (error) {
    assert.ok(isTrtError(error))
    assert.is(error.code, 'TRT_ERR_OUT_OF_MEMORY')
    assert.equal(error.details, { name: 'x', bytes: 80 })
  }
  await session.close()
  await engine.close()
})

test('a session or engine that cannot be made rejects with the reason', async () => {
  assert.is((await rejection(scriptedEcho('loadStatus 5'))).code, 'TRT_ERR_ENGINE')
  const engine = await scriptedEcho('createStatus 8')
  assert.is((await rejection(engine.createSession())).code, 'TRT_ERR_OUT_OF_MEMORY')
  await engine.close()
})

test('an option that the backend does not know is refused by it', async () => {
  const engine = await scriptedEcho()
  const error = await rejection(engine.createSession({ backendOptions: { nonsense: '1' } }))
  assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.match(error.message, /nonsense/)
  await engine.close()
})

test('staging copies are counted, and none are made with memory of alloc', async () => {
  const engine = await scriptedWith('input x float32 1,4', 'output y float32 1,4', 'stage 1')
  const session = await engine.createSession()
  await session.run({ x: row(1) }, { into: { y: new Float32Array(4) } })
  const staged = session.stats().copies
  assert.is(staged, 2)
  await session.run({ x: session.alloc('x') }, { into: { y: session.alloc('y') } })
  assert.is(session.stats().copies, staged)
  await session.close()
  await engine.close()
})

test('half floats, bytes and bools keep their bits', async () => {
  for (const [type, data] of [
    ['float16', Uint16Array.of(0x3c00, 0xfc00)],
    ['uint8', Uint8Array.of(0, 255)],
    ['bool', Uint8Array.of(0, 1)],
    ['int64', BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)],
  ] as const) {
    const engine = await scriptedWith(`input x ${type} 2`, `output y ${type} 2`)
    const session = await engine.createSession()
    const { y } = await session.run({ x: data })
    assert.equal([y!.type, y!.data], [type, data])
    await session.close()
    await engine.close()
  }
})

test('a scalar goes in and out without dimensions', async () => {
  const engine = await scriptedWith('input x float32 scalar', 'output y float32 scalar')
  const session = await engine.createSession()
  const { y } = await session.run({ x: tensor('float32', [], [2.5]) })
  assert.equal([y!.shape, [...y!.data]], [[], [2.5]])
  await session.close()
  await engine.close()
})

test('a library of another contract, or none at all, is refused', async () => {
  for (const library of [wrongAbiLibrary, '/no/such/library.so']) {
    assert.is((await rejection(Engine.load(scriptedModel(), { backend: { library } }))).code, 'TRT_ERR_UNAVAILABLE')
  }
})

test('a registered library is found by its name', async () => {
  assert.is(registerBackendLibrary(scriptedLibrary), registerBackendLibrary(scriptedLibrary))
  const engine = await scriptedEcho()
  assert.is(engine.backend.name, 'scripted')
  await engine.close()
})

test.run()
