import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { cloneModel } from '../../../../lib/onnx/graph/clone.js'
import { allGraphs } from '../../../../lib/onnx/graph/nodes.js'
import { readOnnx } from '../../../../lib/onnx/graph/read.js'
import { writeOnnx, writeOnnxChunks } from '../../../../lib/onnx/graph/write.js'
import type { OnnxModel, OnnxNode } from '../../../../lib/onnx/graph/types.js'
import { writeMessage } from '../../../../lib/onnx/message.js'
import * as schema from '../../../../lib/onnx/schema.js'
import { Writer } from '../../../../lib/onnx/writer.js'
import { failure } from '../../../support/failure.js'
import { everyForm, graphModels, withGraph } from '../../../support/graph-models.js'
import * as models from '../../../support/models.js'
import { type Attribute, type Graph, model, type Node } from '../../../support/onnx.js'
import { realModels } from '../../../support/real-models.js'
import { suite } from '../../../support/suite.js'

const test = suite('onnx read and write')
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

for (const { name, bytes } of realModels()) {
  test(`${name} comes out as it went in, but for how it was written`, () => {
    const written = writeOnnx(readOnnx(bytes))
    // Exporters that leave out the name of ONNX's own operator set get it written: two bytes.
    assert.ok(same(written, bytes) || written.length === bytes.length + 2, `${bytes.length} bytes became ${written.length}`)
    assert.ok(same(writeOnnx(readOnnx(written)), written))
  })
}

test('all small models come out byte for byte', () => {
  const all = [...graphModels(), models.several(), models.branches(), models.slow(), models.sequence(), models.external(), models.strings()]
  for (const bytes of all) assert.ok(same(writeOnnx(readOnnx(bytes)), bytes))
})

test('the weights are views of the file, and the pieces written are views of the weights', () => {
  const { bytes } = realModels()[0]!
  const model = readOnnx(bytes)
  const copied = writeOnnxChunks(model).filter((piece) => piece.buffer !== bytes.buffer)
  const size = copied.reduce((sum, piece) => sum + piece.length, 0)
  assert.ok(size < bytes.length / 50, `${size} of ${bytes.length} bytes were copied`)
})

test('fields that no schema knows are kept at every level, among the known ones', () => {
  const node = new Writer().text(1, 'x').text(2, 'y').text(4, 'Relu').text(6, 'documentation').text(10, 'version').text(77, 'newer')
  const bytes = withGraph({ node: [node] })
  const read = readOnnx(bytes)
  assert.ok(same(writeOnnx(read), bytes))
  assert.is(read.functions.length, 1)
  // An edit elsewhere loses none of them.
  read.graph.nodes[0]!.name = 'named'
  const text = Buffer.from(writeOnnx(read)).toString('latin1')
  for (const kept of [
    'documentation of the graph',
    'unknown to anybody',
    'training_info',
    'a function',
    'documentation',
    'version',
    'newer',
  ]) {
    assert.ok(text.includes(kept), kept)
  }
})

test('sparse initializers and those of an unknown type survive', () => {
  const sparse = writeMessage(schema.sparseTensorProto, {
    values: new Writer().int64(1, 1).int64(2, 1).text(8, 's').float(4, 1),
    dims: [4],
  })
  const newer = new Writer().int64(1, 1).int64(2, 99).text(8, 'n').bytes(9, Uint8Array.of(1))
  const bytes = withGraph({ initializer: [newer], sparseInitializer: [sparse] })
  assert.ok(same(writeOnnx(readOnnx(bytes)), bytes))
  assert.is(readOnnx(bytes).graph.initializers.size, 0)
})

test('integers are exact over the whole range of int64', () => {
  const ends = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]
  const read = readOnnx(model({ inputs: [], outputs: [], nodes: [{ op: 'Slice', attributes: { ends, axis: ends[0]! } }] }))
  const { attributes } = read.graph.nodes[0]!
  assert.equal(attributes.get('ends'), { type: 'ints', value: ends })
  assert.equal(attributes.get('axis'), { type: 'int', value: ends[0] })
  assert.equal(readOnnx(writeOnnx(read)).graph.nodes[0]!.attributes.get('ends'), { type: 'ints', value: ends })
})

