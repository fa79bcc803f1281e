import * as assert from 'uvu/assert'
import type { CalibrationTable, Range } from '../../../../lib/onnx/calibration/types.js'
import { writeOnnx } from '../../../../lib/onnx/graph/write.js'
import type { OnnxModel } from '../../../../lib/onnx/graph/types.js'
import { lowerForCpu } from '../../../../lib/onnx/int8/lower-cpu.js'
import { failure } from '../../../support/failure.js'
import { floatModel, floats, node } from '../../../support/float-models.js'
import { suite } from '../../../support/suite.js'

const test = suite('lowering to integer kernels')

const table = (ranges: Readonly<Record<string, Range>>): CalibrationTable => ({
  format: 1,
  method: 'minmax',
  samples: 1,
  dropped: 0,
  tensors: new Map(
    Object.entries(ranges).map(([name, range]) => [name, { min: range.low, max: range.high, asymmetric: range, symmetric: range }]),
  ),
})
const unit = { low: 0, high: 1 }
const both = { low: -1, high: 1 }
const weights = [floats('w', [1, 1, 1, 1], [0.5]), floats('b', [1], [0.25])]
const shape = [1, 1, 4, 4]
const io = { inputs: [['x', 'float32', shape]], outputs: [['y', 'float32', shape]] } as const

const operators = ({ graph }: OnnxModel) => graph.nodes.map(({ opType }) => opType)
const plan = (layers: readonly string[], elementwise: readonly string[] = []) => ({
  layers: new Set(layers),
  weights: new Map(),
  elementwise: new Set(elementwise),
})

test('puts Q/DQ around a layer, and keeps the names of inputs and outputs', () => {
  const model = floatModel({ ...io, nodes: [node('Conv: x w b -> y')], weights })
  const lowered = lowerForCpu(model, table({ x: both, y: both }), plan(['y']))
  const dq = 'DequantizeLinear'
  assert.equal(operators(lowered), ['QuantizeLinear', dq, dq, dq, 'Conv', 'QuantizeLinear', dq])
  assert.is(lowered.graph.nodes.at(-1)?.outputs[0], 'y')
})

test('leaves out a Relu that the codes make superfluous', () => {
  const model = floatModel({ ...io, nodes: [node('Conv: x w b -> c'), node('Relu: c -> y')], weights })
  assert.not.ok(operators(lowerForCpu(model, table({ x: both, c: both, y: unit }), plan(['c']))).includes('Relu'))
})

test('keeps a Clip whose bounds the codes do not keep', () => {
  const bounds = [floats('low', [], [0]), floats('high', [], [0.5])]
  const nodes = [node('Conv: x w b -> c'), node('Clip: c low high -> y')]
  const model = floatModel({ ...io, nodes, weights: [...weights, ...bounds] })
  assert.ok(operators(lowerForCpu(model, table({ x: both, c: both, y: unit }), plan(['c']))).includes('Clip'))
})

test('computes hard-swish by an addition and a multiplication of codes', () => {
  const model = floatModel({ ...io, nodes: [node('Conv: x w b -> c'), node('HardSwish: c -> y')], weights })
  const lowered = operators(lowerForCpu(model, table({ x: both, c: both, y: both }), plan(['c'], ['y'])))
  assert.equal([lowered.includes('HardSwish'), lowered.includes('Add'), lowered.includes('Mul')], [false, true, true])
})

test('pools codes as they are, without a change of scale', () => {
  const nodes = [node('Conv: x w b -> c'), node('MaxPool: c -> y', { kernel_shape: [1n, 1n] })]
  const lowered = lowerForCpu(floatModel({ ...io, nodes, weights }), table({ x: both, c: both, y: both }), plan(['c'], ['y']))
  const pool = lowered.graph.nodes.find(({ opType }) => opType === 'MaxPool')
  const [quantize] = lowered.graph.nodes.filter(({ opType }) => opType === 'QuantizeLinear').slice(-1)
  assert.is(pool?.inputs[0], quantize?.outputs[0])
})

test('does not change the model that it is given', () => {
  const model = floatModel({ ...io, nodes: [node('Conv: x w b -> y')], weights })
  const before = writeOnnx(model)
  lowerForCpu(model, table({ x: both, y: both }), plan(['y']))
  assert.equal(writeOnnx(model), before)
})

test('refuses a plan for another graph', () => {
  const model = floatModel({ ...io, nodes: [node('Conv: x w b -> y')], weights })
  const error = failure(() => lowerForCpu(model, table({ x: both, y: both }), plan(['z'])))
  assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.match(error.message, '"z"')
})

test('a ConvTranspose is no layer for it', () => {
  const model = floatModel({ ...io, nodes: [node('ConvTranspose: x w b -> y')], weights })
  assert.is(failure(() => lowerForCpu(model, table({ x: both, y: both }), plan(['y']))).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('a layer with a NaN among its weights is none either', () => {
  const model = floatModel({ ...io, nodes: [node('Conv: x w b -> y')], weights: [floats('w', [1, 1, 1, 1], [NaN]), floats('b', [1], [0])] })
  assert.is(failure(() => lowerForCpu(model, table({ x: both, y: both }), plan(['y']))).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test.run()
