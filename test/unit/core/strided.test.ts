import ndarray from 'ndarray'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { isContiguous, isInBounds, isStridedView, packInto, type StridedView } from '../../../lib/core/strided.js'

const test = suite('strided')
const base = ndarray(
  Float32Array.from({ length: 24 }, (_, i) => i),
  [2, 3, 4],
)

const packed = (view: StridedView<Float32Array>) => {
  const target = new Float32Array(view.shape.reduce((a, b) => a * b, 1))
  packInto(view, target)
  return [...target]
}
/** The definition: every index in row-major order, read through get(). */
const expected = (view: ndarray.NdArray<Float32Array>) => {
  const result: number[] = []
  const visit = (index: number[]) => {
    if (index.length === view.shape.length) result.push(view.get(...index))
    else for (let i = 0; i < view.shape[index.length]!; i++) visit([...index, i])
  }
  visit([])
  return result
}

test('views of any strides are packed in row-major order', () => {
  for (const view of [
    base,
    base.transpose(2, 0, 1),
    base.step(-1, 1, -2),
    base.lo(1, 1, 1),
    base.hi(1, 2, 3).transpose(1, 2, 0),
    base.pick(1, null, null),
    base.pick(1, 2, 3),
    base.lo(0, 3, 0),
    base.step(1, -1, 1).lo(0, 1, 2),
  ]) {
    assert.equal(packed(view), expected(view), `shape ${view.shape}, stride ${view.stride}, offset ${view.offset}`)
  }
})

test('stride 0 repeats', () => {
  assert.equal(packed({ data: Float32Array.of(1, 2), shape: [2, 2], stride: [0, 1], offset: 0 }), [1, 2, 1, 2])
})

test('contiguous are row-major strides without gaps, at any offset', () => {
  assert.ok(isContiguous([2, 3], [3, 1]))
  assert.ok(isContiguous([1, 3], [999, 1]))
  assert.ok(isContiguous([], []))
  assert.not(isContiguous([2, 3], [1, 2]))
  assert.not(isContiguous([2, 3], [4, 1]))
  assert.not(isContiguous([3], [-1]))
})

test('a view must lie inside its data', () => {
  const data = new Float32Array(6)
  assert.ok(isInBounds({ data, shape: [2, 3], stride: [3, 1], offset: 0 }))
  assert.not(isInBounds({ data, shape: [2, 3], stride: [3, 1], offset: 1 }))
  assert.ok(isInBounds({ data, shape: [6], stride: [-1], offset: 5 }))
  assert.not(isInBounds({ data, shape: [6], stride: [-1], offset: 4 }))
  assert.not(isInBounds({ data, shape: [6], stride: [-1], offset: 6 }))
  assert.ok(isInBounds({ data, shape: [0, 9], stride: [1, 1], offset: 0 }))
  assert.not(isInBounds({ data, shape: [2], stride: [1, 1], offset: 0 }))
  assert.not(isInBounds({ data, shape: [2], stride: [0.5], offset: 0 }))
  assert.not(isInBounds({ data, shape: [], stride: [], offset: NaN }))
})

test('ndarrays are recognised by their members', () => {
  assert.ok(isStridedView(base))
  assert.not(isStridedView({ shape: [1], data: [] }))
})

test.run()
