import type { DataType, TypedArray } from '../../core/dtypes.js'
import { fromBfloat16, fromFloat16 } from '../../core/float16.js'

type Constructor<T> = { new (buffer: ArrayBufferLike, byteOffset: number, length: number): T; readonly BYTES_PER_ELEMENT: number }

/** A view where the bytes stand at a multiple of the element's size, else a copy. Little-endian, as every machine we run on. */
export function typedView<T extends TypedArray>(array: Constructor<T>, bytes: Uint8Array): T {
  const width = array.BYTES_PER_ELEMENT
  const { buffer, byteOffset } = byteOffsetOf(bytes, width)
  return new array(buffer, byteOffset, Math.floor(bytes.length / width))
}

/** `Buffer.slice` would give a view again: the copy must be a plain Uint8Array's. */
function byteOffsetOf(bytes: Uint8Array, width: number): { buffer: ArrayBufferLike; byteOffset: number } {
  if (bytes.byteOffset % width === 0) return bytes
  return { buffer: new Uint8Array(bytes).buffer, byteOffset: 0 }
}

/** Values of a float type; exact but for float64, which is rounded. Null: not a float type that JavaScript can hold. */
export function floatsOf(type: DataType, bytes: Uint8Array): Float32Array | null {
  if (type === 'float32') return typedView(Float32Array, bytes)
  if (type === 'float16') return fromFloat16(typedView(Uint16Array, bytes))
  if (type === 'bfloat16') return fromBfloat16(typedView(Uint16Array, bytes))
  return type === 'float64' ? Float32Array.from(typedView(Float64Array, bytes)) : null
}

const integerArrays: Partial<Record<DataType, Constructor<TypedArray>>> = {
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
}

/** Values of an integer type, exact; bools are 0 and 1. Null: not an integer type. */
export function integersOf(type: DataType, bytes: Uint8Array, size: number): bigint[] | null {
  if (type === 'int4' || type === 'uint4') return nibbles(bytes, size, type === 'int4')
  const array = integerArrays[type]
  return array === undefined ? null : Array.from(typedView(array, bytes) as ArrayLike<number | bigint>, BigInt)
}

/** Two in a byte, the first in its low half. */
function nibbles(bytes: Uint8Array, size: number, signed: boolean): bigint[] {
  return Array.from({ length: size }, (_, i) => {
    const value = ((bytes[i >> 1] as number) >> (i % 2 === 0 ? 0 : 4)) & 15
    return BigInt(signed && value > 7 ? value - 16 : value)
  })
}
