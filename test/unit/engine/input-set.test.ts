import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import type { Range } from '../../../lib/core/shapes.js'
import { tensor } from '../../../lib/core/tensor.js'
import { InputSet } from '../../../lib/engine/input-set.js'
import type { IoInfo } from '../../../lib/engine/io-info.js'
import { failure } from '../../support/failure.js'

const test = suite('input-set')
const io = (name: string, shape: number[], ranges: Range[] = []): IoInfo => ({
  name,
  type: 'float32',
  shape,
  dimNames: [],
  ranges,
  isShape: false,
})
const two = new InputSet([io('image', [1, 2]), io('mask', [-1])], null)
const shapes = new Float64Array(8)
const refused = (set: InputSet, inputs: unknown, code: string, message: RegExp) => {
  const error = failure(() => set.take(inputs as Record<string, unknown>, new Float64Array(set.shapeLength)))
  assert.is(error.code, code)
  assert.match(error.message, message)
  return error
}
const image = new Float32Array(2)
const mask = new Float32Array(3)

test('views come in the order of the engine, shapes one after the other', () => {
  assert.equal(two.take({ mask, image }, shapes), [image, mask])
  assert.equal([...shapes.subarray(0, two.end)], [2, 1, 2, 1, 3])
  assert.is(two.shapeLength, 5)
})

test('a misspelt name is told with the nearest', () => {
  const error = refused(
    two,
    { imgae: image, mask },
    'TRT_ERR_NAME',
    /Input "imgae" is not one of the engine's\. Did you mean "image"\? Missing: "image"\./,
  )
  assert.equal(error.details, { expected: ['image', 'mask'], missing: ['image'], unknown: ['imgae'] })
})

test('missing and extra names are told', () => {
  refused(two, { image }, 'TRT_ERR_NAME', /Missing: "mask"\. The engine takes "image", "mask"/)
  refused(two, { image, mask, other: mask }, 'TRT_ERR_NAME', /Input "other" is not one/)
  refused(two, {}, 'TRT_ERR_NAME', /Missing: "image", "mask"/)
})

test('a bare array or nothing at all is no object of inputs', () => {
  for (const inputs of [image, [image], null, undefined, 7, 'x'])
    refused(two, inputs, 'TRT_ERR_INVALID_ARGUMENT', /Expected an object of inputs by name, as in run\(\{ x \}\)/)
})

const range = (min: number, max: number): Range => ({ min: [min], opt: [min], max: [max] })
const profiled = new InputSet([io('a', [-1], [range(1, 4), range(8, 16)]), io('b', [-1], [range(1, 4), range(8, 16)])], null)
const sized = (n: number) => tensor('float32', [n])

test('all inputs must fit one profile together', () => {
  profiled.take({ a: sized(4), b: sized(1) }, shapes)
  profiled.take({ a: sized(8), b: sized(16) }, shapes)
  refused(
    profiled,
    { a: sized(4), b: sized(8) },
    'TRT_ERR_SHAPE',
    /No single profile of the engine takes these shapes together: "a" \[4\], "b" \[8\]/,
  )
})

test('an input that fits no profile is named', () => {
  refused(profiled, { a: sized(4), b: sized(5) }, 'TRT_ERR_SHAPE', /Input "b" takes \[d0\] with d0 1…4, or d0 8…16; received \[5\]/)
})

test('an engine without inputs takes an empty object', () => {
  assert.equal(new InputSet([], null).take({}, shapes), [])
})

test.run()
