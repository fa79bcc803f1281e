import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { GraphIndex } from '../../../../lib/onnx/graph/graph-index.js'
import { plainRounding } from '../../../../lib/onnx/int8/kernels.js'
import { type Layer, layersOf } from '../../../../lib/onnx/int8/layers.js'
import { biasCodes, roundToNearest, rowsOf, scaleFloors, valuesOf } from '../../../../lib/onnx/int8/rounding.js'
import { floatGraph, floats, node } from '../../../support/float-models.js'
import { suite } from '../../../support/suite.js'

const test = suite('int8 rounding')

function layer(values: readonly number[], dims: readonly number[]): Layer {
  const graph = floatGraph({ inputs: [], outputs: [], nodes: [node('MatMul: x w -> y')], weights: [floats('w', dims, values)] })
  return layersOf(graph, new GraphIndex(graph)).layers[0] as Layer
}

test('gives each output channel a scale of its own', () => {
  const { codes, scales, axis } = roundToNearest(layer([127, -0.5, 64, 1.27], [2, 2]), new Float32Array(2))
  assert.equal([axis, ...codes], [1, 127, -50, 64, 127])
  assert.equal([...scales], [1, Math.fround(1.27 / 127)])
})

test('never errs by more than half a step where nothing is cut off', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ min: -10, max: 10, noNaN: true }), { minLength: 4, maxLength: 4 }), (values) => {
      const one = layer(values, [2, 2])
      const rounded = roundToNearest(one, new Float32Array(2))
      const after = valuesOf(rounded, [2, 2])
      for (let i = 0; i < 4; i++) {
        const limit = Math.max(Math.abs(values[i % 2]!), Math.abs(values[(i % 2) + 2]!))
        // The largest value may be cut to the smallest share that is tried.
        assert.ok(Math.abs(after[i]! - values[i]!) <= limit * 0.31 + 1e-6)
      }
    }),
  )
})

test('keeps a dead channel with a bias inside of 32 bits', () => {
  const dead = layer([1e-33, 1, 1e-33, 1], [2, 2])
  const bias = Float32Array.of(-2, 0.5)
  const floors = scaleFloors(dead, bias, 0.01)
  const { scales } = roundToNearest(dead, floors)
  const { codes } = biasCodes(bias, 0.01, scales)
  assert.ok(Math.abs(codes[0]!) <= 2 ** 29)
  assert.ok(Math.abs(codes[0]! * 0.01 * scales[0]! + 2) < 1e-6)
})

test('a tensor of zeros rounds to zeros', () => {
  const { codes, scales } = roundToNearest(layer([0, 0, 0, 0], [2, 2]), new Float32Array(2))
  assert.equal([...codes], [0, 0, 0, 0])
  assert.ok(scales.every((scale) => scale > 0))
})

test('finds rows along either axis', () => {
  assert.equal(rowsOf([2, 3], 0).at(1, 2), 5)
  assert.equal(rowsOf([2, 3], 1).at(1, 1), 4)
})

test('lets equal inputs share what rounding loses', async () => {
  const task = { values: Float32Array.of(0.4, 0.4), channels: 1, size: 2, covariance: Float32Array.of(1, 0.999, 0.999, 1) }
  const { codes, scales } = await plainRounding.round({ ...task, scales: Float32Array.of(1), floors: Float32Array.of(1) })
  assert.is(codes[0]! + codes[1]!, 1)
  assert.equal([...scales], [1])
})

test('independent inputs round to the nearest', async () => {
  const task = { values: Float32Array.of(0.4, -1.6), channels: 1, size: 2, covariance: Float32Array.of(1, 0, 0, 1) }
  const { codes } = await plainRounding.round({ ...task, scales: Float32Array.of(1), floors: Float32Array.of(1) })
  assert.equal([...codes], [0, -2])
})

test.run()
