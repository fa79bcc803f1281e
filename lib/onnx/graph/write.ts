import { TrtError } from '../../core/errors.js'
import { writeMessage } from '../message.js'
import { attributeProto, attributeType, graphProto, modelProto, nodeProto, operatorSetIdProto, stringStringEntryProto } from '../schema.js'
import { Writer } from '../writer.js'
import type { Attribute, OnnxGraph, OnnxModel, OnnxNode } from './types.js'
import { Restorer } from './unknown.js'
import { writeValueInfo } from './value-info.js'

/** What protobuf, and so every reader of ONNX, can hold in one message. */
export const maxModelBytes = 2 ** 31 - 1

/** As deep as readers of protobuf go. */
const maxDepth = 33

/**
 * The file, weights copied once. External weights stay references: `saveOnnx` moves data.
 *
 * @throws {TrtError} `TRT_ERR_UNSUPPORTED`: 2 GiB or more.
 */
export function writeOnnx(model: OnnxModel): Uint8Array {
  return modelWriter(model).finish()
}

/** The file in pieces, for `writev`: weights and what is unknown are views, not copied. @throws {TrtError} as `writeOnnx`. */
export function writeOnnxChunks(model: OnnxModel): readonly Uint8Array[] {
  return modelWriter(model).chunks()
}

function modelWriter(model: OnnxModel): Writer {
  const writer = new Writer()
  const restorer = new Restorer(writer, model.unknown)
  const field = modelProto
  writer.int64(field.irVersion.number, model.irVersion)
  if (model.producerName !== '') writer.text(field.producerName.number, model.producerName)
  if (model.producerVersion !== '') writer.text(field.producerVersion.number, model.producerVersion)
  if (model.domain !== '') writer.text(field.domain.number, model.domain)
  if (model.modelVersion !== 0n) writer.int64(field.modelVersion.number, model.modelVersion)
  restorer.before(field.graph.number)
  writer.message(field.graph.number, graphWriter(model.graph, 0))
  restorer.before(field.opsetImport.number)
  for (const [domain, version] of model.opsets)
    writer.message(field.opsetImport.number, writeMessage(operatorSetIdProto, { domain, version }))
  restorer.before(field.metadataProps.number)
  for (const [key, value] of model.metadata)
    writer.message(field.metadataProps.number, writeMessage(stringStringEntryProto, { key, value }))
  restorer.before(field.functions.number)
  for (const encoded of model.functions) writer.bytes(field.functions.number, encoded)
  restorer.end()
  if (writer.length <= maxModelBytes) return writer
  const message = `The model takes ${writer.length} bytes, and one ONNX file holds at most ${maxModelBytes} (protobuf's limit). Keep the weights in a file beside it: saveOnnx(model, path, { externalData: 'weights.bin' }).`
  throw new TrtError('TRT_ERR_UNSUPPORTED', message, { bytes: writer.length, limit: maxModelBytes })
}

function graphWriter(graph: OnnxGraph, depth: number): Writer {
  if (depth > maxDepth) {
    throw new TrtError('TRT_ERR_UNSUPPORTED', `Graphs stand ${maxDepth} deep inside of each other, and readers of ONNX go no deeper.`, {
      limit: maxDepth,
    })
  }
  const writer = new Writer()
  const restorer = new Restorer(writer, graph.unknown)
  const field = graphProto
  for (const node of graph.nodes) writer.message(field.node.number, nodeWriter(node, depth))
  restorer.before(field.name.number)
  writer.text(field.name.number, graph.name)
  restorer.before(field.initializer.number)
  for (const [name, weights] of graph.initializers) writer.message(field.initializer.number, weights.renamed(name).write())
  restorer.before(field.input.number)
  for (const value of graph.inputs) writer.message(field.input.number, writeValueInfo(value))
  restorer.before(field.output.number)
  for (const value of graph.outputs) writer.message(field.output.number, writeValueInfo(value))
  restorer.before(field.valueInfo.number)
  for (const value of graph.valueInfo.values()) writer.message(field.valueInfo.number, writeValueInfo(value))
  restorer.end()
  return writer
}

function nodeWriter(node: OnnxNode, depth: number): Writer {
  const writer = new Writer()
  const restorer = new Restorer(writer, node.unknown)
  const field = nodeProto
  for (const name of node.inputs) writer.text(field.input.number, name)
  for (const name of node.outputs) writer.text(field.output.number, name)
  // An empty one of the file goes first, and the last counts.
  restorer.before(field.name.number + 1)
  if (node.name !== '') writer.text(field.name.number, node.name)
  writer.text(field.opType.number, node.opType)
  for (const [name, attribute] of node.attributes) writer.message(field.attribute.number, attributeWriter(name, attribute, depth))
  restorer.before(field.domain.number + 1)
  if (node.domain !== '') writer.text(field.domain.number, node.domain)
  restorer.end()
  return writer
}

function attributeWriter(name: string, attribute: Attribute, depth: number): Writer {
  const writer = new Writer()
  if (attribute.type === 'other') return writer.raw(attribute.encoded)
  const restorer = new Restorer(writer, attribute.unknown ?? new Uint8Array(0))
  const field = attributeProto
  writer.text(field.name.number, name)
  restorer.before(valueField(attribute).number)
  writeValue(writer, attribute, depth)
  restorer.before(field.type.number)
  writer.int64(field.type.number, attributeType[attribute.type])
  restorer.end()
  return writer
}

type Known = Exclude<Attribute, { type: 'other' }>

function valueField({ type }: Known): { number: number } {
  const { f, i, s, t, g, ...lists } = attributeProto
  const single = { float: f, int: i, string: s, tensor: t, graph: g }
  return type in single ? single[type as keyof typeof single] : lists[type as 'floats']
}

function writeValue(writer: Writer, attribute: Known, depth: number): void {
  const { number } = valueField(attribute)
  switch (attribute.type) {
    case 'float':
      return void writer.float(number, attribute.value)
    case 'int':
      return void writer.int64(number, attribute.value)
    case 'string':
      return void writer.bytes(number, attribute.value)
    case 'tensor':
      return void writer.message(number, attribute.value.write())
    case 'graph':
      return void writer.message(number, graphWriter(attribute.value, depth + 1))
    case 'floats':
      return attribute.value.forEach((value) => writer.float(number, value))
    case 'ints':
      return attribute.value.forEach((value) => writer.int64(number, value))
    case 'strings':
      return attribute.value.forEach((value) => writer.bytes(number, value))
    case 'tensors':
      return attribute.value.forEach((value) => writer.message(number, value.write()))
    case 'graphs':
      return attribute.value.forEach((value) => writer.message(number, graphWriter(value, depth + 1)))
  }
}