const attributeOf = (encoded: Writer) => {
  const node = new Writer().text(4, 'Op').message(5, encoded)
  const bytes = withGraph({ node: [node] })
  return { bytes, attribute: readOnnx(bytes).graph.nodes[0]!.attributes.get('a') }
}

test('an attribute without a type has the one of its value, as in old files', () => {
  assert.equal(attributeOf(new Writer().text(1, 'a').int64(3, 7)).attribute, { type: 'int', value: 7n })
  assert.equal(attributeOf(new Writer().text(1, 'a').float(7, 1).float(7, 2)).attribute, { type: 'floats', value: [1, 2] })
})

test('an attribute keeps its documentation, and one that refers to a function stays whole', () => {
  const documented = attributeOf(new Writer().text(1, 'a').int64(3, 7).text(13, 'why').int64(20, 2))
  assert.is(documented.attribute?.type, 'int')
  assert.ok(same(writeOnnx(readOnnx(documented.bytes)), documented.bytes))
  const referring = attributeOf(new Writer().text(1, 'a').int64(20, 2).text(21, 'outer'))
  assert.is(referring.attribute?.type, 'other')
  assert.ok(same(writeOnnx(readOnnx(referring.bytes)), referring.bytes))
})

test('what a type says besides element and shape stays as long as both do', () => {
  const dim = new Writer().int64(1, 3).text(3, 'DATA_CHANNEL')
  const tensorType = writeMessage(schema.tensorTypeProto, { elemType: 1, shape: writeMessage(schema.tensorShapeProto, { dim: [dim] }) })
  const input = writeMessage(schema.valueInfoProto, { name: 'x', type: writeMessage(schema.typeProto, { tensorType }).text(6, 'IMAGE') })
  const bytes = writeMessage(schema.modelProto, {
    irVersion: 8,
    graph: writeMessage(schema.graphProto, { name: 'g', input: [input] }),
  }).finish()
  const read = readOnnx(bytes)
  assert.equal(read.graph.inputs[0]!.dims, [3])
  assert.ok(same(writeOnnx(read), bytes))
  read.graph.inputs[0]!.dims = [4]
  assert.equal(readOnnx(writeOnnx(read)).graph.inputs[0]!.dims, [4])
  assert.not.ok(Buffer.from(writeOnnx(read)).includes('DATA_CHANNEL'))
})

test('the domain "ai.onnx" is ONNX own, and two versions of one are refused', () => {
  const read = readOnnx(
    model({ inputs: [], outputs: [], nodes: [{ op: 'Relu', domain: 'ai.onnx' }], opset: 17, domains: { 'ai.onnx': 17 } }),
  )
  assert.equal([...read.opsets], [['', 17]])
  assert.is(read.graph.nodes[0]!.domain, '')
  const twice = model({ inputs: [], outputs: [], nodes: [], opset: 17, domains: { 'ai.onnx': 18 } })
  assert.is(failure(() => readOnnx(twice)).code, 'TRT_ERR_MODEL')
})

test('a clone can be edited without the model noticing, in graphs inside of it too', () => {
  const original = readOnnx(models.branches())
  const before = writeOnnx(original)
  const copy = cloneModel(original)
  for (const graph of allGraphs(copy.graph)) {
    for (const node of graph.nodes) edit(node)
    graph.outputs[0]!.name = 'other'
  }
  copy.metadata.set('k', 'v')
  copy.opsets.set('', 3)
  assert.ok(same(writeOnnx(original), before))
  assert.not.ok(same(writeOnnx(copy), before))
})

function edit(node: OnnxNode): void {
  node.inputs.push('more')
  node.outputs[0] = 'changed'
  node.attributes.set('a', { type: 'int', value: 1n })
}

