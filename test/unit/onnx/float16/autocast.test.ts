import * as assert from 'uvu/assert'
import { autocast } from '../../../../lib/onnx/float16/autocast.js'
import { intAttribute } from '../../../../lib/onnx/graph/nodes.js'
import { writeOnnx } from '../../../../lib/onnx/graph/write.js'
import { floatGraph, floatModel, floats, integers, node, textOf } from '../../../support/float-models.js'
import { failure } from '../../../support/failure.js'
import { suite } from '../../../support/suite.js'

const test = suite('autocast')
const x = ['x', 'float32', [1, 2]] as const
const y = ['y', 'float32', [1, 2]] as const
const float16 = { type: 'float16' } as const
const reasons = ({ report }: ReturnType<typeof autocast>) => report.layers.map(({ node: name, reason }) => [name, reason])

test('weights become float16 in place, one Cast stands behind the input and one before the output', () => {
  const model = floatModel({
    inputs: [x],
    outputs: [y],
    nodes: [node('MatMul: x w -> h'), node('Relu: h -> y')],
    weights: [floats('w', [2, 2], [1, 2, 3, 4])],
  })
  const { model: low, report } = autocast(model, float16)
  assert.equal(textOf(low.graph), ['Cast: x -> x_float16', 'MatMul: x_float16 w -> h', 'Relu: h -> y_float16', 'Cast: y_float16 -> y'])
  const w = low.graph.initializers.get('w')!
  assert.equal([w.type, [...w.floats()], w.byteLength], ['float16', [1, 2, 3, 4], 8])
  assert.equal([report.converted, report.operators.float16, report.layers], [1, 2, []])
  assert.equal([low.graph.inputs[0]!.type, low.graph.outputs[0]!.type], ['float32', 'float32'])
})

test('the model that is given stays as it is', () => {
  const model = floatModel({ inputs: [x], outputs: [y], nodes: [node('Add: x b -> y')], weights: [floats('b', [2], [1, 2])] })
  const before = writeOnnx(model)
  autocast(model, float16)
  assert.equal(writeOnnx(model), before)
})

test('without keepIOTypes inputs and outputs are float16, and there is no Cast', () => {
  const model = floatModel({ inputs: [x], outputs: [y], nodes: [node('Relu: x -> y')] })
  const { model: low } = autocast(model, { ...float16, keepIOTypes: false })
  assert.equal(textOf(low.graph), ['Relu: x -> y'])
  assert.equal([low.graph.inputs[0]!.type, low.graph.outputs[0]!.type], ['float16', 'float16'])
})

test('an excluded node stays float32 between two Casts; weights that both need are there twice', () => {
  const nodes = [node('Mul: x s -> a'), node('Mul: a s -> b'), node('Mul: b s -> y')]
  const model = floatModel({ inputs: [x], outputs: [y], nodes, weights: [floats('s', [1], [3])] })
  const cast = autocast(model, { ...float16, exclude: ['b'] })
  assert.equal(textOf(cast.model.graph), [
    'Cast: x -> x_float16',
    'Mul: x_float16 s_float16 -> a',
    'Cast: a -> a_float32',
    'Mul: a_float32 s -> b',
    'Cast: b -> b_float16',
    'Mul: b_float16 s_float16 -> y_float16',
    'Cast: y_float16 -> y',
  ])
  assert.equal(
    [...cast.model.graph.initializers.values()].map(({ type }) => type),
    ['float32', 'float16'],
  )
  assert.equal(reasons(cast), [['b', 'excluded']])
})

test('a Cast is shared by all who need it', () => {
  const nodes = [node('Celu: x -> a'), node('Relu: a -> b'), node('Neg: a -> c'), node('Add: b c -> y')]
  const { model } = autocast(floatModel({ inputs: [x], outputs: [y], nodes }), float16)
  assert.equal(
    textOf(model.graph).filter((text) => text.startsWith('Cast: a')),
    ['Cast: a -> a_float16'],
  )
})

test('operators that know no float16 stay float32, and so do the scales of Resize', () => {
  const picture = ['x', 'float32', [1, 1, 2, 2]] as const
  const nodes = [node('Celu: x -> a'), node('Resize: a _ scales -> y', { mode: 'nearest' })]
  const model = floatModel({
    inputs: [picture],
    outputs: [['y', 'float32', [1, 1, 4, 4]]],
    nodes,
    weights: [floats('scales', [4], [1, 1, 2, 2])],
  })
  const cast = autocast(model, float16)
  assert.equal(reasons(cast), [['a', 'TensorRT takes no Celu in float16']])
  assert.is(cast.model.graph.initializers.get('scales')!.type, 'float32')
  assert.is(textOf(cast.model.graph)[2], 'Resize: a_float16 _ scales -> y_float16')
})

