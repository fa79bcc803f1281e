import { numberOfType, typeFromNumber } from '../../core/dtypes.js'
import { readMessage, writeMessage } from '../message.js'
import { dimensionProto, tensorShapeProto, tensorTypeProto, typeProto, valueInfoProto } from '../schema.js'
import { addDimension, safeInteger } from '../tensor.js'
import { Reader } from '../wire.js'
import { Writer } from '../writer.js'
import type { Dimension, ValueInfo } from './types.js'
import { Restorer, Unknown } from './unknown.js'

type TypeOf = Pick<ValueInfo, 'type' | 'dims'>

export function readValueInfo(reader: Reader): ValueInfo {
  const unknown = new Unknown()
  let name = ''
  let encoded: Uint8Array | null = null
  readMessage(
    reader,
    valueInfoProto,
    {
      name: (value) => {
        name = value
      },
      type: (value) => {
        encoded = value.view
      },
    },
    unknown.add,
  )
  return { name, ...typed(encoded), unknown: unknown.joined() }
}

function typed(encoded: Uint8Array | null): Pick<ValueInfo, 'type' | 'dims' | 'encodedType' | 'annotated'> {
  if (encoded === null) return { type: null, dims: null, encodedType: null }
  const found = readTensorType(encoded)
  if (found === null || found.type === null) return { type: null, dims: found?.dims ?? null, encodedType: encoded }
  const isAll = Buffer.compare(writeTensorType(found).finish(), encoded) === 0
  return { ...found, encodedType: null, ...(!isAll && { annotated: encoded }) }
}

/** Null: another kind of type. */
function readTensorType(encoded: Uint8Array): TypeOf | null {
  let found: TypeOf | null = null
  // Members of one union: the last in the file counts.
  const other = () => {
    found = null
  }
  readMessage(new Reader(encoded), typeProto, {
    tensorType: (tensor) => {
      const into: TypeOf = (found = { type: null, dims: null })
      readMessage(tensor, tensorTypeProto, {
        elemType: (value) => {
          into.type = typeFromNumber(value) ?? null
        },
        shape: (shape) => {
          into.dims = readShape(shape)
        },
      })
    },
    sequenceType: other,
    mapType: other,
    opaqueType: other,
    sparseTensorType: other,
    optionalType: other,
  })
  return found
}

function readShape(reader: Reader): Dimension[] {
  const dims: Dimension[] = []
  readMessage(reader, tensorShapeProto, {
    dim: (dim) => {
      // As in inspect.ts: a negative size is a free one.
      let size: Dimension = ''
      readMessage(dim, dimensionProto, {
        value: (value, at) => {
          size = value < 0n ? '' : safeInteger(value, at, 'a dimension')
        },
        param: (value) => {
          size = value
        },
      })
      addDimension(dims as unknown[] as number[], 0, dim.start)
      dims[dims.length - 1] = size
    },
  })
  return dims
}

export function writeValueInfo(value: ValueInfo): Writer {
  const writer = new Writer()
  const restorer = new Restorer(writer, value.unknown)
  writer.text(valueInfoProto.name.number, value.name)
  restorer.before(valueInfoProto.type.number)
  const type = encodedType(value)
  if (type !== null) writer.message(valueInfoProto.type.number, type)
  restorer.end()
  return writer
}

function encodedType(value: ValueInfo): Writer | null {
  if (value.type === null) return value.encodedType && new Writer().raw(value.encodedType)
  if (value.annotated !== undefined && isStill(value, readTensorType(value.annotated))) return new Writer().raw(value.annotated)
  return writeTensorType(value)
}

function isStill({ type, dims }: ValueInfo, source: TypeOf | null): boolean {
  if (source === null || source.type !== type) return false
  return dims === null ? source.dims === null : dims.length === source.dims?.length && dims.every((size, i) => size === source.dims?.[i])
}

function writeTensorType({ type, dims }: TypeOf): Writer {
  const shape = dims && writeMessage(tensorShapeProto, { dim: dims.map(dimension) })
  const elemType = type === null ? 0 : numberOfType(type)
  return writeMessage(typeProto, { tensorType: writeMessage(tensorTypeProto, { elemType, ...(shape && { shape }) }) })
}

function dimension(size: Dimension): Writer {
  if (typeof size === 'number') return writeMessage(dimensionProto, { value: size })
  return writeMessage(dimensionProto, size === '' ? {} : { param: size })
}
