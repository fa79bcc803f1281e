import type { DataType } from '../../core/dtypes.js'
import type { Weights } from './weights.js'

/**
 * A model in memory, to be edited: nodes and values are plain objects and arrays, weights are views of the file. What this
 * package does not know of a message stays in `unknown`, encoded, and is written back byte for byte.
 */
export interface OnnxModel {
  irVersion: number
  producerName: string
  producerVersion: string
  domain: string
  modelVersion: bigint
  /** Version by domain; ONNX's own is '', also where the file says 'ai.onnx'. */
  opsets: Map<string, number>
  metadata: Map<string, string>
  graph: OnnxGraph
  /** Of FunctionProto: kept as they came. */
  functions: readonly Uint8Array[]
  unknown: Uint8Array
}

export interface OnnxGraph {
  name: string
  /** In topological order, as ONNX demands. */
  nodes: OnnxNode[]
  inputs: ValueInfo[]
  outputs: ValueInfo[]
  /** By name, in the order of the file. Sparse ones, and those of an element type unknown here, are in `unknown`. */
  initializers: Map<string, Weights>
  /** What the file says of values in between, by name. */
  valueInfo: Map<string, ValueInfo>
  unknown: Uint8Array
}

export interface OnnxNode {
  name: string
  opType: string
  /** '' is ONNX's own, also where the file says 'ai.onnx'. */
  domain: string
  /** '' stands for an optional input that is left out. */
  inputs: string[]
  outputs: string[]
  attributes: Map<string, Attribute>
  unknown: Uint8Array
}

/**
 * `other`: sparse tensors, types, references to a function's attribute, tensors of an element type unknown here; the whole
 * AttributeProto, encoded. `unknown`: what an AttributeProto says besides, such as its documentation.
 */
export type Attribute = { readonly unknown?: Uint8Array } & (
  | { readonly type: 'float'; value: number }
  | { readonly type: 'int'; value: bigint }
  | { readonly type: 'string'; value: Uint8Array }
  | { readonly type: 'tensor'; value: Weights }
  | { readonly type: 'graph'; value: OnnxGraph }
  | { readonly type: 'floats'; value: readonly number[] }
  | { readonly type: 'ints'; value: readonly bigint[] }
  | { readonly type: 'strings'; value: readonly Uint8Array[] }
  | { readonly type: 'tensors'; value: readonly Weights[] }
  | { readonly type: 'graphs'; value: readonly OnnxGraph[] }
  | { readonly type: 'other'; readonly encoded: Uint8Array }
)

/** A number, or the name of a free dimension ('' where it has none). */
export type Dimension = number | string

export interface ValueInfo {
  name: string
  /** Null: not a tensor, or of an element type unknown here. */
  type: DataType | null
  /** Null: the file does not give the rank. */
  dims: Dimension[] | null
  /** The TypeProto as the file has it, where `type` cannot say it: sequences, maps, unknown element types; null for tensors. */
  encodedType: Uint8Array | null
  /** The TypeProto of a tensor that says more than type and shape (denotations); written back as long as these are still so. */
  annotated?: Uint8Array
  unknown: Uint8Array
}
