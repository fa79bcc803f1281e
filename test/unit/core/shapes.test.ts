import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { checkedSize, formatSpec, matches, shapeFromCount, within, type ShapeSpec } from '../../../lib/core/shapes.js'
import { failure } from '../../support/failure.js'

const test = suite('shapes')
const range = { min: [1, 3, 48, 32], opt: [8, 3, 48, 320], max: [32, 3, 48, 1280] }
const spec: ShapeSpec = { shape: [-1, 3, 48, -1], dimNames: ['N', '', '', 'W'], ranges: [range] }

test('a specification reads as [N, 3, 48, W] with its bounds', () => {
  assert.is(formatSpec(spec), '[N, 3, 48, W] with N 1…32 and W 32…1280')
})

test('several profiles are alternatives, equal ones are told once', () => {
  const second = { min: [1, 3, 48, 32], opt: [1, 3, 48, 32], max: [1, 3, 48, 2560] }
  assert.is(formatSpec({ ...spec, ranges: [range, range, second] }), '[N, 3, 48, W] with N 1…32 and W 32…1280, or N 1…1 and W 32…2560')
})

test('a free dimension without name is called by its index', () => {
  assert.is(formatSpec({ shape: [-1, 4], dimNames: [], ranges: [] }), '[d0, 4]')
  assert.is(formatSpec({ shape: null, dimNames: [], ranges: [] }), 'any shape')
  assert.is(formatSpec({ shape: [], dimNames: [], ranges: [] }), '[]')
})

test('the size is the product, 1 for a scalar, 0 with an empty dimension', () => {
  assert.is(checkedSize('shape', [2, 3, 4]), 24)
  assert.is(checkedSize('shape', []), 1)
  assert.is(checkedSize('shape', [0, 5]), 0)
  assert.is(checkedSize('shape', [2 ** 40, 2 ** 40, 0]), 0)
})

test('dimensions that are no counts are refused', () => {
  for (const bad of [-1, 1.5, NaN, Infinity, '3', null, undefined, 2n, 2 ** 53]) {
    const error = failure(() => checkedSize('shape of input "x"', [1, bad]))
    assert.is(error.code, 'TRT_ERR_SHAPE')
    assert.match(error.message, /shape of input "x" but received .* for dimension 1/)
  }
})

test('what is no array, has too many dimensions or overflows is refused', () => {
  for (const bad of [null, 'x', 7, { length: 1 }, new Array(17).fill(1), [2 ** 30, 2 ** 30], new Array(16).fill(2 ** 52)]) {
    assert.is(failure(() => checkedSize('shape', bad)).code, 'TRT_ERR_SHAPE')
  }
})

test('fixed dimensions must be equal, free ones may be anything', () => {
  assert.ok(matches([7, 3, 48, 0], spec.shape!))
  assert.not(matches([7, 4, 48, 0], spec.shape!))
  assert.not(matches([7, 3, 48], spec.shape!))
  assert.ok(matches([], []))
})

test('bounds include their ends', () => {
  assert.ok(within([1, 3, 48, 1280], range))
  assert.ok(within([32, 3, 48, 32], range))
  assert.not(within([33, 3, 48, 32], range))
  assert.not(within([1, 3, 48, 31], range))
})

test('a count decides one free dimension, not two', () => {
  assert.equal(shapeFromCount([2, 3], 6), [2, 3])
  assert.is(shapeFromCount([2, 3], 7), undefined)
  assert.equal(shapeFromCount([-1, 3], 6), [2, 3])
  assert.is(shapeFromCount([-1, 3], 7), undefined)
  assert.is(shapeFromCount([-1, 3, -1], 6), undefined)
  assert.is(shapeFromCount([-1, 0], 0), undefined)
  assert.equal(shapeFromCount([], 1), [])
})

test.run()
