import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { Tensor, tensor } from '../../../lib/core/tensor.js'
import { failure } from '../../support/failure.js'

const test = suite('tensor')

test('a typed array is used in place', () => {
  const data = Float32Array.of(1, 2, 3, 4)
  const t = tensor('float32', [2, 2], data)
  assert.is(t.data, data)
  assert.equal(t.shape, [2, 2])
  assert.is(t.type, 'float32')
  assert.is(t.size, 4)
})

test('without data it is zeros', () => {
  assert.equal(tensor('int64', [2]).data, BigInt64Array.of(0n, 0n))
})

test('numbers are converted, booleans count as 1 and 0', () => {
  assert.equal(tensor('float32', [2], [0.5, 1]).data, Float32Array.of(0.5, 1))
  assert.equal(tensor('bool', [3], [true, false, true]).data, Uint8Array.of(1, 0, 1))
  assert.equal(tensor('uint64', [1], [5n]).data, BigUint64Array.of(5n))
})

test('numbers for int64, and numbers for bits, are refused with the remedy', () => {
  const error = failure(() => tensor('int64', [1], [5]))
  assert.is(error.code, 'TRT_ERR_TYPE')
  assert.match(error.message, /bigints/)
  assert.match(failure(() => tensor('float16', [1], [0.5])).message, /toFloat16\(Float32Array\.from\(values\)\)/)
})

test('a scalar has shape [] and one element', () => {
  assert.is(tensor('float32', []).size, 1)
})

test('the length must be that of the shape', () => {
  const error = failure(() => new Tensor('float32', [2, 2], new Float32Array(3)))
  assert.is(error.code, 'TRT_ERR_SHAPE')
  assert.equal(error.details, { shape: [2, 2], size: 4, length: 3 })
  assert.is(failure(() => new Tensor('float32', [-1, -3], new Float32Array(3))).code, 'TRT_ERR_SHAPE')
  assert.is(failure(() => new Tensor('float32', [1.5, 2], new Float32Array(3))).code, 'TRT_ERR_SHAPE')
})

test('the array must be that of the type', () => {
  const error = failure(() => new Tensor('float32', [3], new Float64Array(3) as never))
  assert.is(error.code, 'TRT_ERR_TYPE')
  assert.match(error.message, /needs a Float32Array but received an object \(Float64Array\)/)
  assert.is(failure(() => new Tensor('flaot32' as never, [3], new Float32Array(3) as never)).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('more than memory holds is an error, not a crash', () => {
  assert.is(failure(() => tensor('float64', [2 ** 50])).code, 'TRT_ERR_OUT_OF_MEMORY')
})

test('ndarray views the same memory', () => {
  const t = tensor('float32', [2, 3], [0, 1, 2, 3, 4, 5])
  const view = t.ndarray()
  assert.is(view.get(1, 2), 5)
  view.set(0, 0, 9)
  assert.is(t.data[0], 9)
  assert.is(tensor('int64', [1], [7n]).ndarray().get(0), 7n)
  assert.is(tensor('float32', [], [3]).ndarray().get(), 3)
})

test.run()
