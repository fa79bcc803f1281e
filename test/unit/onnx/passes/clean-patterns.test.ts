import * as assert from 'uvu/assert'
import { floatAttribute, makeGraph, makeValueInfo } from '../../../../lib/onnx/graph/nodes.js'
import { Weights } from '../../../../lib/onnx/graph/weights.js'
import { cleanModel } from '../../../../lib/onnx/passes/clean/clean.js'
import { suite } from '../../../support/suite.js'
import { int64, lines, node, tiny, type Tiny, valuesAt } from './tiny.js'

const test = suite('clean-patterns')
const half = { alpha: 1 / 6, beta: 0.5 }
const numbers = { zero: 0, one: 1, two: 2, three: 3, six: 6, sixth: 1 / 6, half: 0.5, root2: Math.SQRT2, eps: 1e-5 }

function folded(model: Tiny, expected: readonly string[], folds: Readonly<Record<string, number>>): void {
  const { model: after, folds: found } = cleanModel(tiny({ constants: numbers, ...model }))
  assert.equal([lines(after), found], [expected, folds])
}

/** Whatever else happens, no node of this kind comes out. */
function never(opType: string, model: Tiny): void {
  const { model: after } = cleanModel(tiny({ constants: numbers, ...model }))
  assert.is(
    after.graph.nodes.some((each) => each.opType === opType),
    false,
    lines(after).join('\n'),
  )
}

const add3 = node('Add', ['x', 'three'], ['a'])
const clip = node('Clip', ['a', 'zero', 'six'], ['b'])
const gate = [add3, clip]

test('hard-swish in all its spellings becomes HardSwish', () => {
  const spellings = [
    [...gate, node('Mul', ['x', 'b'], ['c']), node('Div', ['c', 'six'], ['y'])],
    [...gate, node('Mul', ['b', 'x'], ['c']), node('Mul', ['sixth', 'c'], ['y'])],
    [...gate, node('Div', ['b', 'six'], ['c']), node('Mul', ['x', 'c'], ['y'])],
    [node('HardSigmoid', ['x'], ['b'], { attributes: half }), node('Mul', ['x', 'b'], ['y'])],
  ]
  for (const nodes of spellings) folded({ nodes }, ['HardSwish(x) > y'], { 'hard-swish': 1 })
})

test('what only looks like hard-swish stays', () => {
  const end = [node('Mul', ['x', 'b'], ['c']), node('Div', ['c', 'six'], ['y'])]
  const wrong: Tiny[] = [
    { nodes: [node('Add', ['x', 'two'], ['a']), clip, ...end] },
    { nodes: [add3, node('Clip', ['a', 'zero', 'three'], ['b']), ...end] },
    { nodes: [add3, node('Clip', ['a', '', 'six'], ['b']), ...end] },
    { nodes: [...gate, end[0]!, node('Div', ['c', 'three'], ['y'])] },
    { nodes: [...gate, end[0]!, node('Div', ['six', 'c'], ['y'])] },
    { nodes: [...gate, node('Mul', ['z', 'b'], ['c']), end[1]!], inputs: { x: [2], z: [2] } },
    { nodes: [...gate, ...end], outputs: ['y', 'c'] },
    { nodes: [...gate, ...end], outputs: ['y', 'b'] },
    { nodes: [...gate, ...end, node('Relu', ['a'], ['z'])], outputs: ['y', 'z'] },
    { nodes: [...gate, ...end], opset: 13 },
    { nodes: [node('HardSigmoid', ['x'], ['b']), node('Mul', ['x', 'b'], ['y'])] },
  ]
  for (const model of wrong) never('HardSwish', model)
})

const erf = [node('Div', ['x', 'root2'], ['a']), node('Erf', ['a'], ['b']), node('Add', ['b', 'one'], ['c'])]

test('GELU in all its spellings becomes Gelu', () => {
  const spellings = [
    [...erf, node('Mul', ['x', 'c'], ['d']), node('Mul', ['d', 'half'], ['y'])],
    [...erf, node('Mul', ['half', 'c'], ['d']), node('Mul', ['d', 'x'], ['y'])],
    [...erf, node('Mul', ['x', 'half'], ['d']), node('Mul', ['d', 'c'], ['y'])],
    [...erf, node('Mul', ['x', 'c'], ['d']), node('Div', ['d', 'two'], ['y'])],
  ]
  for (const nodes of spellings) folded({ nodes }, ['Gelu(x) > y'], { gelu: 1 })
})

test('what only looks like GELU stays', () => {
  const end = [node('Mul', ['x', 'c'], ['d']), node('Mul', ['d', 'half'], ['y'])]
  const wrong: Tiny[] = [
    { nodes: [node('Div', ['x', 'two'], ['a']), ...erf.slice(1), ...end] },
    { nodes: [...erf.slice(0, 2), node('Add', ['b', 'two'], ['c']), ...end] },
    { nodes: [...erf, end[0]!, node('Mul', ['d', 'two'], ['y'])] },
    { nodes: [...erf, node('Mul', ['x', 'c'], ['d']), node('Mul', ['d', 'x'], ['y'])] },
    { nodes: [...erf, node('Mul', ['half', 'c'], ['d']), node('Mul', ['d', 'half'], ['y'])] },
    { nodes: [...erf, ...end], outputs: ['y', 'b'] },
    { nodes: [...erf, ...end], opset: 19 },
  ]
  for (const model of wrong) never('Gelu', model)
})

