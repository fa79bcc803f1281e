import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import { toFloat16 } from '../../../../lib/index.js'
import { type Answer, deepNetwork, difference, exact, oneProduct } from '../../../../scripts/verify-gpu/compare.js'

const test = suite('comparison of device and CPU')
const floats = (...values: number[]): Answer => ({ type: 'float32', shape: [values.length], data: Float32Array.from(values) })

test('equal is equal, NaN and infinities of both sides included', () => {
  const same = difference(floats(1, NaN, -Infinity, 0), floats(1, NaN, -Infinity, 0), exact)
  assert.equal(same, { maxAbs: 0, ofRange: 0, cosine: 1, ok: true, problem: null })
  assert.ok(difference(floats(), floats(), exact).ok)
})

test('an error counts as a share of the largest value', () => {
  const { maxAbs, ofRange, ok } = difference(floats(100.0625, 50), floats(100, 50), oneProduct)
  assert.equal([maxAbs, ofRange, ok], [0.0625, 0.000625, true])
  assert.not.ok(difference(floats(100.5, 50), floats(100, 50), oneProduct).ok)
  assert.not.ok(difference(floats(100.0625, 50), floats(100, 50), exact).ok)
})

test('small values that are all wrong show in the cosine', () => {
  const [got, want] = [floats(1, ...new Array<number>(99).fill(0.01)), floats(1, ...new Array<number>(99).fill(-0.01))]
  const { ofRange, cosine, ok } = difference(got, want, deepNetwork)
  assert.ok(ofRange <= 0.0201 && cosine < 0.99 && !ok, `${ofRange} ${cosine}`)
})

test('a NaN that only one side has is no distance but a failure', () => {
  assert.match(difference(floats(NaN), floats(1), deepNetwork).problem ?? '', /element 0 is NaN where the CPU gives 1/)
  assert.match(difference(floats(1), floats(Infinity), deepNetwork).problem ?? '', /element 0 is 1 where the CPU gives Infinity/)
})

test('zeros where the CPU has values, and the other way round, are too far', () => {
  assert.not.ok(difference(floats(0, 0), floats(1, 2), deepNetwork).ok)
  assert.not.ok(difference(floats(1, 2), floats(0, 0), deepNetwork).ok)
})

test('another shape or type is told', () => {
  const want: Answer = { type: 'int32', shape: [1, 2], data: Int32Array.of(1, 2) }
  assert.is(difference(floats(1, 2), want, exact).problem, 'float32 [2] where the CPU gives int32 [1, 2]')
})

test('half floats and 64-bit integers are compared by value', () => {
  const half = (...values: number[]): Answer => ({ type: 'float16', shape: [values.length], data: toFloat16(Float32Array.from(values)) })
  assert.is(difference(half(2, 1), half(2, 1.5), deepNetwork).maxAbs, 0.5)
  const long = (...values: bigint[]): Answer => ({ type: 'int64', shape: [values.length], data: BigInt64Array.from(values) })
  assert.is(difference(long(1n, 4n), long(1n, 2n), exact).maxAbs, 2)
})

test.run()
