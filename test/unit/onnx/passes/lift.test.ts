import * as assert from 'uvu/assert'
import { readOnnx } from '../../../../lib/onnx/graph/read.js'
import { writeOnnx } from '../../../../lib/onnx/graph/write.js'
import { liftOpset } from '../../../../lib/onnx/passes/lift.js'
import { changes } from '../../../../lib/onnx/passes/lift/changes.js'
import { rules } from '../../../../lib/onnx/passes/lift/rules.js'
import { failure } from '../../../support/failure.js'
import { type Case, cases, float, image, ints, modelOf, numbers, sampleOf } from '../../../support/lift-cases.js'
import { requireSame } from '../../../support/lifted.js'
import { type Constant, model, type Model, type Node } from '../../../support/onnx.js'
import { suite } from '../../../support/suite.js'

const test = suite('opset lift')

for (const [name, each] of Object.entries(cases)) {
  for (const to of [13, 19, 21].filter((version) => version > each.opset)) {
    test(`${name}: the same from ${each.opset} to ${to}`, async () => {
      const nodes = await requireSame(modelOf(each), sampleOf(each.x), to)
      if (rules[each.node.op] !== undefined && to === 21) assert.is(nodes, each.becomes ?? each.node.op)
    })
  }
}

test('Softmax over what has no known rank is the same as well', async () => {
  const each = cases['Softmax over the last axis']!
  await requireSame({ ...modelOf(each), inputs: [{ name: 'x', type: 'float32' }] }, sampleOf(each.x), 21)
})

test('the last axis is found through shapes that are computed, as exporters leave them', async () => {
  const spec: Model = {
    ...modelOf({ opset: 9, node: { op: 'Softmax' }, x: [4, 6] }),
    inputs: [{ name: 'x', type: 'float32', dims: ['N', 6] }],
    nodes: [
      { op: 'Shape', inputs: ['x'], outputs: ['shape'] },
      { op: 'Cast', inputs: ['shape'], outputs: ['small'], attributes: { to: 6 } },
      { op: 'Slice', inputs: ['small'], outputs: ['rows'], attributes: { starts: [0], ends: [1], axes: [0] } },
      { op: 'Cast', inputs: ['rows'], outputs: ['large'], attributes: { to: 7 } },
      { op: 'Concat', inputs: ['large', 'rest'], outputs: ['wanted'], attributes: { axis: 0 } },
      { op: 'Reshape', inputs: ['x', 'wanted'], outputs: ['cube'] },
      { op: 'Softmax', inputs: ['cube'], outputs: ['y0'], attributes: { axis: 2 } },
    ],
    initializers: [ints('rest', 2, 3)],
  }
  assert.is(await requireSame(spec, sampleOf([4, 6]), 21), 'Shape Cast Slice Cast Concat Reshape Softmax')
})

test('a chain of 20,000 nodes and one that goes round are lifted without a full stack', () => {
  const relu = (from: string, to: string): Node => ({ op: 'Relu', inputs: [from], outputs: [to] })
  const chain = Array.from({ length: 20_000 }, (_, i) => relu(i === 0 ? 'x' : `v${i}`, `v${i + 1}`))
  const softmax: Node = { op: 'Softmax', inputs: ['v20000'], outputs: ['y0'], attributes: { axis: 1 } }
  const long = { ...modelOf({ opset: 9, node: { op: 'Softmax' }, x: [2, 2] }), nodes: [...chain, softmax] }
  assert.ok(liftOpset(readOnnx(model(long)), 13).graph.nodes.length > 20_000)
  const round = { ...long, nodes: [relu('b', 'a'), relu('a', 'b'), { ...softmax, inputs: ['a'] }] }
  assert.is(liftOpset(readOnnx(model(round)), 13).graph.nodes.length, 6)
})

test('operators inside of branches are lifted, with constants from outside of them', async () => {
  const branch = (nodes: Node[]) => ({ graph: { inputs: [], outputs: [{ name: 'out', type: 'float32' as const }], nodes } })
  const attributes = {
    then_branch: branch([{ op: 'Clip', inputs: ['x'], outputs: ['out'], attributes: { min: float(0) } }]),
    else_branch: branch([{ op: 'Resize', inputs: ['x', 'scales'], outputs: ['out'] }]),
  }
  const yes: Constant = { name: 'yes', type: 'bool', dims: [], data: Uint8Array.of(1) }
  const spec: Model = {
    ...modelOf({ opset: 10, node: { op: 'If' }, x: image }),
    nodes: [{ op: 'If', inputs: ['yes'], outputs: ['y0'], attributes }],
    initializers: [yes, numbers('scales', [4], 1, 1, 1, 1)],
  }
  await requireSame(spec, sampleOf(image), 21)
})

test('bounds of a Clip in float16 become float16, found through the nodes before it', () => {
  const spec: Model = {
    opset: 10,
    inputs: [{ name: 'x', type: 'float16', dims: [2] }],
    outputs: [{ name: 'y', type: 'float16', dims: [2] }],
    nodes: [
      { op: 'Relu', inputs: ['x'], outputs: ['a'] },
      { op: 'Clip', inputs: ['a'], outputs: ['y'], attributes: { max: float(6) } },
    ],
  }
  const { graph } = liftOpset(readOnnx(model(spec)), 13)
  assert.is(graph.initializers.get('max')?.type, 'float16')
  assert.equal([...graph.initializers.get('max')!.floats()], [6])
})

