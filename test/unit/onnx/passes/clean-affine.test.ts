import * as assert from 'uvu/assert'
import { cleanModel } from '../../../../lib/onnx/passes/clean/clean.js'
import { suite } from '../../../support/suite.js'
import { lines, node, tiny, type Tiny, valuesAt } from './tiny.js'

const test = suite('clean-affine')
const conv = (inputs: string[], output: string, attributes = {}) => node('Conv', inputs, [output], { attributes })
/** 1 × 1, from two channels to two: y0 = x0 + 2 x1, y1 = 3 x0 + 4 x1. */
const w = [
  [2, 2, 1, 1],
  [1, 2, 3, 4],
] as const
const column = (a: number, b: number) =>
  [
    [1, 2, 1, 1],
    [a, b],
  ] as const

/** Nothing is folded, and nothing changes. */
function untouched(model: Tiny): void {
  const before = tiny(model)
  const { model: after, folds } = cleanModel(before)
  assert.equal([lines(after), folds], [lines(before), {}])
}

test('Mul and Add behind a Conv go into its weights and bias', () => {
  const before = tiny({
    nodes: [conv(['x', 'w'], 'a'), node('Mul', ['s', 'a'], ['b']), node('Add', ['b', 't'], ['y'])],
    constants: { w, s: [[1], [10]], t: column(5, 6) },
  })
  const { model, folds } = cleanModel(before)
  assert.equal(
    lines(model),
    ['Conv(x,w.folded,y.bias.folded) > y'].map((line) => line.replace('y.bias', 'b.bias')),
  )
  assert.equal(
    [valuesAt(model, 0, 1), valuesAt(model, 0, 2)],
    [
      [10, 20, 30, 40],
      [5, 6],
    ],
  )
  assert.equal(folds, { 'affine-into-layer': 2 })
  assert.equal(lines(before).length, 3)
})

test('Sub and Div do too, from either side where that is affine', () => {
  const { model } = cleanModel(
    tiny({
      nodes: [conv(['x', 'w', 'b'], 'a'), node('Div', ['a', 's'], ['c']), node('Sub', ['t', 'c'], ['y'])],
      constants: { w, b: [[2], [2, 4]], s: 2, t: 10 },
    }),
  )
  assert.is(model.graph.nodes.length, 1)
  assert.equal(
    [valuesAt(model, 0, 1), valuesAt(model, 0, 2)],
    [
      [-0.5, -1, -1.5, -2],
      [9, 8],
    ],
  )
})

test('BatchNormalization goes into Conv and ConvTranspose, groups included', () => {
  const vectors = { gamma: [[2], [1, 2]], beta: [[2], [0, 1]], mean: [[2], [1, 2]], variance: [[2], [4, 16]] } as const
  const norm = node('BatchNormalization', ['a', 'gamma', 'beta', 'mean', 'variance'], ['y'], { attributes: { epsilon: 0 } })
  // scale 1/2 and 2/4, shift 0 − 1/2 and 1 − 1
  for (const [opType, dims, group] of [
    ['Conv', [2, 1, 1, 1], 2n],
    ['ConvTranspose', [2, 1, 1, 1], 2n],
  ] as const) {
    const { model, folds } = cleanModel(
      tiny({ nodes: [node(opType, ['x', 'w'], ['a'], { attributes: { group } }), norm], constants: { ...vectors, w: [dims, [8, 12]] } }),
    )
    assert.equal([valuesAt(model, 0, 1), valuesAt(model, 0, 2), folds], [[4, 6], [-0.5, 0], { 'batch-norm-into-layer': 1 }])
  }
})

test('a ConvTranspose has its output channels in the second dimension', () => {
  const { model } = cleanModel(
    tiny({ nodes: [node('ConvTranspose', ['x', 'w'], ['a']), node('Mul', ['a', 's'], ['y'])], constants: { w, s: column(10, 100) } }),
  )
  assert.equal(valuesAt(model, 0, 1), [10, 200, 30, 400])
})

test('a Gemm keeps beta · C in its bias, and takes vectors along its last dimension', () => {
  const gemm = (transB: bigint) => node('Gemm', ['x', 'w', 'c'], ['a'], { attributes: { transB, beta: 2 } })
  for (const [transB, weights] of [
    [0n, [10, 200, 30, 400]],
    [1n, [10, 20, 300, 400]],
  ] as const) {
    const { model } = cleanModel(
      tiny({
        inputs: { x: [1, 2] },
        nodes: [gemm(transB), node('Mul', ['a', 's'], ['y'])],
        constants: {
          w: [
            [2, 2],
            [1, 2, 3, 4],
          ],
          c: [[2], [1, 1]],
          s: [[2], [10, 100]],
        },
      }),
    )
    assert.equal([valuesAt(model, 0, 1), valuesAt(model, 0, 2)], [weights, [20, 200]])
    assert.is(model.graph.nodes[0]!.attributes.has('beta'), false)
  }
})

