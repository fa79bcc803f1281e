/** Element types, named as ONNX names them in lower case. `string` is known only to be refused by name. */
export type DataType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool'
  | 'complex64'
  | 'complex128'
  | 'float8e4m3fn'
  | 'float8e4m3fnuz'
  | 'float8e5m2'
  | 'float8e5m2fnuz'
  | 'uint4'
  | 'int4'
  | 'float4e2m1'
  | 'string'

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

/** The typed array that carries each element type; float16 and bfloat16 travel as their bits in a Uint16Array. */
export interface ArrayOf {
  float32: Float32Array
  float64: Float64Array
  float16: Uint16Array
  bfloat16: Uint16Array
  int8: Int8Array
  uint8: Uint8Array
  int16: Int16Array
  uint16: Uint16Array
  int32: Int32Array
  uint32: Uint32Array
  int64: BigInt64Array
  uint64: BigUint64Array
  bool: Uint8Array
}

/** Element types that can go in and out of a session. */
export type TensorType = keyof ArrayOf

type ArrayConstructor<T> = {
  new (length: number): T
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): T
  readonly BYTES_PER_ELEMENT: number
}

/** Constructor of the typed array that carries each element type. */
export const arrayTypes: { readonly [K in TensorType]: ArrayConstructor<ArrayOf[K]> } = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
}

/** Indexed by ONNX `TensorProto.DataType`, the numbers of native/include/backend.h. */
// biome-ignore format: a table
const byNumber: readonly (DataType | undefined)[] = [
  undefined, 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64',
  'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16', 'float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2',
  'float8e5m2fnuz', 'uint4', 'int4', 'float4e2m1',
]

/** Name of an ONNX `TensorProto.DataType` number, `undefined` for one unknown here. */
export function typeFromNumber(number: number): DataType | undefined {
  return byNumber[number]
}

/** Whether tensors of this type can go in and out of a session. */
export function isTensorType(type: DataType): type is TensorType {
  return Object.hasOwn(arrayTypes, type)
}

/** ONNX `TensorProto.DataType` of an element type. */
export function numberOfType(type: DataType): number {
  return byNumber.indexOf(type)
}
