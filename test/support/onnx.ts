import type { DataType, TypedArray } from '../../lib/core/dtypes.js'
import { typeFromNumber } from '../../lib/core/dtypes.js'
import { writeMessage } from '../../lib/onnx/message.js'
import * as schema from '../../lib/onnx/schema.js'
import type { Writer } from '../../lib/onnx/writer.js'

/** A number is a fixed size, a string the name of a free one, '' a free one without name. */
export type Dim = number | string

export interface Value {
  name: string
  type: DataType
  /** Left out: of unknown rank. */
  dims?: readonly Dim[]
  /** A sequence of such tensors, which no session takes. */
  sequence?: boolean
}

export interface Constant {
  name?: string
  type: DataType
  dims: readonly number[]
  /** The elements; their bytes are stored as they are. */
  data?: TypedArray
  /** Strings, for type 'string'. */
  strings?: readonly string[]
  /** Entries of external data, in place of `data`. */
  external?: Readonly<Record<string, string | number>>
}

/** An integer number or bigint becomes INT, any other number FLOAT; `{ float }` where a float has no fraction. */
export type Attribute =
  | number
  | bigint
  | string
  | readonly (number | bigint)[]
  | { float: number }
  | { floats: readonly number[] }
  | { strings: readonly string[] }
  | { tensor: Constant }
  | { graph: Graph }

export interface Node {
  op: string
  inputs?: readonly string[]
  outputs?: readonly string[]
  attributes?: Readonly<Record<string, Attribute>>
  domain?: string
  name?: string
}

export interface Graph {
  name?: string
  inputs: readonly Value[]
  outputs: readonly Value[]
  nodes: readonly Node[]
  initializers?: readonly Constant[]
}

export interface Model extends Graph {
  /** Default 17: every ONNX Runtime of the last years knows it. */
  opset?: number
  /** Further operator sets by domain. */
  domains?: Readonly<Record<string, number>>
  /** Default 8. */
  ir?: number
  metadata?: Readonly<Record<string, string>>
}

/** The bytes of an ONNX model. Nothing is checked: tests need wrong models too. */
export function model(spec: Model): Uint8Array {
  const opset = (domain: string, version: number) => writeMessage(schema.operatorSetIdProto, { domain, version })
  return writeMessage(schema.modelProto, {
    irVersion: spec.ir ?? 8,
    producerName: 'tensorrt-node tests',
    producerVersion: '1',
    graph: graph(spec),
    opsetImport: [opset('', spec.opset ?? 17), ...Object.entries(spec.domains ?? {}).map(([domain, version]) => opset(domain, version))],
    metadataProps: entries(spec.metadata ?? {}),
  }).finish()
}

function graph(spec: Graph): Writer {
  return writeMessage(schema.graphProto, {
    node: spec.nodes.map(node),
    name: spec.name ?? 'graph',
    initializer: (spec.initializers ?? []).map(tensor),
    input: spec.inputs.map(value),
    output: spec.outputs.map(value),
  })
}

function node({ op, inputs = [], outputs = [], attributes = {}, domain, name }: Node): Writer {
  return writeMessage(schema.nodeProto, {
    input: inputs,
    output: outputs,
    ...(name !== undefined && { name }),
    opType: op,
    attribute: Object.entries(attributes).map(([key, given]) => attribute(key, given)),
    ...(domain !== undefined && { domain }),
  })
}

function attribute(name: string, given: Attribute): Writer {
  const { attributeType: type, attributeProto } = schema
  const as = (number: number, values: object) => writeMessage(attributeProto, { name, ...values, type: number })
  if (typeof given === 'bigint' || Number.isInteger(given)) return as(type.int, { i: given })
  if (typeof given === 'number') return as(type.float, { f: given })
  if (typeof given === 'string') return as(type.string, { s: utf8(given) })
  if ('float' in given) return as(type.float, { f: given.float })
  if ('floats' in given) return as(type.floats, { floats: given.floats })
  if ('strings' in given) return as(type.strings, { strings: given.strings.map(utf8) })
  if ('tensor' in given) return as(type.tensor, { t: tensor(given.tensor) })
  if ('graph' in given) return as(type.graph, { g: graph(given.graph) })
  return as(type.ints, { ints: given })
}

export function tensor({ name, type, dims, data, strings, external }: Constant): Writer {
  return writeMessage(schema.tensorProto, {
    dims,
    dataType: typeNumber(type),
    ...(strings && { stringData: strings.map(utf8) }),
    ...(name !== undefined && { name }),
    ...(data && { rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }),
    ...(external && { externalData: entries(external), dataLocation: schema.dataLocation.external }),
  })
}

function value({ name, type, dims, sequence }: Value): Writer {
  const shape = dims && writeMessage(schema.tensorShapeProto, { dim: dims.map(dimension) })
  const tensorType = writeMessage(schema.tensorTypeProto, { elemType: typeNumber(type), ...(shape && { shape }) })
  const inner = writeMessage(schema.typeProto, { tensorType })
  const wrapped = sequence
    ? writeMessage(schema.typeProto, { sequenceType: writeMessage(schema.elementTypeProto, { elemType: inner }) })
    : inner
  return writeMessage(schema.valueInfoProto, { name, type: wrapped })
}

function dimension(dim: Dim): Writer {
  if (typeof dim === 'number') return writeMessage(schema.dimensionProto, { value: dim })
  return writeMessage(schema.dimensionProto, dim === '' ? {} : { param: dim })
}

function entries(record: Readonly<Record<string, string | number>>): Writer[] {
  return Object.entries(record).map(([key, given]) => writeMessage(schema.stringStringEntryProto, { key, value: `${given}` }))
}

/** ONNX `TensorProto.DataType` of an element type. */
export function typeNumber(type: DataType): number {
  for (let number = 1; number < 64; number++) if (typeFromNumber(number) === type) return number
  throw new Error(`No ONNX number for element type ${type}`)
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