test('weights beyond 65504 and values beyond 512 keep a node in float32', () => {
  const nodes = [node('Mul: x big -> a'), node('Neg: a -> b'), node('Relu: b -> y')]
  const model = floatModel({ inputs: [x], outputs: [y], nodes, weights: [floats('big', [1], [-1e5])] })
  const ranges = new Map([['b', { min: -513, max: 2 }]])
  assert.equal(reasons(autocast(model, { ...float16, ranges })), [
    ['a', "weights up to 100000, beyond float16's 65500"],
    ['b', 'values up to 513 on reference data, beyond 512'],
    ['y', 'values up to 513 on reference data, beyond 512'],
  ])
  assert.is(autocast(model, { type: 'bfloat16', ranges }).report.converted, 1, 'bfloat16 has the range of float32')
})

test('what is included against the rules is clamped, and the report says so', () => {
  const weights = [floats('big', [3], [1e5, -1e9, 1e-12])]
  const model = floatModel({ inputs: [['x', 'float32', [3]]], outputs: [['y', 'float32', [3]]], nodes: [node('Mul: x big -> y')], weights })
  const { model: low, report } = autocast(model, { ...float16, include: ['Mul'] })
  assert.equal([...low.graph.initializers.get('big')!.floats()], [65504, -65504, 2 ** -24])
  assert.equal(report.notes, [
    'Weights "big": values up to 1.00e+9 became 65504, the largest of float16.',
    'Values that would be zero in float16 became 5.96e-8, its smallest, with their sign: in 1 tensors of weights.',
  ])
})

test('values that would round to zero keep their sign', () => {
  const model = floatModel({ inputs: [x], outputs: [y], nodes: [node('Mul: x w -> y')], weights: [floats('w', [2], [-1e-10, 1])] })
  assert.equal([...autocast(model, float16).model.graph.initializers.get('w')!.floats()], [-(2 ** -24), 1])
})

test('long sums stay float32', () => {
  const nodes = [node('MatMul: x w -> y')]
  const model = floatModel({ inputs: [x], outputs: [y], nodes, weights: [floats('w', [2, 2], [1, 2, 3, 4])] })
  assert.equal(reasons(autocast(model, { ...float16, maxDepth: 1 })), [['y', 'sums of 2 terms, more than 1']])
})

test('sizes on their way through a division stay float32, what they scale does not', () => {
  const nodes = [
    node('Shape: x -> shape'),
    node('Cast: shape -> sizes', { to: 1n }),
    node('Mul: sizes half -> halves'),
    node('Cast: halves -> target', { to: 7n }),
    node('Expand: x target -> y'),
  ]
  const model = floatModel({ inputs: [x], outputs: [y], nodes, weights: [floats('half', [1], [1])] })
  const { report } = autocast(model, float16)
  assert.equal(
    report.layers.map(({ node: name }) => name),
    ['sizes', 'halves', 'target'],
  )
})

test('squares and their mean in a layer normalisation stay float32', () => {
  const nodes = [
    node('ReduceMean: x -> mean', { axes: [-1n] }),
    node('Sub: x mean -> d'),
    node('Pow: d two -> square'),
    node('ReduceMean: square -> variance', { axes: [-1n] }),
    node('Add: variance eps -> sum'),
    node('Sqrt: sum -> root'),
    node('Div: d root -> y'),
  ]
  const model = floatModel({ inputs: [x], outputs: [y], nodes, weights: [floats('two', [], [2]), floats('eps', [], [1e-5])] })
  assert.equal(
    autocast(model, float16).report.layers.map(({ node: name }) => name),
    ['square', 'variance', 'sum', 'root'],
  )
})

test('types that attributes say follow: Cast, ConstantOfShape, random numbers', () => {
  const nodes = [
    node('Greater: x zero -> positive'),
    node('Cast: positive -> mask', { to: 1n }),
    node('ConstantOfShape: shape -> zeros'),
    node('RandomNormal:  -> noise', { shape: [1n, 2n] }),
    node('Sum: mask zeros noise -> y'),
  ]
  const weights = [floats('zero', [], [0]), integers('shape', [2], [1, 2])]
  const { model } = autocast(floatModel({ inputs: [x], outputs: [y], nodes, weights }), float16)
  const made = (name: string) => model.graph.nodes.find(({ outputs }) => outputs[0] === name)!
  assert.is(intAttribute(made('mask'), 'to'), 10)
  assert.is(intAttribute(made('noise'), 'dtype'), 10)
  const value = made('zeros').attributes.get('value')!
  assert.ok(value.type === 'tensor' && value.value.type === 'float16')
})