test('weights that two layers share are copied, not changed', () => {
  const { model } = cleanModel(
    tiny({
      nodes: [conv(['x', 'w'], 'a'), node('Mul', ['a', 's'], ['y']), conv(['x', 'w'], 'z')],
      outputs: ['y', 'z'],
      constants: { w, s: 2 },
    }),
  )
  assert.equal(
    [valuesAt(model, 0, 1), valuesAt(model, 1, 1)],
    [
      [2, 4, 6, 8],
      [1, 2, 3, 4],
    ],
  )
})

test('scale and offset in front of unpadded layers go into all of them', () => {
  const { model, folds } = cleanModel(
    tiny({
      nodes: [
        node('Relu', ['x'], ['r']),
        node('Mul', ['r', 's'], ['a']),
        node('Add', ['a', 't'], ['b']),
        conv(['b', 'w'], 'y'),
        conv(['b', 'w'], 'z'),
      ],
      outputs: ['y', 'z'],
      constants: { w, s: 10, t: column(1, 2) },
    }),
  )
  assert.equal(
    lines(model).map((line) => line.slice(0, 7)),
    ['Relu(x)', 'Conv(r,', 'Conv(r,'],
  )
  // 1 · 1 + 2 · 2 and 3 · 1 + 4 · 2
  for (const at of [1, 2])
    assert.equal(
      [valuesAt(model, at, 1), valuesAt(model, at, 2)],
      [
        [10, 20, 30, 40],
        [5, 11],
      ],
    )
  assert.equal(folds, { 'affine-into-next-layer': 2 })
})

test('an offset in front of padding stays, with the scale behind it', () => {
  const { model } = cleanModel(
    tiny({
      nodes: [
        node('Relu', ['x'], ['r']),
        node('Mul', ['r', 's'], ['a']),
        node('Add', ['a', 't'], ['b']),
        conv(['b', 'w'], 'y', { pads: [1n, 1n, 1n, 1n] }),
      ],
      constants: { w, s: 4, t: 8 },
    }),
  )
  assert.equal(
    model.graph.nodes.map(({ opType }) => opType),
    ['Relu', 'Add', 'Conv'],
  )
  assert.equal([valuesAt(model, 1, 1), valuesAt(model, 2, 1)], [[2], [4, 8, 12, 16]])
})

test('what others see of the layer, or of the affine, is not folded', () => {
  const chain = [conv(['x', 'w'], 'a'), node('Mul', ['a', 's'], ['y'])]
  untouched({ nodes: chain, outputs: ['y', 'a'], constants: { w, s: 2 } })
  untouched({ nodes: [...chain, node('Relu', ['a'], ['z'])], outputs: ['y', 'z'], constants: { w, s: 2 } })
  const before = [node('Relu', ['x'], ['r']), node('Mul', ['r', 's'], ['b']), conv(['b', 'w'], 'y')]
  untouched({ nodes: before, outputs: ['y', 'b'], constants: { w, s: 2 } })
  untouched({ nodes: [...before, node('Relu', ['b'], ['z'])], outputs: ['y', 'z'], constants: { w, s: 2 } })
  untouched({ nodes: [node('Relu', ['x'], ['w']), ...chain], constants: { s: 2 } })
})

test('constants along other axes, or that add channels or dimensions, are not folded', () => {
  const chain = [conv(['x', 'w'], 'a'), node('Mul', ['a', 's'], ['y'])]
  for (const dims of [[1, 1, 2, 1], [1, 1, 1, 2], [2, 1, 1, 1], [2], [2, 1]])
    untouched({ nodes: chain, constants: { w, s: [dims, [2, 3]] } })
  untouched({ nodes: chain, constants: { w, s: [[1, 1, 1, 1, 1], [2]] } })
  untouched({
    nodes: chain,
    constants: {
      w: [
        [1, 2, 1, 1],
        [1, 2],
      ],
      s: column(2, 3),
    },
  })
  untouched({
    inputs: { x: [1, 1, 4, 4] },
    nodes: [node('Relu', ['x'], ['r']), node('Mul', ['r', 's'], ['b']), conv(['b', 'w'], 'y')],
    constants: { w, s: column(2, 3) },
  })
})

test('numbers that are not finite, or divisions by zero, are not folded', () => {
  const chain = (opType: string) => [conv(['x', 'w'], 'a'), node(opType, ['a', 's'], ['y'])]
  untouched({ nodes: chain('Mul'), constants: { w, s: Number.NaN } })
  untouched({ nodes: chain('Add'), constants: { w, s: Number.POSITIVE_INFINITY } })
  untouched({ nodes: chain('Div'), constants: { w, s: 0 } })
})

test('an initializer that the caller may override is no constant', () => {
  untouched({
    inputs: { x: [1, 2, 4, 4], s: [] },
    nodes: [conv(['x', 'w'], 'a'), node('Mul', ['a', 's'], ['y'])],
    constants: { w, s: 2 },
  })
})

test.run()
