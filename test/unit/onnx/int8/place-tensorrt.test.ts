import * as assert from 'uvu/assert'
import type { CalibrationTable } from '../../../../lib/onnx/calibration/types.js'
import { intAttribute } from '../../../../lib/onnx/graph/nodes.js'
import type { OnnxModel } from '../../../../lib/onnx/graph/types.js'
import { placementTensors, placeTensorRt } from '../../../../lib/onnx/int8/place-tensorrt.js'
import { suite } from '../../../support/suite.js'
import { failure } from '../../../support/failure.js'
import { lines, node, tiny, type Tiny } from '../passes/tiny.js'

const test = suite('place-tensorrt')
const w = [
  [2, 2, 1, 1],
  [127, -254, 10, 0],
] as const
const conv = (inputs: string[], output: string) => node('Conv', inputs, [output])

/** Every tensor from −high to high. */
function table(highs: Readonly<Record<string, number>>): CalibrationTable {
  const range = (high: number) => ({ min: -high, max: high, asymmetric: { low: -high, high }, symmetric: { low: -high, high } })
  const tensors = new Map(Object.entries(highs).map(([name, high]) => [name, range(high)]))
  return { format: 1, method: 'minmax', samples: 1, dropped: 0, tensors }
}

const placed = (model: Tiny, highs: Readonly<Record<string, number>>, layers: readonly string[]): OnnxModel =>
  placeTensorRt(tiny(model), table(highs), { layers: new Set(layers), weights: new Map() })

const scaleOf = ({ graph }: OnnxModel, tensor: string): number => graph.initializers.get(`${tensor}_scale`)!.floats()[0]!

test('a Conv gets a pair in front, int8 weights along its channels, and keeps a float bias', () => {
  const nodes = [conv(['x', 'w', 'b'], 'a'), node('Relu', ['a'], ['y'])]
  const model = placed({ nodes, constants: { w, b: [[2], [1, 2]] } }, { x: 127 }, ['a'])
  assert.equal(lines(model), [
    'QuantizeLinear(x,x_scale,zero_int8) > x_int8',
    'DequantizeLinear(x_int8,x_scale,zero_int8) > x_dequantized',
    'DequantizeLinear(w_int8,w_scale,w_zero) > w_dequantized',
    'Conv(x_dequantized,w_dequantized,b) > a',
    'Relu(a) > y',
  ])
  const { initializers } = model.graph
  assert.equal([...initializers.keys()].sort(), ['b', 'w_int8', 'w_scale', 'w_zero', 'x_scale', 'zero_int8'])
  assert.equal([initializers.get('x_scale')!.dims, scaleOf(model, 'x')], [[], 1])
  const zero = initializers.get('zero_int8')!
  assert.equal([zero.type, zero.dims, zero.integers()], ['int8', [], [0n]])
  const codes = initializers.get('w_int8')!
  assert.equal(
    [codes.type, codes.dims, initializers.get('w_zero')!.type, initializers.get('w_zero')!.dims],
    ['int8', [2, 2, 1, 1], 'int8', [2]],
  )
  assert.ok(codes.integers().every((code) => code >= -127n && code <= 127n))
  assert.is(intAttribute(model.graph.nodes[2]!, 'axis'), 0)
  assert.ok(
    initializers
      .get('w_scale')!
      .floats()
      .every((scale) => scale > 0),
  )
})

test('channels are along the axis that each kind of layer has them in', () => {
  const kinds = [
    ['ConvTranspose', {}, 1, w],
    [
      'Gemm',
      {},
      1,
      [
        [2, 2],
        [1, 2, 3, 4],
      ],
    ],
    [
      'Gemm',
      { transB: 1n },
      0,
      [
        [2, 2],
        [1, 2, 3, 4],
      ],
    ],
    [
      'MatMul',
      {},
      1,
      [
        [2, 2],
        [1, 2, 3, 4],
      ],
    ],
  ] as const
  for (const [opType, attributes, axis, weights] of kinds) {
    const nodes = [node(opType, ['x', 'w'], ['y'], { attributes })]
    const model = placed({ nodes, constants: { w: weights } }, { x: 1 }, ['y'])
    assert.is(intAttribute(model.graph.nodes[2]!, 'axis'), axis, opType)
  }
})

