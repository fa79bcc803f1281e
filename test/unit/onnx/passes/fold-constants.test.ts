import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { readOnnx } from '../../../../lib/onnx/graph/read.js'
import { writeOnnx } from '../../../../lib/onnx/graph/write.js'
import { foldConstants } from '../../../../lib/onnx/passes/fold-constants.js'
import { shapesOf } from '../../../../lib/onnx/passes/shapes.js'
import { Tensor } from '../../../../lib/core/tensor.js'
import { type Attribute, type Constant, model, type Model, type Node } from '../../../support/onnx.js'
import { largestDifference, ortRuntime, runOnce } from '../../../support/ort.js'
import { suite } from '../../../support/suite.js'

const test = suite('constant folding')

const ints = (name: string, values: readonly (number | bigint)[], dims = [values.length]): Constant => ({
  name,
  type: 'int64',
  dims,
  data: BigInt64Array.from(values, BigInt),
})
const floats = (name: string, values: readonly number[], dims = [values.length]): Constant => ({
  name,
  type: 'float32',
  dims,
  data: Float32Array.from(values),
})

/** y = Identity(nodes' `z`), so that `z` may become a constant; x is there because a session wants an input. */
function around(nodes: readonly Node[], constants: readonly Constant[], type: 'float32' | 'int64' | 'int32'): Model {
  return {
    opset: 21,
    ir: 10,
    inputs: [{ name: 'x', type, dims: [1] }],
    outputs: [
      { name: 'y', type },
      { name: 'u', type, dims: [1] },
    ],
    nodes: [...nodes, { op: 'Identity', inputs: ['z'], outputs: ['y'] }, { op: 'Identity', inputs: ['x'], outputs: ['u'] }],
    initializers: constants,
  }
}

const sampleOf = (type: 'float32' | 'int64' | 'int32') => {
  const data = { float32: Float32Array.of(1), int64: BigInt64Array.of(1n), int32: Int32Array.of(1) }[type]
  return { x: new Tensor(type, [1], data) }
}

/** Folded to the last node, and the same bits as ONNX Runtime computes. */
async function requireFolded(spec: Model): Promise<void> {
  const type = spec.inputs[0]!.type as 'float32'
  const bytes = model(spec)
  const folded = foldConstants(readOnnx(bytes))
  assert.equal(
    folded.graph.nodes.map(({ opType }) => opType),
    ['Identity', 'Identity'],
  )
  const [before, after] = await Promise.all([runOnce(bytes, sampleOf(type)), runOnce(writeOnnx(folded), sampleOf(type))])
  assert.is(largestDifference(before, after), 0)
}

const op = (name: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): Node => ({
  op: name,
  inputs,
  outputs: ['z'],
  attributes,
})
const cube = floats('a', [...Array(24).keys()], [2, 3, 4])