test('bounds of unknown type are not guessed where the model has floats of several sizes', () => {
  const spec: Model = {
    opset: 10,
    domains: { custom: 1 },
    inputs: [{ name: 'x', type: 'float16', dims: [2] }],
    outputs: [],
    nodes: [
      { op: 'Secret', domain: 'custom', inputs: ['x'], outputs: ['a'] },
      { op: 'Clip', inputs: ['a'], outputs: ['y'], attributes: { max: float(6) } },
    ],
  }
  const error = failure(() => liftOpset(readOnnx(model(spec)), 13))
  assert.is(error.code, 'TRT_ERR_UNSUPPORTED')
  assert.match(error.message, 'element type')
})

test('equal constants are stored once', () => {
  const clip = (from: string, to: string): Node => ({
    op: 'Clip',
    inputs: [from],
    outputs: [to],
    attributes: { min: float(0), max: float(6) },
  })
  const spec = { ...modelOf(cases['Flatten']!), nodes: [clip('x', 'a'), clip('a', 'y0')] }
  assert.equal([...liftOpset(readOnnx(model(spec)), 21).graph.initializers.keys()], ['min', 'max'])
})

const refused: Readonly<Record<string, { each: Case; operator: string; because: string }>> = {
  'an operator unknown to ONNX': {
    each: { opset: 12, node: { op: 'Frobnicate' }, x: [2] },
    operator: 'Frobnicate',
    because: 'no operator of ONNX',
  },
  'the old Scan': { each: { opset: 8, node: { op: 'Scan' }, x: [2] }, operator: 'Scan', because: 'another operator before 9' },
  'GroupNormalization of 18': {
    each: { opset: 18, node: { op: 'GroupNormalization' }, x: [2] },
    operator: 'GroupNormalization',
    because: 'by group',
  },
  'BatchNormalization of activations': {
    each: { opset: 7, node: { op: 'BatchNormalization', attributes: { spatial: 0 } }, x: [2] },
    operator: 'BatchNormalization',
    because: 'spatial',
  },
  'BatchNormalization in training': {
    each: { opset: 9, node: { op: 'BatchNormalization' }, x: [2], outputs: 2 },
    operator: 'BatchNormalization',
    because: 'training',
  },
  'a mask of the old Dropout': { each: { opset: 9, node: { op: 'Dropout' }, x: [2], outputs: 2 }, operator: 'Dropout', because: 'mask' },
  'Resize of 10 by computed scales': {
    each: { opset: 10, node: { op: 'Resize', inputs: ['x'] }, x: [2] },
    operator: 'Resize',
    because: 'computed',
  },
  'Resize of 10 both ways': {
    each: { opset: 10, node: { op: 'Resize' }, constants: [numbers('s', [2], 2, 0.5)], x: [2, 2] },
    operator: 'Resize',
    because: 'shrinks one axis',
  },
}
for (const [name, { each, operator, because }] of Object.entries(refused)) {
  test(`${name} is refused by name`, () => {
    const error = failure(() => liftOpset(readOnnx(model(modelOf(each))), 21))
    assert.is(error.code, 'TRT_ERR_UNSUPPORTED')
    assert.is(error.details['operator'], operator)
    assert.match(error.message, because)
  })
}

test('custom operators are left alone', () => {
  const spec: Model = {
    ...modelOf(cases['Flatten']!),
    opset: 11,
    domains: { 'com.example': 3 },
    nodes: [{ op: 'Clip', domain: 'com.example', attributes: { min: float(1) } }],
  }
  const lifted = liftOpset(readOnnx(model(spec)), 21)
  assert.is(lifted.opsets.get('com.example'), 3)
  assert.ok(lifted.graph.nodes[0]!.attributes.has('min'))
})

test('the model given is not changed, and nothing is ever lowered', () => {
  const read = readOnnx(model(modelOf(cases['Clip with both bounds']!)))
  const before = writeOnnx(read)
  liftOpset(read, 21)
  assert.is(Buffer.compare(writeOnnx(read), before), 0)
  assert.is(liftOpset(readOnnx(model({ ...modelOf(cases['ArgMax']!), opset: 22 })), 13).opsets.get(''), 22)
})

test('operator sets too old, too new and not there, and functions, are refused', () => {
  const lift = (opset: number, more: object = {}) =>
    failure(() => liftOpset({ ...readOnnx(model({ ...modelOf(cases['ArgMax']!), opset })), ...more }, 21))
  assert.match(lift(6).message, 'from 7 on')
  assert.match(lift(99).message, 'as-is')
  assert.is(lift(99).code, 'TRT_ERR_UNSUPPORTED')
  assert.is(lift(12, { opsets: new Map() }).code, 'TRT_ERR_MODEL')
  assert.match(lift(12, { functions: [new Uint8Array(0)] }).message, 'functions')
  assert.is(failure(() => liftOpset(readOnnx(model(modelOf(cases['ArgMax']!))), 22)).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('weights that a file before IR 4 lists as inputs are constants', async () => {
  const spec = modelOf({ opset: 9, node: { op: 'Add' }, x: [2], constants: [numbers('w', [2], 1, 2)] })
  const old: Model = { ...spec, ir: 3, inputs: [...spec.inputs, { name: 'w', type: 'float32', dims: [2] }] }
  const lifted = liftOpset(readOnnx(model(old)), 13)
  assert.equal(
    lifted.graph.inputs.map(({ name }) => name),
    ['x'],
  )
  await requireSame(old, sampleOf([2]), 13)
})

test('every rule stands at a version in which ONNX changed the operator', () => {
  for (const [operator, versions] of Object.entries(rules)) {
    for (const version of Object.keys(versions)) {
      // Upsample is gone from 10 on: written as the Resize of 11 at once.
      const isLast = operator === 'Upsample' && version === '11'
      assert.ok(isLast || changes.get(operator)?.includes(Number(version)), `${operator} ${version}`)
    }
  }
})

test.run()