test('a ConvTranspose in groups has one scale', () => {
  const nodes = [node('ConvTranspose', ['x', 'w'], ['y'], { attributes: { group: 2n } })]
  const model = placed(
    {
      nodes,
      constants: {
        w: [
          [2, 1, 1, 1],
          [127, 254],
        ],
      },
    },
    { x: 1 },
    ['y'],
  )
  assert.equal([model.graph.initializers.get('w_scale')!.dims, model.graph.nodes[2]!.attributes.size], [[], 0])
  assert.equal(model.graph.initializers.get('w_int8')!.integers(), [64n, 127n])
})

test('layers share the pair of a tensor; others, and who reads it besides, stay float', () => {
  const nodes = [conv(['x', 'w'], 'a'), conv(['x', 'w'], 'b'), conv(['x', 'v'], 'c'), node('Concat', ['a', 'b', 'c'], ['y'])]
  const model = placed({ nodes, constants: { w, v: w } }, { x: 1 }, ['a', 'b'])
  assert.is(lines(model).filter((line) => line.startsWith('QuantizeLinear')).length, 1)
  assert.ok(lines(model).includes('Conv(x,v) > c'))
  assert.equal(tensorsNeeded(nodes, ['a', 'b', 'c']), { needed: ['x'], useful: [] })
})

function tensorsNeeded(nodes: Tiny['nodes'], layers: readonly string[]) {
  return placementTensors(tiny({ nodes, constants: { w, v: w } }), new Set(layers))
}

test('rounding that was made with more care is taken as it is', () => {
  const weights = { codes: Int8Array.of(1, 2, 3, 4), scales: Float32Array.of(0.5, 0.25), axis: 0 }
  const plan = { layers: new Set(['y']), weights: new Map([['y', weights]]) }
  const model = placeTensorRt(tiny({ nodes: [conv(['x', 'w'], 'y')], constants: { w } }), table({ x: 1 }), plan)
  assert.equal(model.graph.initializers.get('w_int8')!.integers(), [1n, 2n, 3n, 4n])
  assert.equal([...model.graph.initializers.get('w_scale')!.floats()], [0.5, 0.25])
})

/** r → conv a → conv b → + r → conv y: b is added to at its end, r goes past. */
const residual: Tiny['nodes'] = [
  node('Relu', ['x'], ['r']),
  conv(['r', 'w'], 'a'),
  conv(['a', 'w'], 'b'),
  node('Add', ['b', 'r'], ['s']),
  conv(['s', 'w'], 'y'),
]

test('of a residual Add the branch past the layers is quantised, the layer in it stays float', () => {
  const model = placed({ nodes: residual, constants: { w } }, { r: 1, a: 2, s: 4 }, ['a', 'b', 'y'])
  assert.ok(lines(model).includes('Add(b,r_dequantized) > s'))
  const plan = { layers: new Set(['a', 'b', 'y']), weights: new Map() }
  const without = placeTensorRt(tiny({ nodes: residual, constants: { w } }), table({ r: 1, a: 2, s: 4 }), plan, { residuals: false })
  assert.ok(lines(without).includes('Add(b,r) > s'))
})

test('of two layers that meet the shortcut is quantised', () => {
  const nodes = [conv(['x', 'w'], 'a'), conv(['a', 'w'], 'b'), conv(['x', 'v'], 'c'), node('Add', ['c', 'b'], ['s']), conv(['s', 'w'], 'y')]
  const model = placed({ nodes, constants: { w, v: w } }, { x: 1, a: 1, c: 1, s: 1 }, ['a', 'b', 'c', 'y'])
  assert.ok(lines(model).includes('Add(c_dequantized,b) > s'))
  assert.equal(tensorsNeeded(nodes, ['a', 'b', 'c', 'y']), { needed: ['x', 'a', 's'], useful: ['c'] })
})

