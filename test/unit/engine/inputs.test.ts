import ndarray from 'ndarray'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import type { TensorType } from '../../../lib/core/dtypes.js'
import { tensor } from '../../../lib/core/tensor.js'
import { InputPlan } from '../../../lib/engine/inputs.js'
import type { IoInfo } from '../../../lib/engine/io-info.js'
import { failure } from '../../support/failure.js'

const test = suite('inputs')
const plan = (type: TensorType, shape: number[] | null, more: Partial<IoInfo> = {}) =>
  new InputPlan({ name: 'x', type, shape, dimNames: ['N'], ranges: [], isShape: false, ...more }, null)
const fixed = plan('float32', [2, 3])
const free = plan('float32', [-1, 3])
const shapes = new Float64Array(18)
/** What native code would see: the elements and the shape. */
const take = (input: InputPlan, value: unknown) => {
  const view = input.take(value, shapes, 0)
  return { view, shape: [...shapes.subarray(1, 1 + shapes[0]!)] }
}
const refused = (input: InputPlan, value: unknown, code: string, message: RegExp) => {
  const error = failure(() => input.take(value, shapes, 0))
  assert.is(error.code, code)
  assert.match(error.message, message)
}

test('a typed array goes through as it is, in the shape of the engine', () => {
  const data = new Float32Array(6)
  assert.equal(take(fixed, data), { view: data, shape: [2, 3] })
  assert.is(take(fixed, data).view, data)
})

test('its length decides one free dimension', () => {
  assert.equal(take(free, new Float32Array(12)).shape, [4, 3])
  refused(free, new Float32Array(7), 'TRT_ERR_SHAPE', /takes \[N, 3\]; its shape does not follow from 7 elements\. Give a tensor/)
  refused(plan('float32', [-1, -1]), new Float32Array(4), 'TRT_ERR_SHAPE', /does not follow from 4 elements/)
  refused(plan('float32', null), new Float32Array(4), 'TRT_ERR_SHAPE', /takes any shape/)
})

test('a wrong length for a known shape tells both', () => {
  refused(fixed, new Float32Array(5), 'TRT_ERR_SHAPE', /Input "x" takes \[2, 3\], 6 elements; received 5 elements/)
})

test('a tensor brings its shape', () => {
  const t = tensor('float32', [4, 3])
  assert.is(take(free, t).view, t.data)
  assert.equal(take(free, t).shape, [4, 3])
  assert.equal(take(plan('float32', null), tensor('float32', [1, 1, 1])).shape, [1, 1, 1])
  assert.equal(take(plan('float32', []), tensor('float32', [])).shape, [])
  assert.equal(take(free, tensor('float32', [0, 3])).shape, [0, 3])
})

test('any object with type, shape and data passes for a tensor', () => {
  const data = new Float32Array(3)
  assert.is(take(free, { type: 'float32', shape: [1, 3], data }).view, data)
})

test('a shape that does not fit names dimension and remedy', () => {
  refused(free, tensor('float32', [4, 2]), 'TRT_ERR_SHAPE', /takes \[N, 3\]; received \[4, 2\]\. Dimension 1 must be 3/)
  refused(free, tensor('float32', [3]), 'TRT_ERR_SHAPE', /received \[3\]\. Give 2 dimensions instead of 1/)
})

test('a shape changed behind its tensor, or absurd in a look-alike, is refused', () => {
  const t = tensor('float32', [4, 3] as number[])
  t.shape[0] = 2 ** 40
  refused(free, t, 'TRT_ERR_SHAPE', /received shape \[1099511627776, 3\]/)
  for (const shape of [[-1, 3], [1.5, 3], [NaN, 3], ['1', 3], [2 ** 60, 3], 'x']) {
    refused(free, { type: 'float32', shape, data: new Float32Array(3) }, 'TRT_ERR_SHAPE', /shape of input "x"/)
  }
})

test('a Buffer of the right size is taken for any type, copied only at an odd address', () => {
  const bytes = Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6).buffer)
  const taken = take(fixed, bytes).view as Float32Array
  assert.is(taken.buffer, bytes.buffer)
  assert.equal([...taken], [1, 2, 3, 4, 5, 6])
  const odd = Buffer.alloc(32).subarray(1, 25)
  bytes.copy(odd)
  const copied = take(fixed, odd).view as Float32Array
  assert.is.not(copied.buffer, odd.buffer)
  assert.equal([...copied], [1, 2, 3, 4, 5, 6])
  refused(fixed, Buffer.alloc(25), 'TRT_ERR_TYPE', /25 bytes, which is no whole number/)
})