test('inside of If: a value from outside is cast once, outside; the branches give float32', () => {
  const branch = (operator: string) =>
    floatGraph({ inputs: [], outputs: [['out', 'float32', [1, 2]]], nodes: [node(`${operator}: h -> out`)] })
  const nodes = [node('Relu: x -> h'), node('If: which -> y', { then_branch: branch('Neg'), else_branch: branch('Celu') })]
  const { model } = autocast(floatModel({ inputs: [x, ['which', 'bool', []]], outputs: [y], nodes }), float16)
  assert.equal(textOf(model.graph), ['Cast: x -> x_float16', 'Relu: x_float16 -> h', 'Cast: h -> h_float32', 'If: which -> y'])
  const bodies = ['then_branch', 'else_branch'].map((name) => model.graph.nodes[3]!.attributes.get(name)!)
  assert.equal(
    bodies.map((body) => body.type === 'graph' && textOf(body.value)),
    [['Neg: h -> out_float16', 'Cast: out_float16 -> out'], ['Celu: h_float32 -> out']],
  )
})

test('Q/DQ: the scales become float16, int8 stays, and the operator set is one that allows it', () => {
  const weights = [floats('s', [], [0.5]), integers('zero', [], [0])]
  const nodes = [node('QuantizeLinear: x s zero8 -> q'), node('DequantizeLinear: q s zero8 -> d'), node('Relu: d -> y')]
  const model = floatModel({ inputs: [x], outputs: [y], nodes: [node('Cast: zero -> zero8', { to: 3n }), ...nodes], weights, opset: 13 })
  const { model: low } = autocast(model, float16)
  assert.is(low.opsets.get(''), 19)
  assert.is(low.graph.initializers.get('s')!.type, 'float16')
  assert.equal(textOf(low.graph).at(-2), 'Relu: d -> y_float16')
})

test('bfloat16 needs operator set 22', () => {
  const model = floatModel({ inputs: [x], outputs: [y], nodes: [node('Mul: x w -> y')], weights: [floats('w', [2], [1, 2.5])] })
  const { model: low } = autocast(model, { type: 'bfloat16' })
  assert.equal([low.opsets.get(''), [...low.graph.initializers.get('w')!.floats()]], [22, [1, 2.5]])
})

test('pairs of Casts that an earlier conversion left are gone', () => {
  const nodes = [node('Relu: x -> a'), node('Cast: a -> b', { to: 1n }), node('Neg: b -> y')]
  const half = ['x', 'float16', [1, 2]] as const
  const { model } = autocast(floatModel({ inputs: [half], outputs: [y], nodes }), float16)
  assert.equal(textOf(model.graph), ['Relu: x -> a', 'Neg: a -> y_float16', 'Cast: y_float16 -> y'])
})

test('a model that is float16 already is left as it was', () => {
  const nodes = [node('Relu: x -> y')]
  const model = floatModel({ inputs: [['x', 'float16', [2]]], outputs: [['y', 'float16', [2]]], nodes })
  const { model: low, report } = autocast(model, float16)
  assert.equal(textOf(low.graph), ['Relu: x -> y'])
  assert.equal(report.notes, ['The model has no float32 tensors that a node computes with: it is left as it was.'])
})

test('operators of another domain are left alone, between Casts', () => {
  const custom = { ...node('Special: a -> b'), domain: 'com.example' }
  const nodes = [node('Relu: x -> a'), custom, node('Mul: b w -> y')]
  const cast = autocast(floatModel({ inputs: [x], outputs: [y], nodes, weights: [floats('w', [1], [2])] }), float16)
  assert.equal(textOf(cast.model.graph).slice(2, 5), ['Cast: a -> a_float32', 'Special: a_float32 -> b', 'Cast: b -> b_float16'])
  assert.equal(reasons(cast), [['b', 'an operator of com.example: left alone']])
})

test('weights with NaN are named', () => {
  const model = floatModel({ inputs: [x], outputs: [y], nodes: [node('Mul: x w -> y')], weights: [floats('w', [2], [NaN, 1])] })
  const { model: low, report } = autocast(model, float16)
  assert.equal(report.notes, ['Weights "w" hold NaN: what they reach is NaN, in any precision.'])
  assert.equal([...low.graph.initializers.get('w')!.floats()], [NaN, 1])
})

test('a name in exclude that fits nothing is an error with a suggestion', () => {
  const model = floatModel({ inputs: [x], outputs: [y], nodes: [node('Relu: x -> y')] })
  const error = failure(() => autocast(model, { ...float16, exclude: ['Rleu'] }))
  assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.match(error.message, 'Did you mean "Relu"?')
  assert.match(failure(() => autocast(model, { ...float16, maxRnage: 1 } as never)).message, 'Did you mean "maxRange"?')
})

test.run()