test('no residual: the sum goes on in float, the layer is read elsewhere, is float, or the other side is a constant', () => {
  const add = (nodes: Tiny['nodes'], layers: readonly string[], outputs = ['y']) => {
    const model = placed({ nodes, constants: { w, k: 1 }, outputs }, { r: 1, a: 1, b: 1, s: 1 }, layers)
    return lines(model).find((line) => line.startsWith('Add'))
  }
  assert.is(add(residual, ['a', 'b']), 'Add(b,r) > s')
  assert.is(add(residual, ['a', 'y']), 'Add(b,r) > s')
  assert.is(add(residual, ['a', 'b', 'y'], ['y', 'b']), 'Add(b,r) > s')
  assert.is(add(residual.with(3, node('Add', ['b', 'k'], ['s'])), ['a', 'b', 'y']), 'Add(b,k) > s')
})

test('what a Concat joins has one scale, and so have both sides of what only moves values', () => {
  const nodes = [
    node('Relu', ['x'], ['a']),
    node('MaxPool', ['a'], ['b'], { attributes: { kernel_shape: [1n, 1n] } }),
    conv(['b', 'w'], 'c'),
    node('Relu', ['x'], ['d']),
    conv(['d', 'w'], 'e'),
    node('Concat', ['a', 'd'], ['f'], { attributes: { axis: 1n } }),
    conv(['f', 'v'], 'g'),
    conv(['x', 'w'], 'h'),
  ]
  const model = placed(
    {
      nodes,
      constants: {
        w,
        v: [
          [1, 4, 1, 1],
          [1, 1, 1, 1],
        ],
      },
      outputs: ['c', 'e', 'g', 'h'],
    },
    { b: 127, d: 254, f: 381, x: 12.7 },
    ['c', 'e', 'g', 'h'],
  )
  assert.equal(
    ['b', 'd', 'f'].map((name) => scaleOf(model, name)),
    [3, 3, 3],
  )
  assert.is(scaleOf(model, 'x'), Math.fround(0.1))
})

test('a softmax goes up to 1, a tensor of zeros has a scale all the same', () => {
  const nodes = [node('Softmax', ['x'], ['p']), conv(['p', 'w'], 'a'), conv(['x', 'w'], 'b')]
  const model = placed({ nodes, constants: { w }, outputs: ['a', 'b'] }, { p: 0.2, x: 0 }, ['a', 'b'])
  assert.is(scaleOf(model, 'p'), Math.fround(1 / 127))
  assert.ok(scaleOf(model, 'x') > 0)
})

test('a plan that does not fit the model, a range that is missing and an old opset are refused', () => {
  const nodes = [conv(['x', 'w'], 'y')]
  const codes = [
    () => placed({ nodes, constants: { w } }, { x: 1 }, ['z']),
    () => placed({ nodes, constants: { w } }, {}, ['y']),
    () => placed({ nodes, constants: { w }, opset: 12 }, { x: 1 }, ['y']),
    () => placed({ nodes, inputs: { x: [1, 2, 4, 4], w: [2, 2, 1, 1] } }, { x: 1 }, ['y']),
  ].map((body) => failure(body).code)
  assert.equal(codes, Array(4).fill('TRT_ERR_INVALID_ARGUMENT'))
})

test('the source stays as it was', () => {
  const model = tiny({ nodes: residual, constants: { w } })
  const before = lines(model)
  placeTensorRt(model, table({ r: 1, a: 1, s: 1 }), { layers: new Set(['a', 'b', 'y']), weights: new Map() })
  assert.equal([lines(model), [...model.graph.initializers.keys()]], [before, ['w']])
})

test.run()