test('another element type is refused with the conversion', () => {
  refused(
    fixed,
    new Float64Array(6),
    'TRT_ERR_TYPE',
    /takes float32: .*; received a Float64Array of 6\. Convert with Float32Array\.from\(values\)/,
  )
  refused(fixed, tensor('int8', [2, 3]), 'TRT_ERR_TYPE', /received a tensor of int8/)
  refused(plan('int64', [2]), new Int32Array(2), 'TRT_ERR_TYPE', /BigInt64Array\.from\(values, BigInt\)/)
  refused(plan('float16', [2]), new Float32Array(2), 'TRT_ERR_TYPE', /toFloat16/)
  refused(plan('bfloat16', [2]), tensor('float16', [2]), 'TRT_ERR_TYPE', /received a tensor of float16/)
  refused(plan('bool', [2]), new Int32Array(2), 'TRT_ERR_TYPE', /1 is true/)
})

test('arrays of numbers and other values are refused with what to do', () => {
  for (const value of [[1, 2, 3], 7, 'x', null, true, new ArrayBuffer(24), new DataView(new ArrayBuffer(24)), {}, () => {}]) {
    refused(fixed, value, 'TRT_ERR_TYPE', /Convert with Float32Array\.from\(values\)/)
  }
})

test('float16 takes bits, bool takes bytes, uint8 takes a clamped array', () => {
  assert.is(take(plan('float16', [2]), new Uint16Array(2)).view.byteLength, 4)
  assert.is(take(plan('bool', [2]), Uint8Array.of(1, 0)).view.byteLength, 2)
  const clamped = new Uint8ClampedArray(2)
  assert.is(take(plan('uint8', [2]), clamped).view.buffer, clamped.buffer)
})

test('an ndarray without gaps is used in place, others are packed', () => {
  const base = ndarray(
    Float32Array.from({ length: 12 }, (_, i) => i),
    [4, 3],
  )
  const part = take(free, base.lo(1, 0).hi(2, 3))
  assert.is(part.view.buffer, base.data.buffer)
  assert.equal([...(part.view as Float32Array)], [3, 4, 5, 6, 7, 8])
  const flipped = take(free, base.step(-2, 1))
  assert.equal(flipped.shape, [2, 3])
  assert.equal([...(flipped.view as Float32Array)], [9, 10, 11, 3, 4, 5])
  assert.equal(take(free, ndarray(new Float32Array(0), [0, 3])).shape, [0, 3])
  assert.equal([...(take(plan('int64', [2]), ndarray(BigInt64Array.of(1n, 2n), [2]).step(-1)).view as BigInt64Array)], [2n, 1n])
})

test('an ndarray that leads out of its data, or over plain numbers, is refused', () => {
  const outside = { ...ndarray(new Float32Array(3), [1, 3]), data: new Float32Array(3), shape: [1, 3], stride: [3, 1], offset: 1 }
  refused(free, outside, 'TRT_ERR_INVALID_ARGUMENT', /not all of it lies in its 3 elements/)
  refused(free, ndarray([1, 2, 3], [1, 3]), 'TRT_ERR_TYPE', /received an array of 3/)
})

test('memory that may vanish is refused, in each form', () => {
  const shared = new Float32Array(new SharedArrayBuffer(24))
  const gone = new Float32Array(6)
  const goneTensor = tensor('float32', [2, 3], gone)
  const goneArray = ndarray(gone, [2, 3])
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  const forms: unknown[] = [shared, gone, goneTensor, goneArray, Buffer.from(new SharedArrayBuffer(24)), tensor('float32', [2, 3], shared)]
  for (const value of forms) refused(fixed, value, 'TRT_ERR_BUFFER', /SharedArrayBuffer|detached/)
})

test('the refusal of a profile tells bounds and remedy', () => {
  const range = { min: [1, 3], opt: [2, 3], max: [32, 3] }
  const bounded = plan('float32', [-1, 3], { ranges: [range] })
  const error = bounded.refusal([64, 3])
  assert.is(error.code, 'TRT_ERR_SHAPE')
  assert.match(error.message, /takes \[N, 3\] with N 1…32; received \[64, 3\]\. Split the batch, or build/)
})

test('the engine is named where it has a name', () => {
  const named = new InputPlan({ name: 'x', type: 'float32', shape: [1], dimNames: [], ranges: [], isShape: false }, 'ocr')
  refused(named, new Float32Array(2), 'TRT_ERR_SHAPE', /Input "x" of engine "ocr" takes \[1\]/)
})

test.run()