const cases: Readonly<Record<string, [type: 'float32' | 'int64' | 'int32', node: Node, constants: readonly Constant[]]>> = {
  'Add, repeating both': ['float32', op('Add', ['a', 'b']), [floats('a', [0.1, 0.2], [2, 1]), floats('b', [1, 2, 3], [1, 3])]],
  'Sub of integers': ['int64', op('Sub', ['a', 'b']), [ints('a', [5, -(2n ** 63n)]), ints('b', [1, 2])]],
  'Mul of int32, which wraps': [
    'int32',
    op('Mul', ['a', 'b']),
    [
      { name: 'a', type: 'int32', dims: [2], data: Int32Array.of(2 ** 30, 3) },
      { name: 'b', type: 'int32', dims: [], data: Int32Array.of(5) },
    ],
  ],
  'Div of integers, towards zero': ['int64', op('Div', ['a', 'b']), [ints('a', [-7, 7]), ints('b', [2])]],
  'Div of floats': ['float32', op('Div', ['a', 'b']), [floats('a', [1, -1, 0.3]), floats('b', [3])]],
  Sqrt: ['float32', op('Sqrt', ['a']), [floats('a', [2, 3])]],
  'Cast to integers': ['int64', op('Cast', ['a'], { to: 7 }), [floats('a', [1.9, -1.9])]],
  'Cast to floats': ['float32', op('Cast', ['a'], { to: 1 }), [ints('a', [16_777_217])]],
  Squeeze: ['int64', op('Squeeze', ['a', 'axes']), [ints('a', [1, 2], [1, 2, 1]), ints('axes', [-1])]],
  'Squeeze of all': ['int64', op('Squeeze', ['a']), [ints('a', [1, 2], [1, 2, 1])]],
  Unsqueeze: ['int64', op('Unsqueeze', ['a', 'axes']), [ints('a', [1, 2]), ints('axes', [0, -1])]],
  Reshape: ['float32', op('Reshape', ['a', 's']), [cube, ints('s', [0, -1])]],
  'Concat in the middle': ['float32', op('Concat', ['a', 'b'], { axis: 1 }), [cube, floats('b', [...Array(8).keys()], [2, 1, 4])]],
  'Gather of a scalar': ['int64', op('Gather', ['a', 'i'], { axis: 0 }), [ints('a', [5, 6, 7]), ints('i', [-1], [])]],
  'Gather in the middle': ['float32', op('Gather', ['a', 'i'], { axis: 1 }), [cube, ints('i', [2, 0, 2])]],
  'Slice from the end': [
    'float32',
    op('Slice', ['a', 's', 'e', 'axes']),
    [cube, ints('s', [-2]), ints('e', [2n ** 63n - 1n]), ints('axes', [1])],
  ],
  'Slice of nothing': ['float32', op('Slice', ['a', 's', 'e', 'axes']), [cube, ints('s', [3]), ints('e', [1]), ints('axes', [2])]],
  Transpose: ['float32', op('Transpose', ['a'], { perm: [2, 0, 1] }), [cube]],
  'Transpose without an order': ['float32', op('Transpose', ['a']), [cube]],
  ConstantOfShape: ['float32', op('ConstantOfShape', ['s'], { value: { tensor: floats('', [0.5]) } }), [ints('s', [2, 3])]],
  'Shape of a constant': ['int64', op('Shape', ['a'], { start: 1 }), [cube]],
  Size: ['int64', op('Size', ['a']), [cube]],
  Identity: ['float32', op('Identity', ['a']), [cube]],
}
for (const [name, [type, node, constants]] of Object.entries(cases)) {
  test(`${name}: the same as ONNX Runtime computes`, () => requireFolded(around([node], constants, type)))
}

test('chains fold to the end, the leftovers of a dynamic shape where the input has a fixed one', () => {
  const spec: Model = {
    inputs: [{ name: 'x', type: 'float32', dims: [2, 3] }],
    outputs: [{ name: 'y', type: 'float32' }],
    nodes: [
      { op: 'Shape', inputs: ['x'], outputs: ['shape'] },
      { op: 'Gather', inputs: ['shape', 'zero'], outputs: ['rows'] },
      { op: 'Concat', inputs: ['rows', 'rest'], outputs: ['wanted'], attributes: { axis: 0 } },
      { op: 'Reshape', inputs: ['x', 'wanted'], outputs: ['y'] },
    ],
    initializers: [ints('zero', [0]), ints('rest', [-1])],
  }
  const { graph } = foldConstants(readOnnx(model(spec)))
  assert.equal(
    graph.nodes.map(({ opType }) => opType),
    ['Reshape'],
  )
  assert.equal([...graph.initializers.keys()], ['wanted'])
  assert.equal(graph.initializers.get('wanted')!.integers(), [2n, -1n])
})

test('a shape that is free stays computed, unless it was measured and cannot change', async () => {
  const spec: Model = {
    inputs: [{ name: 'x', type: 'float32', dims: [2, 3] }],
    outputs: [{ name: 'y', type: 'int64' }],
    nodes: [
      { op: 'Relu', inputs: ['x'], outputs: ['a'] },
      { op: 'Shape', inputs: ['a'], outputs: ['s'] },
      { op: 'Identity', inputs: ['s'], outputs: ['y'] },
    ],
  }
  const read = readOnnx(model(spec))
  assert.is(foldConstants(read).graph.nodes.length, 3)
  const shapes = await shapesOf(read, ortRuntime, { x: new Tensor('float32', [2, 3], new Float32Array(6)) })
  assert.equal(shapes.get('a'), { type: 'float32', dims: [2, 3] })
  assert.equal(
    foldConstants(read, { shapes }).graph.nodes.map(({ opType }) => opType),
    ['Relu', 'Identity'],
  )
})

