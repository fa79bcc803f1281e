/**
 * The messages of onnx.proto that we read or write, as tables: number, kind and count of each field. What is not listed is
 * skipped by readers here. Numbers never change in ONNX; a field is added by adding its line.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

/** `name` is compared and must be exact UTF-8; `text` is for people; an enum is an `int32`. */
export type Kind = 'int64' | 'int32' | 'float' | 'name' | 'text' | 'bytes' | 'message'
export interface Field<K extends Kind = Kind, R extends boolean = boolean> {
  readonly number: number
  readonly kind: K
  readonly repeated: R
}
export type Schema = Readonly<Record<string, Field>>

const one = <K extends Kind>(number: number, kind: K): Field<K, false> => ({ number, kind, repeated: false })
const many = <K extends Kind>(number: number, kind: K): Field<K, true> => ({ number, kind, repeated: true })

export const modelProto = {
  irVersion: one(1, 'int64'),
  producerName: one(2, 'text'),
  producerVersion: one(3, 'text'),
  domain: one(4, 'text'),
  modelVersion: one(5, 'int64'),
  graph: one(7, 'message'),
  opsetImport: many(8, 'message'),
  metadataProps: many(14, 'message'),
  functions: many(25, 'message'),
} as const satisfies Schema

export const operatorSetIdProto = { domain: one(1, 'name'), version: one(2, 'int64') } as const satisfies Schema

export const graphProto = {
  node: many(1, 'message'),
  name: one(2, 'text'),
  initializer: many(5, 'message'),
  input: many(11, 'message'),
  output: many(12, 'message'),
  valueInfo: many(13, 'message'),
  sparseInitializer: many(15, 'message'),
} as const satisfies Schema

export const functionProto = {
  name: one(1, 'name'),
  input: many(4, 'name'),
  output: many(5, 'name'),
  attribute: many(6, 'name'),
  node: many(7, 'message'),
  opsetImport: many(9, 'message'),
  domain: one(10, 'name'),
  attributeProto: many(11, 'message'),
} as const satisfies Schema

export const nodeProto = {
  input: many(1, 'name'),
  output: many(2, 'name'),
  name: one(3, 'text'),
  opType: one(4, 'name'),
  attribute: many(5, 'message'),
  domain: one(7, 'name'),
} as const satisfies Schema

export const attributeProto = {
  name: one(1, 'name'),
  f: one(2, 'float'),
  i: one(3, 'int64'),
  s: one(4, 'bytes'),
  t: one(5, 'message'),
  g: one(6, 'message'),
  floats: many(7, 'float'),
  ints: many(8, 'int64'),
  strings: many(9, 'bytes'),
  tensors: many(10, 'message'),
  graphs: many(11, 'message'),
  tp: one(14, 'message'),
  type: one(20, 'int32'),
  sparseTensor: one(22, 'message'),
  sparseTensors: many(23, 'message'),
} as const satisfies Schema

/** `AttributeProto.type` */
export const attributeType = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
  sparseTensor: 11,
  typeProto: 13,
} as const

/** float_data, int32_data … are left out on purpose: they stay bytes until somebody wants the values. */
export const tensorProto = {
  dims: many(1, 'int64'),
  dataType: one(2, 'int32'),
  stringData: many(6, 'bytes'),
  name: one(8, 'name'),
  rawData: one(9, 'bytes'),
  externalData: many(13, 'message'),
  dataLocation: one(14, 'int32'),
} as const satisfies Schema

/** `TensorProto.data_location` */
export const dataLocation = { default: 0, external: 1 } as const

export const sparseTensorProto = {
  values: one(1, 'message'),
  indices: one(2, 'message'),
  dims: many(3, 'int64'),
} as const satisfies Schema

export const valueInfoProto = { name: one(1, 'name'), type: one(2, 'message') } as const satisfies Schema

export const typeProto = {
  tensorType: one(1, 'message'),
  sequenceType: one(4, 'message'),
  mapType: one(5, 'message'),
  opaqueType: one(7, 'message'),
  sparseTensorType: one(8, 'message'),
  optionalType: one(9, 'message'),
} as const satisfies Schema

/** Of `TypeProto.Tensor` and `TypeProto.SparseTensor`. */
export const tensorTypeProto = { elemType: one(1, 'int32'), shape: one(2, 'message') } as const satisfies Schema
/** Of `TypeProto.Sequence` and `TypeProto.Optional`. */
export const elementTypeProto = { elemType: one(1, 'message') } as const satisfies Schema
export const tensorShapeProto = { dim: many(1, 'message') } as const satisfies Schema
export const dimensionProto = { value: one(1, 'int64'), param: one(2, 'text') } as const satisfies Schema
/** Of metadata: text for people. */
export const stringStringEntryProto = { key: one(1, 'text'), value: one(2, 'text') } as const satisfies Schema
/** The same message where it names a file: the file that is checked must be the one that is opened. */
export const externalDataProto = { key: one(1, 'name'), value: one(2, 'name') } as const satisfies Schema