const vectors = { ...numbers, axes: int64(-1), gamma: [[2], [1, 2]], beta: [[2], [3, 4]] } as const
const norm = [
  node('ReduceMean', ['x', 'axes'], ['m']),
  node('Sub', ['x', 'm'], ['d']),
  node('Pow', ['d', 'two'], ['p']),
  node('ReduceMean', ['p', 'axes'], ['v']),
  node('Add', ['v', 'eps'], ['e']),
  node('Sqrt', ['e'], ['s']),
  node('Div', ['d', 's'], ['n']),
  node('Mul', ['n', 'gamma'], ['g']),
  node('Add', ['g', 'beta'], ['y']),
]
const layerNorm = { inputs: { x: [1, 3, 2] }, constants: vectors }

test('a layer norm becomes LayerNormalization, with its epsilon', () => {
  const { model, folds } = cleanModel(tiny({ ...layerNorm, nodes: norm }))
  assert.equal([lines(model), folds], [['LayerNormalization(x,gamma,beta) > y'], { 'layer-norm': 1 }])
  assert.is(floatAttribute(model.graph.nodes[0]!, 'epsilon'), Math.fround(1e-5))
  const squared = norm
    .with(2, node('Mul', ['d', 'd'], ['p']))
    .with(7, node('Mul', ['n', 'gamma'], ['y']))
    .slice(0, 8)
  folded({ ...layerNorm, nodes: squared }, ['LayerNormalization(x,gamma) > y'], { 'layer-norm': 1 })
  const axis2 = norm.map((each) => (each.opType === 'ReduceMean' ? node('ReduceMean', [each.inputs[0]!, 'last'], each.outputs) : each))
  folded({ ...layerNorm, constants: { ...vectors, last: int64(2) }, nodes: axis2 }, ['LayerNormalization(x,gamma,beta) > y'], {
    'layer-norm': 1,
  })
})

test('what only looks like a layer norm stays', () => {
  const other = (at: number, each: ReturnType<typeof node>) => ({ ...layerNorm, nodes: norm.with(at, each) })
  const wrong: Tiny[] = [
    { ...layerNorm, nodes: norm, constants: { ...vectors, axes: int64(1) } },
    { ...layerNorm, nodes: norm, constants: { ...vectors, axes: int64(1, 2) } },
    { ...layerNorm, nodes: norm, opset: 16 },
    { ...layerNorm, nodes: norm, outputs: ['y', 'm'] },
    { ...layerNorm, nodes: norm, outputs: ['y', 'd'] },
    { ...layerNorm, nodes: norm, outputs: ['y', 's'] },
    other(0, node('ReduceMean', ['x', 'axes'], ['m'], { attributes: { keepdims: 0n } })),
    other(2, node('Pow', ['d', 'three'], ['p'])),
    other(2, node('Pow', ['x', 'two'], ['p'])),
    other(6, node('Div', ['x', 's'], ['n'])),
    other(7, node('Mul', ['n', 'x'], ['g'])),
  ]
  for (const model of wrong) never('LayerNormalization', model)
})

test('Identity, Dropout, · 1 and + 0 go', () => {
  const nodes = [
    node('Identity', ['x'], ['a']),
    node('Dropout', ['a'], ['b', 'mask']),
    node('Mul', ['one', 'b'], ['c']),
    node('Sub', ['c', 'zero'], ['d']),
    node('Relu', ['d'], ['e']),
    node('Div', ['e', 'one'], ['y']),
  ]
  folded({ nodes }, ['Relu(x) > y'], { identity: 1, dropout: 1, neutral: 3 })
})

test('they stay where they are needed', () => {
  const kept: Tiny[] = [
    { nodes: [node('Identity', ['x'], ['y'])] },
    { nodes: [node('Relu', ['x'], ['z']), node('Identity', ['z'], ['y'])], outputs: ['z', 'y'] },
    { nodes: [node('Dropout', ['x'], ['y', 'mask'])], outputs: ['y', 'mask'] },
    { nodes: [node('Dropout', ['x', '', 'on'], ['y'])], constants: { on: Weights.of('', 'bool', [], Uint8Array.of(1)) } },
    { nodes: [node('Sub', ['zero', 'x'], ['y'])] },
    { nodes: [node('Mul', ['x', 'ones'], ['y'])], inputs: { x: [2] }, constants: { ones: [[1, 1], [1]] } },
    { nodes: [node('Mul', ['x', 'ones'], ['y'])], inputs: { x: [1] }, constants: { ones: [[2], [1, 1]] } },
  ]
  for (const model of kept) {
    const before = tiny({ constants: numbers, ...model })
    assert.equal(cleanModel(before).folds, {}, lines(before).join('; '))
  }
})

