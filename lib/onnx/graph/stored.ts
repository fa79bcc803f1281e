import type { DataType } from '../../core/dtypes.js'
import { TrtError } from '../../core/errors.js'
import { bits } from '../tensor.js'
import { Reader } from '../wire.js'
import { Unknown } from './unknown.js'

/** The fields of TensorProto that hold values, besides `raw_data`. */
const field = { float: 4, int32: 5, string: 6, int64: 7, raw: 9, double: 10, uint64: 11 } as const

type Store = Exclude<keyof typeof field, 'raw'>

/** Which field holds the values of a type where `raw_data` does not. @see onnx.proto, TensorProto */
function storeOf(type: DataType): Store {
  if (type === 'float32' || type === 'complex64') return 'float'
  if (type === 'float64' || type === 'complex128') return 'double'
  if (type === 'int64' || type === 'string') return type === 'int64' ? 'int64' : 'string'
  return type === 'uint32' || type === 'uint64' ? 'uint64' : 'int32'
}

/**
 * The values of an encoded TensorProto as they would stand in `raw_data`: a view of it where they do, or where packed floats
 * do, else a copy.
 *
 * @param bytes As many as type and shape ask for.
 * @throws {TrtError} `TRT_ERR_MODEL`: more or fewer values than that.
 */
export function storedBytes(encoded: Uint8Array, name: string, type: DataType, bytes: number): Uint8Array {
  const store = storeOf(type)
  const found = { raw: null as Uint8Array | null, count: 0 }
  const fixed = new Unknown()
  const reader = new Reader(encoded)
  while (reader.next()) {
    if (reader.field === field.raw) found.raw = reader.bytes()
    else if (reader.field !== field[store]) continue
    else if (store === 'float' || store === 'double') fixed.add(reader.fixed(store === 'float' ? 4 : 8))
    else reader.int32s(() => found.count++)
  }
  if (found.raw !== null) return ofLength(found.raw, name, bytes)
  if (store === 'float' || store === 'double') return ofLength(fixed.joined(), name, bytes)
  const width = Math.max(1, (bits[type] as number) / 8)
  if (found.count * width !== bytes) throw wrongLength(name, bytes, found.count * width)
  return store === 'int32' ? narrow(encoded, width, bytes) : wide(encoded, field[store], width, bytes)
}

/** Numbers of at most 32 bits, floats of 8 and 16 bits by their bits, and two of 4 bits in one. */
function narrow(encoded: Uint8Array, width: number, bytes: number): Uint8Array {
  const result = new DataView(new ArrayBuffer(bytes))
  let at = 0
  each(encoded, field.int32, (reader) =>
    reader.int32s((value) => {
      if (width === 4) result.setInt32(at, value, true)
      else if (width === 2) result.setInt16(at, value, true)
      else result.setInt8(at, value)
      at += width
    }),
  )
  return new Uint8Array(result.buffer)
}

function wide(encoded: Uint8Array, number: number, width: number, bytes: number): Uint8Array {
  const result = new DataView(new ArrayBuffer(bytes))
  let at = 0
  each(encoded, number, (reader) =>
    reader.int64s((value) => {
      if (width === 8) result.setBigInt64(at, value, true)
      else result.setUint32(at, Number(BigInt.asUintN(32, value)), true)
      at += width
    }),
  )
  return new Uint8Array(result.buffer)
}

function each(encoded: Uint8Array, number: number, take: (reader: Reader) => void): void {
  const reader = new Reader(encoded)
  while (reader.next()) if (reader.field === number) take(reader)
}

/** The elements of a tensor of strings: bytes, since ONNX does not say that they are UTF-8. */
export function storedStrings(encoded: Uint8Array, name: string, size: number): Uint8Array[] {
  const found: Uint8Array[] = []
  each(encoded, field.string, (reader) => found.push(reader.bytes()))
  if (found.length !== size) throw wrongLength(name, size, found.length, 'strings')
  return found
}

export function ofLength(data: Uint8Array, name: string, bytes: number): Uint8Array {
  if (data.length === bytes) return data
  throw wrongLength(name, bytes, data.length)
}

function wrongLength(name: string, expected: number, received: number, unit = 'bytes'): TrtError {
  const message = `Weights ${JSON.stringify(name)}: expected ${expected} ${unit} by their type and shape, received ${received}. The file is damaged, or its exporter is at fault: export it again.`
  return new TrtError('TRT_ERR_MODEL', message, { name, expected, received })
}