test('a file that would take too much memory is refused: 300,000 nodes of two bytes each', () => {
  const nodes = new Uint8Array(600_000)
  for (let at = 0; at < nodes.length; at += 2) nodes[at] = (schema.graphProto.node.number << 3) | 2
  const bytes = writeMessage(schema.modelProto, { irVersion: 8, graph: new Writer().raw(nodes) }).finish()
  const error = failure(() => readOnnx(bytes))
  assert.is(error.code, 'TRT_ERR_MODEL')
  assert.match(error.message, '200,000 nodes')
})

test('graphs inside of each other are read to a depth and refused beyond, never by a full stack', () => {
  const nested = (depth: number): Graph =>
    depth === 0
      ? { inputs: [], outputs: [], nodes: [] }
      : { inputs: [], outputs: [], nodes: [{ op: 'If', attributes: { then_branch: { graph: nested(depth - 1) } } }] }
  const bytes = model(nested(33))
  assert.ok(same(writeOnnx(readOnnx(bytes)), bytes))
  assert.is(failure(() => readOnnx(model(nested(34)))).code, 'TRT_ERR_MODEL')
  const cyclic: OnnxModel = readOnnx(model(nested(1)))
  cyclic.graph.nodes[0]!.attributes.set('then_branch', { type: 'graph', value: cyclic.graph })
  assert.is(failure(() => writeOnnx(cyclic)).code, 'TRT_ERR_UNSUPPORTED')
})

test('what is no model is named', () => {
  assert.match(failure(() => readOnnx(new Uint8Array(0))).message, 'no bytes at all')
  assert.is(failure(() => readOnnx(Buffer.from('{"a":1}'))).code, 'TRT_ERR_MODEL')
  assert.is(failure(() => readOnnx('model.onnx' as never)).code, 'TRT_ERR_INVALID_ARGUMENT')
})

const name = fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => !text.includes('\0'))
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const float = fc.float({ noNaN: true })
const constant = fc.array(float, { maxLength: 6 }).map((values) => ({
  tensor: { name: 'c', type: 'float32' as const, dims: [values.length], data: Float32Array.from(values) },
}))
const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  int64,
  float.map((value) => ({ float: value })),
  name,
  fc.array(int64, { minLength: 1, maxLength: 4 }),
  fc.array(float, { maxLength: 4 }).map((floats) => ({ floats })),
  fc.array(name, { maxLength: 3 }).map((strings) => ({ strings })),
  constant,
)
const dims = fc.array(fc.oneof(fc.nat(9), name), { maxLength: 4 })
const values = fc.array(fc.record({ name, type: fc.constantFrom('float32', 'int64', 'uint8', 'string'), dims }), { maxLength: 3 })
const { graph } = fc.letrec<{ graph: Graph; node: Node }>((tie) => ({
  node: fc.record({
    op: name,
    name,
    domain: fc.constantFrom('', 'com.example'),
    inputs: fc.array(name, { maxLength: 4 }),
    outputs: fc.array(name, { maxLength: 2 }),
    attributes: fc.dictionary(
      name,
      fc.oneof(
        { maxDepth: 2 },
        { weight: 4, arbitrary: attribute },
        { weight: 1, arbitrary: tie('graph').map((inner) => ({ graph: inner })) },
      ),
      {
        maxKeys: 3,
        noNullPrototype: true,
      },
    ),
  }),
  graph: fc.record({ name, inputs: values, outputs: values, nodes: fc.array(tie('node'), { maxLength: 3 }) }) as fc.Arbitrary<Graph>,
}))

test('any graph comes out byte for byte', () => {
  fc.assert(
    fc.property(graph, fc.dictionary(name, name, { maxKeys: 3, noNullPrototype: true }), (spec, metadata) => {
      const bytes = model({ ...spec, metadata })
      return same(writeOnnx(readOnnx(bytes)), bytes) && same(writeOnnx(cloneModel(readOnnx(bytes))), bytes)
    }),
    { seed: 1, numRuns: 150 },
  )
})

test('every stored form comes out byte for byte', () => {
  assert.ok(same(writeOnnx(readOnnx(everyForm())), everyForm()))
})

test.run()
