import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { Engine, type Session, tensor, type TensorInput } from '../../lib/index.js'
import { arrayTypes } from '../../lib/core/dtypes.js'
import { rejection } from '../support/failure.js'
import * as models from '../support/models.js'

const test = suite('element types and shapes on cpu')
const cpu = { backend: 'cpu' } as const

async function roundTrip(model: Uint8Array, inputs: Record<string, TensorInput>): ReturnType<Session['run']> {
  await using engine = await Engine.build(model, cpu)
  await using session = await engine.createSession()
  return await session.run(inputs)
}

for (const type of models.identityTypes) {
  test(`${type} goes in and comes out bit for bit`, async () => {
    const input = tensor(type, [2, 3])
    const bytes = new Uint8Array(input.data.buffer)
    for (let i = 0; i < bytes.length; i++) bytes[i] = type === 'bool' ? i & 1 : (i * 37) & 0x3f
    const { y } = await roundTrip(models.identity(type), { x: input })
    assert.equal([y!.type, y!.shape, y!.data], [type, [2, 3], input.data])
    assert.ok(y!.data instanceof arrayTypes[type])
  })
}

test('scalars, empty tensors, free and unknown ranks', async () => {
  assert.equal((await roundTrip(models.scalar(), { x: Float32Array.of(5) }))['y']!.shape, [])
  assert.equal((await roundTrip(models.empty(), { x: new Float32Array(0) }))['y']!.shape, [0, 3])
  assert.equal((await roundTrip(models.dynamic(), { x: tensor('float32', [2, 3, 5]) }))['y']!.shape, [2, 3, 5])
  assert.equal((await roundTrip(models.anyRank(), { x: tensor('float32', [1, 2, 3, 4]) }))['y']!.shape, [1, 2, 3, 4])
  assert.equal((await roundTrip(models.nonZero(), { x: Float32Array.of(0, 5, 0, 7) }))['y']!.data, BigInt64Array.of(1n, 3n))
})

test('an input with a default in the model may be left out', async () => {
  assert.equal([...(await roundTrip(models.defaulted(), { x: Float32Array.of(1, 2) }))['y']!.data], [3, 4])
})

test('outputs asked for one by one', async () => {
  await using engine = await Engine.build(models.several(), cpu)
  await using session = await engine.createSession()
  const x = Float32Array.of(1, 2)
  assert.equal(Object.keys(await session.run({ x })), ['sum', 'twice', 'shape'])
  const { shape, sum } = await session.run({ x }, { outputs: ['shape', 'sum'] })
  assert.equal(
    [[...shape.data], [...sum.data]],
    [
      [1n, 2n],
      [2, 3],
    ],
  )
})

test('an output whose shape only the data gives, in memory of the caller', async () => {
  await using engine = await Engine.build(models.nonZero(), cpu)
  await using session = await engine.createSession()
  const room = new BigInt64Array(8)
  const { y } = await session.run({ x: Float32Array.of(0, 1, 1) }, { into: { y: room } })
  assert.equal([y!.shape, [...y!.data], y!.data.buffer === room.buffer], [[1, 2], [1n, 2n], true])
  const error = await rejection(session.run({ x: new Float32Array(9).fill(1) }, { into: { y: room } }))
  assert.is(error.code, 'TRT_ERR_SHAPE')
})

test('a tensor given for an output must have the shape that comes', async () => {
  await using engine = await Engine.build(models.nonZero(), cpu)
  await using session = await engine.createSession()
  const error = await rejection(session.run({ x: Float32Array.of(0, 1, 1) }, { into: { y: tensor('int64', [1, 3]) } }))
  assert.is(error.code, 'TRT_ERR_SHAPE')
})

test('strings and sequences are refused by name', async () => {
  for (const model of [models.strings(), models.sequence()]) {
    const error = await rejection(Engine.build(model, cpu))
    assert.ok(['TRT_ERR_TYPE', 'TRT_ERR_UNSUPPORTED'].includes(error.code), error.message)
    assert.match(error.message, /string|sequence/)
  }
})

test.run()