const left: Readonly<Record<string, [node: Node, constants: readonly Constant[]]>> = {
  'a division by zero': [op('Div', ['a', 'b']), [ints('a', [1]), ints('b', [0])]],
  'an index out of range': [op('Gather', ['a', 'i']), [ints('a', [1]), ints('i', [5])]],
  'shapes that do not fit': [op('Add', ['a', 'b']), [ints('a', [1, 2]), ints('b', [1, 2, 3])]],
  'what would be large': [op('ConstantOfShape', ['s']), [ints('s', [1_000_000, 1_000_000])]],
  'a number that an integer cannot hold': [op('Cast', ['a'], { to: 7 }), [floats('a', [1e30])]],
  'an operator of another domain': [{ ...op('Add', ['a', 'a']), domain: 'com.example' }, [ints('a', [1])]],
}
for (const [name, [node, constants]] of Object.entries(left)) {
  test(`${name} is left to whoever runs the model`, () => {
    assert.is(foldConstants(readOnnx(model(around([node], constants, 'int64')))).graph.nodes.length, 3)
  })
}

test('defaults of inputs are no constants, outputs keep their producer, and the model given is not changed', () => {
  const spec: Model = {
    inputs: [{ name: 'w', type: 'float32', dims: [1] }],
    outputs: [
      { name: 'y', type: 'float32' },
      { name: 'c', type: 'float32' },
    ],
    nodes: [
      { op: 'Identity', inputs: ['w'], outputs: ['y'] },
      { op: 'Constant', outputs: ['c'], attributes: { value_float: { float: 1.5 } } },
    ],
    initializers: [floats('w', [1])],
  }
  const bytes = model(spec)
  const read = readOnnx(bytes)
  assert.is(foldConstants(read).graph.nodes.length, 2)
  assert.is(Buffer.compare(writeOnnx(read), bytes), 0)
})

test('inside of a branch constants from outside are known', () => {
  const branch = {
    inputs: [],
    outputs: [{ name: 'out', type: 'float32' as const }],
    nodes: [
      { op: 'Add', inputs: ['one', 'one'], outputs: ['two'] },
      { op: 'Add', inputs: ['two', 'x'], outputs: ['out'] },
    ],
  }
  const spec: Model = {
    inputs: [{ name: 'x', type: 'float32', dims: [1] }],
    outputs: [{ name: 'y', type: 'float32' }],
    nodes: [{ op: 'If', inputs: ['yes'], outputs: ['y'], attributes: { then_branch: { graph: branch }, else_branch: { graph: branch } } }],
    initializers: [floats('one', [1]), { name: 'yes', type: 'bool', dims: [], data: Uint8Array.of(1) }],
  }
  const node = foldConstants(readOnnx(model(spec))).graph.nodes[0]!
  const inner = node.attributes.get('then_branch')
  assert.ok(inner?.type === 'graph')
  assert.equal(
    inner.value.nodes.map(({ inputs }) => inputs),
    [['two', 'x']],
  )
  assert.equal([...inner.value.initializers.get('two')!.floats()], [2])
})

const operand = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 4 })
test('any arithmetic of small integers is exact', () => {
  fc.assert(
    fc.property(operand, fc.integer({ min: -9, max: 9 }), fc.constantFrom('Add', 'Sub', 'Mul'), (values, other, name) => {
      const spec = around([op(name, ['a', 'b'])], [ints('a', values), ints('b', [other], [])], 'int64')
      const expected = values.map((value) => BigInt({ Add: value + other, Sub: value - other, Mul: value * other }[name]))
      assert.equal(
        foldConstants(readOnnx(model(spec)))
          .graph.initializers.get('z')!
          .integers(),
        expected,
      )
    }),
    { seed: 1, numRuns: 60 },
  )
})

test.run()
