import { type DataType, typeFromNumber } from '../core/dtypes.js'
import { malformed } from './errors.js'
import { readMessage } from './message.js'
import { dataLocation, externalDataProto, type stringStringEntryProto, tensorProto } from './schema.js'
import type { Reader } from './wire.js'

/** A TensorProto without its values: views and references only. */
export interface TensorHeader {
  readonly name: string
  readonly type: DataType | null
  readonly dims: readonly number[]
  /** Bytes of its elements by type and shape; null where that is not fixed (strings, types unknown here). */
  readonly bytes: number | null
  /** What ONNX calls external data, as the file has it; null: the values are inside of the model. */
  readonly external: ReadonlyMap<string, string> | null
  /** Offset of the tensor in the model. */
  readonly at: number
}

/** Of one element; null: not fixed. */
export const bits: Readonly<Record<DataType, number | null>> = {
  float32: 32,
  float64: 64,
  float16: 16,
  bfloat16: 16,
  int8: 8,
  uint8: 8,
  int16: 16,
  uint16: 16,
  int32: 32,
  uint32: 32,
  int64: 64,
  uint64: 64,
  bool: 8,
  complex64: 64,
  complex128: 128,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
  string: null,
}

/** An int64 that is used as a size, an index or a version: exact as a number, or refused. */
export function safeInteger(value: bigint, at: number, what: string): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed(at, `${what} from 0 to 2^53`, `${value}`)
  return Number(value)
}

/** As NumPy: an empty dimension costs two bytes in a file, and no tensor has more. */
export const maxRank = 64

export function addDimension(dims: number[], size: number, at: number): void {
  if (dims.length === maxRank) throw malformed(at, `at most ${maxRank} dimensions`, 'more')
  dims.push(size)
}

export function readTensor(reader: Reader): TensorHeader {
  const at = reader.start
  let name = ''
  let type: DataType | null = null
  let isExternal = false
  const dims: number[] = []
  const external = new Map<string, string>()
  readMessage(reader, tensorProto, {
    name: (value) => {
      name = value
    },
    dataType: (value) => {
      type = typeFromNumber(value) ?? null
    },
    dims: (value, offset) => addDimension(dims, safeInteger(value, offset, 'a dimension of a tensor'), offset),
    dataLocation: (value) => {
      // A number that is neither leaves what an earlier field said: so protobuf treats unknown values of an enum.
      if (value === dataLocation.external || value === dataLocation.default) isExternal = value === dataLocation.external
    },
    externalData: (entry) => addEntry(external, entry),
  })
  return { name, type, dims, bytes: byteSize(type, dims, at), external: isExternal ? external : null, at }
}

/** Two entries of one key would let two readers of the file follow different ones. */
function addEntry(entries: Map<string, string>, entry: Reader): void {
  const at = entry.start
  const [key, value] = readEntry(entry, externalDataProto)
  if (entries.has(key)) throw malformed(at, `one entry "${key}" in the external data of a tensor`, 'a second one')
  entries.set(key, value)
}

export function readEntry(reader: Reader, schema: typeof stringStringEntryProto | typeof externalDataProto): [key: string, value: string] {
  let key = ''
  let value = ''
  readMessage(reader, schema, {
    key: (text) => {
      key = text
    },
    value: (text) => {
      value = text
    },
  })
  return [key, value]
}

/** Bytes of a tensor by type and shape; null where the type has no fixed size. */
export function byteSize(type: DataType | null, dims: readonly number[], at: number): number | null {
  const width = type === null ? null : bits[type]
  if (width === null) return null
  const bytes = Math.ceil((dims.includes(0) ? 0 : dims.reduce((product, dim) => product * dim, 1)) * (width / 8))
  if (!Number.isSafeInteger(bytes)) throw malformed(at, 'a tensor of less than 2^53 bytes', `${type} [${dims.join(', ')}]`)
  return bytes
}
