import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { type Engine, type Outputs, tensor } from '../../lib/index.js'
import { buildOn, echoOn } from '../support/device.js'
import { rejection } from '../support/failure.js'
import { matmul, nonZero } from '../support/models.js'
import { model } from '../support/onnx.js'
import { simulator, useSimulator } from '../support/simulator.js'

const backend = useSimulator('trt10')
const test = suite('running on the simulated device')

test.before.each(() => simulator.resetCounters())

const twoProfiles = [{ x: { min: [1, 4], opt: [1, 4], max: [4, 4] } }, { x: { min: [8, 4], opt: [16, 4], max: [32, 4] } }] as const

const rows = (count: number) =>
  tensor(
    'float32',
    [count, 4],
    Float32Array.from({ length: count * 4 }, (_, i) => i),
  )

test('the numbers are right', async () => {
  await using engine = await buildOn(backend, matmul(), { shapes: { x: { min: [1, 2], opt: [1, 2], max: [8, 2] } } })
  await using session = await engine.createSession()
  const { y } = await session.run({ x: Float32Array.of(1, 1, 0, 2) })
  assert.equal([...y!.data], [4, 6, 6, 8])
})

test('the profile that takes the shape serves it', async () => {
  await using engine = await echoOn(backend, { profiles: twoProfiles })
  await using session = await engine.createSession()
  for (const count of [1, 4, 8, 16, 32, 2]) {
    const x = rows(count)
    assert.equal((await session.run({ x }))['y']!.data, x.data)
  }
})

test('a shape that no profile takes is refused with the bounds of each', async () => {
  await using engine = await echoOn(backend, { profiles: twoProfiles })
  await using session = await engine.createSession()
  for (const count of [6, 33]) {
    const error = await rejection(session.run({ x: rows(count) }))
    assert.is(error.code, 'TRT_ERR_SHAPE')
    assert.match(error.message, /1…4/)
    assert.match(error.message, /8…32/)
  }
  assert.is(simulator.calls()['IExecutionContext::enqueueV3'] ?? 0, 0)
})

test('an output whose shape only the data gives', async () => {
  await using engine = await buildOn(backend, nonZero(), { shapes: { x: { min: [1], opt: [4], max: [4096] } } })
  await using session = await engine.createSession({ lanes: 2 })
  const indices = ({ y }: Outputs) => [y!.shape, [...y!.data]]
  assert.equal(indices(await session.run({ x: Float32Array.of(0, 5, 0, 7) })), [
    [1, 2],
    [1n, 3n],
  ])
  assert.equal(indices(await session.run({ x: new Float32Array(4) })), [[1, 0], []])
  const many = await session.run({ x: new Float32Array(4096).fill(1) })
  assert.equal([many['y']!.shape, many['y']!.data.at(-1)], [[1, 4096], 4095n])
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => session.run({ x: new Float32Array(32).fill(1, i) })))
  assert.equal(
    answers.map(({ y }) => y!.data.length),
    Array.from({ length: 20 }, (_, i) => 32 - i),
  )
})

/** y = x in the shape that `shape` says. */
function reshape(): Promise<Engine> {
  const spec = {
    inputs: [
      { name: 'x', type: 'float32' as const, dims: ['N', 4] },
      { name: 'shape', type: 'int64' as const, dims: [2] },
    ],
    outputs: [{ name: 'y', type: 'float32' as const, dims: ['A', 'B'] }],
    nodes: [{ op: 'Reshape', inputs: ['x', 'shape'], outputs: ['y'] }],
  }
  const shapes = { x: { min: [1, 4], opt: [2, 4], max: [8, 4] }, shape: { min: [1, 1], opt: [4, 2], max: [32, 32] } }
  return buildOn(backend, model(spec), { shapes })
}

test('a shape tensor steers the shape of the output by its values', async () => {
  await using engine = await reshape()
  await using session = await engine.createSession()
  for (const [a, b] of [
    [4, 2],
    [8, 1],
    [1, 8],
  ] as const) {
    const { y } = await session.run({ x: rows(2), shape: BigInt64Array.of(BigInt(a), BigInt(b)) })
    assert.equal([y!.shape, y!.data], [[a, b], rows(2).data])
  }
  assert.is((await rejection(session.run({ x: rows(2), shape: BigInt64Array.of(64n, 1n) }))).code, 'TRT_ERR_SHAPE')
})

test('page-locked memory of alloc is used where it is, with nothing copied on the host', async () => {
  await using engine = await echoOn(backend)
  await using session = await engine.createSession()
  const [x, y] = [session.alloc('x', [8, 4]), session.alloc('y', [8, 4])]
  for (let i = 0; i < 10; i++) {
    x.data.fill(i)
    await session.run({ x }, { into: { y } })
    assert.is(y.data[31], i)
  }
  assert.is(session.stats().copies, 0)
})

test('no rule of the hardware was broken meanwhile', () => {
  assert.equal(simulator.violations(), {})
})

test.run()