test('what a subgraph takes from outside keeps its value', () => {
  const branch = makeGraph({ nodes: [node('Neg', ['a'], ['o'])], outputs: [makeValueInfo('o', 'float32')] })
  const choice = node('If', ['c'], ['y'], { attributes: { then_branch: branch, else_branch: branch } })
  const nodes = [node('Conv', ['x', 'w'], ['a']), node('Mul', ['a', 'two'], ['z']), choice]
  const inputs = { x: [1, 1, 2, 2], c: [] }
  const constants = { ...numbers, w: [[1, 1, 1, 1], [5]] } as const
  const { model, folds } = cleanModel(tiny({ nodes, inputs, constants, outputs: ['y', 'z'] }))
  assert.equal([folds, lines(model).length], [{}, 3])
})

const cuts = {
  w: [
    [4, 1, 1, 1],
    [0, 1, 2, 3],
  ],
  b: [[4], [10, 11, 12, 13]],
  s1: int64(1),
  e2: int64(2),
  s3: int64(3),
  e9: int64(2 ** 31 - 1),
  axis: int64(1),
  height: int64(2),
} as const
const pruned = {
  inputs: { x: [1, 1, 4, 4] },
  outputs: ['y', 'z'],
  constants: cuts,
  nodes: [
    node('Conv', ['x', 'w', 'b'], ['a']),
    node('Slice', ['a', 's1', 'e2', 'axis'], ['y']),
    node('Slice', ['a', 's3', 'e9', 'axis'], ['z']),
  ],
}

test('channels that no Slice reads go', () => {
  const { model, folds } = cleanModel(tiny(pruned))
  assert.equal(folds, { 'pruned-channels': 1 })
  assert.equal(
    [valuesAt(model, 0, 1), valuesAt(model, 0, 2)],
    [
      [1, 3],
      [11, 13],
    ],
  )
  assert.equal(
    [1, 2].map((at) => [valuesAt(model, at, 1), valuesAt(model, at, 2)]),
    [
      [[0], [1]],
      [[1], [2]],
    ],
  )
})

test('through a Resize too, whose sizes follow', () => {
  const [conv, ...slices] = pruned.nodes
  const resized = slices.map(({ inputs, outputs }) => node('Slice', ['r', ...inputs.slice(1)], outputs))
  const sizes = { ...cuts, sizes: int64(1, 4, 8, 8) }
  const { model, folds } = cleanModel(
    tiny({ ...pruned, constants: sizes, nodes: [conv!, node('Resize', ['a', '', '', 'sizes'], ['r']), ...resized] }),
  )
  assert.equal([folds, valuesAt(model, 1, 3)], [{ 'pruned-channels': 1 }, [1, 2, 8, 8]])
  const scales = { ...cuts, scales: [[4], [1, 1, 2, 2]] } as const
  const scaled = cleanModel(tiny({ ...pruned, constants: scales, nodes: [conv!, node('Resize', ['a', '', 'scales'], ['r']), ...resized] }))
  assert.equal(scaled.folds, { 'pruned-channels': 1 })
})

test('channels stay that somebody else reads, or that go elsewhere than along the channels', () => {
  const [conv, first, second] = pruned.nodes as [ReturnType<typeof node>, ReturnType<typeof node>, ReturnType<typeof node>]
  const wrong: Tiny[] = [
    { ...pruned, outputs: ['y', 'z', 'a'] },
    { ...pruned, nodes: [...pruned.nodes, node('Relu', ['a'], ['q'])], outputs: ['y', 'z', 'q'] },
    { ...pruned, nodes: [conv, node('Slice', ['a', 's1', 'e2', 'height'], ['y']), second] },
    {
      ...pruned,
      nodes: [conv, node('Slice', ['a', 's1', 'e9', 'axis'], ['y']), node('Slice', ['a', 'zeros', 'e2', 'axis'], ['z'])],
      constants: { ...cuts, zeros: int64(0) },
    },
    { ...pruned, nodes: [conv, node('Slice', ['a', 's1', 'n', 'axis'], ['y']), second], inputs: { ...pruned.inputs, n: [1] } },
    { ...pruned, nodes: [conv, first, node('Shape', ['a'], ['z'])] },
  ]
  for (const model of wrong) assert.equal(cleanModel(tiny(model)).folds, {})
})

test('a pattern comes before the fold that would take a piece of it', () => {
  const nodes = [...gate, node('Mul', ['x', 'b'], ['c']), node('Div', ['c', 'six'], ['d']), node('Conv', ['d', 'w'], ['y'])]
  folded(
    {
      nodes,
      constants: {
        ...numbers,
        w: [
          [1, 2, 1, 1],
          [1, 2],
        ],
      },
    },
    ['HardSwish(x) > d', 'Conv(d,w) > y'],
    { 'hard-swish': 1 },
  )
})

test.run()
