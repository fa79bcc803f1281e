import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { Engine, isTrtError, type Session, tensor } from '../../lib/index.js'
import { engineBytes } from '../support/engine-bytes.js'
import { buildOn, echoOn, isSimulated, mostRows, simulatedBytesPerUs, slowOn } from '../support/device.js'
import { rejection } from '../support/failure.js'
import { matmul, unknownOperator } from '../support/models.js'
import { deviceUnderTest } from '../support/simulator.js'
import { row } from '../contract/subjects.js'

const backend = deviceUnderTest('trt11', { bytesPerUs: simulatedBytesPerUs })
const test = suite(`what can go wrong on ${backend}`)
let engine: Engine
let session: Session

test.before(async () => {
  engine = await echoOn(backend)
  session = await engine.createSession({ lanes: 2 })
})
/** Whatever went wrong, the device, this process and this session go on. */
test.after.each(async () => {
  assert.equal((await session.run({ x: row(3) }))['y']!.data, row(3))
})
test.after(async () => {
  await session.close()
  await engine.close()
})

test('a model with an unknown operator says which', async () => {
  const error = await rejection(buildOn(backend, unknownOperator()))
  assert.is(error.code, 'TRT_ERR_MODEL')
  assert.match(error.message, /Frobnicate/)
})

test('a model that is cut short, or none at all, is refused', async () => {
  const model = matmul()
  for (const bytes of [model.subarray(0, -9), new Uint8Array(0), Buffer.from('<html>')])
    assert.is((await rejection(buildOn(backend, bytes))).code, 'TRT_ERR_MODEL')
})

test('a plan that is damaged is refused, wherever it is', async () => {
  const plan = Buffer.concat([Buffer.from('ftrt'), Buffer.alloc(200, 7)])
  const header = { backend, backendVersion: engine.backend.version ?? '' }
  for (const payload of [plan, plan.subarray(0, 30), Buffer.alloc(64)]) {
    const error = await rejection(Engine.load(engineBytes(payload, header)))
    assert.is(error.code, 'TRT_ERR_ENGINE', error.message)
  }
})

test('a shape beyond the profile is refused with its bounds', async () => {
  const error = await rejection(session.run({ x: tensor('float32', [mostRows + 1, 4]) }))
  assert.is(error.code, 'TRT_ERR_SHAPE')
  assert.match(error.message, /65536/)
})

test('memory for an output that is too small is refused', async () => {
  assert.is((await rejection(session.run({ x: row(1) }, { into: { y: new Float32Array(3) } }))).code, 'TRT_ERR_SHAPE')
})

test('more page-locked memory than there can be is out of memory', () => {
  // On a device the driver refuses it; the simulator has 4 GiB.
  try {
    session.alloc('x', [2 ** 40 / 16, 4])
    assert.unreachable()
  } catch (error) {
    assert.ok(isTrtError(error) && error.code === 'TRT_ERR_OUT_OF_MEMORY', String(error))
  }
})

test('many runs of which every other one is aborted: each settles as it should', async () => {
  const slow = await slowOn(backend)
  const other = await slow.engine.createSession({ lanes: 1 })
  const controller = new AbortController()
  const kept = other.run(slow.inputs)
  const dropped = Array.from({ length: 10 }, () => rejection(other.run(slow.inputs, { signal: controller.signal })))
  setImmediate(() => controller.abort())
  assert.ok((await Promise.all(dropped)).every(({ code }) => code === 'TRT_ERR_ABORTED'))
  assert.ok('y' in (await kept))
  await other.close()
  await slow.engine.close()
})

test('of all runs at once, on two sessions, each gets its own answer', async () => {
  const other = await engine.createSession({ lanes: 2 })
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => (await (i % 2 === 0 ? session : other).run({ x: row(i) }))['y']!.data[3]),
  )
  answers.forEach((value, i) => assert.is(value, i + 0.75))
  await other.close()
})

test('an engine for a device that does not exist is refused', async () => {
  assert.is((await rejection(echoOn(backend, { tensorrt: { device: isSimulated() ? 1 : 999 } }))).code, 'TRT_ERR_UNAVAILABLE')
})

test.run()
