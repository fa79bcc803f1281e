import { arrayTypes, type ArrayOf, type TensorType } from './dtypes.js'
import { TrtError } from './errors.js'
import { parsePythonLiteral, type PythonValue } from './python-literal.js'
import { sizeOf } from './shapes.js'

/** What a `.npy` file holds, in row-major order: the fields of a Tensor. */
export interface NpyArray<K extends TensorType = TensorType> {
  readonly type: K
  readonly shape: readonly number[]
  readonly data: ArrayOf[K]
}

const MAGIC = '\x93NUMPY'
// numpy aligns the data for memory mapping; readers must not rely on it.
const ALIGNMENT = 64
// numpy's own limit since 2.0; a header of version 2 could ask for 4 GiB.
const MAX_HEADER = 1 << 20
const MAX_RANK = 64
const HOST_ORDER = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? '<' : '>'

// bfloat16 has no numpy type: the ml_dtypes package stores it as two raw bytes, and so do we.
const typeOfCode: Readonly<Record<string, TensorType>> = {
  f4: 'float32',
  f8: 'float64',
  f2: 'float16',
  V2: 'bfloat16',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  b1: 'bool',
}
const codeOfType = Object.fromEntries(Object.entries(typeOfCode).map(([code, type]) => [type, code])) as Record<TensorType, string>

interface Header {
  type: TensorType
  shape: number[]
  fortran: boolean
  swapped: boolean
  dataOffset: number
}

/**
 * Reads an array written by `numpy.save`: format versions 1, 2 and 3, either byte order, C or Fortran order.
 * The data is a copy and takes no more memory than `bytes` does.
 *
 * @param name How messages call the file.
 * @throws {TrtError} `TRT_ERR_FILE`: not a `.npy` file, or damaged. `TRT_ERR_TYPE`: objects, text, records, complex …
 */
export function readNpy(bytes: Uint8Array, name = 'the .npy file'): NpyArray {
  const header = readHeader(bytes, name)
  const elements = count(header.shape)
  const size = arrayTypes[header.type].BYTES_PER_ELEMENT
  const given = bytes.length - header.dataOffset
  if (elements * size !== given) {
    throw damaged(name, `[${header.shape.join(', ')}] of ${header.type} takes ${elements * size} bytes of data, ${given} are there`)
  }
  // Not `bytes.slice`: that of a Buffer is a view, and the data may begin at any offset.
  const copy = new Uint8Array(bytes.subarray(header.dataOffset))
  if (header.swapped) swapBytes(copy, size)
  const rowMajor = header.fortran ? toRowMajor(asBits(copy, size), header.shape) : copy
  return { type: header.type, shape: header.shape, data: new arrayTypes[header.type](rowMajor.buffer, 0, elements) }
}

/** The bytes `numpy.save` would write for this array, in this machine's byte order. */
export function writeNpy(array: NpyArray): Uint8Array {
  const { type, shape, data } = array
  const elements = count(shape)
  if (elements !== data.length) {
    throw new TrtError('TRT_ERR_SHAPE', `Shape [${shape.join(', ')}] holds ${elements} elements, the data has ${data.length}.`, {
      shape,
      length: data.length,
    })
  }
  const order = arrayTypes[type].BYTES_PER_ELEMENT === 1 ? '|' : HOST_ORDER
  // A tuple of one has a comma in Python: (3,)
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`
  const header = frame(`{'descr': '${order}${codeOfType[type]}', 'fortran_order': False, 'shape': ${tuple}, }`)
  const file = new Uint8Array(header.length + data.byteLength)
  file.set(header)
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length)
  return file
}

/** Elements; 0 also where the other sizes multiply beyond all numbers. */
function count(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : sizeOf(shape)
}

/** Magic, version, length and the padded text, so that the data starts at a multiple of 64. */
function frame(text: string): Uint8Array {
  const version = text.length + ALIGNMENT < 0xffff ? 1 : 2
  const prefix = version === 1 ? 10 : 12
  const total = Math.ceil((prefix + text.length + 1) / ALIGNMENT) * ALIGNMENT
  const frame = Buffer.alloc(total, ' ')
  frame.write(MAGIC, 'latin1')
  frame.writeUInt8(version, 6)
  frame.writeUInt8(0, 7)
  if (version === 1) frame.writeUInt16LE(total - prefix, 8)
  else frame.writeUInt32LE(total - prefix, 8)
  frame.write(text, prefix, 'latin1')
  frame.write('\n', total - 1)
  return frame
}

function readHeader(bytes: Uint8Array, name: string): Header {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < 10 || view.toString('latin1', 0, 6) !== MAGIC) {
    throw damaged(name, 'it does not begin with the magic bytes of numpy.save')
  }
  const version = view.readUInt8(6)
  if (version < 1 || version > 3) throw damaged(name, `its format version is ${version}; 1, 2 and 3 can be read`)
  const start = version === 1 ? 10 : 12
  if (view.length < start) throw damaged(name, 'it ends inside the header')
  const length = version === 1 ? view.readUInt16LE(8) : view.readUInt32LE(8)
  if (length > MAX_HEADER) throw damaged(name, `its header claims ${length} bytes, more than ${MAX_HEADER}`)
  if (start + length > view.length) throw damaged(name, `its header claims ${length} bytes, ${view.length - start} are there`)
  const text = view.toString(version === 3 ? 'utf8' : 'latin1', start, start + length)
  return { ...describe(text, name), dataOffset: start + length }
}

function describe(text: string, name: string): Omit<Header, 'dataOffset'> {
  let value: PythonValue
  try {
    value = parsePythonLiteral(text)
  } catch (error) {
    throw damaged(name, `its header cannot be read: ${(error as Error).message}`)
  }
  const items = value.kind === 'dict' ? value.items : new Map<string, PythonValue>()
  const fortran = items.get('fortran_order')
  if (fortran?.kind !== 'bool') throw damaged(name, 'its header has no "fortran_order"')
  return { ...elementType(items.get('descr'), name), shape: readShape(items.get('shape'), name), fortran: fortran.value }
}

function elementType(descr: PythonValue | undefined, name: string): { type: TensorType; swapped: boolean } {
  if (descr?.kind === 'list') throw refusedType(name, 'records (a structured type)')
  if (descr?.kind !== 'text') throw damaged(name, 'its header has no "descr"')
  const [, order = '', code = ''] = /^([<>|=]?)(.*)$/s.exec(descr.value) ?? []
  if (!Object.hasOwn(typeOfCode, code)) throw refusedType(name, describeCode(descr.value, code))
  const type = typeOfCode[code] as TensorType
  const swapped = (order === '<' || order === '>') && order !== HOST_ORDER && arrayTypes[type].BYTES_PER_ELEMENT > 1
  return { type, swapped }
}

/** The kinds of numpy's array interface that are no tensors. */
function describeCode(descr: string, code: string): string {
  const kinds: Record<string, string> = {
    O: 'Python objects',
    S: 'byte strings',
    a: 'byte strings',
    U: 'text',
    V: 'raw records',
    c: 'complex numbers',
    M: 'dates',
    m: 'time spans',
  }
  return `${kinds[code.charAt(0)] ?? 'an unknown type'} ("${descr.slice(0, 40)}")`
}

function readShape(shape: PythonValue | undefined, name: string): number[] {
  if (shape?.kind !== 'tuple') throw damaged(name, 'its header has no "shape"')
  if (shape.items.length > MAX_RANK) throw damaged(name, `its rank ${shape.items.length} is above ${MAX_RANK}`)
  return shape.items.map((item) => {
    if (item.kind === 'number' && Number.isSafeInteger(item.value) && item.value >= 0) return item.value
    throw damaged(name, 'its shape has a member that is no size')
  })
}

function swapBytes(bytes: Uint8Array<ArrayBuffer>, size: number): void {
  const buffer = Buffer.from(bytes.buffer)
  if (size === 2) buffer.swap16()
  else if (size === 4) buffer.swap32()
  else if (size === 8) buffer.swap64()
}

/** As integers: a signalling NaN that passes through a JavaScript number comes out quiet. */
function asBits(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array | Uint16Array | Uint32Array | BigUint64Array {
  if (size === 2) return new Uint16Array(bytes.buffer)
  if (size === 4) return new Uint32Array(bytes.buffer)
  return size === 8 ? new BigUint64Array(bytes.buffer) : bytes
}

/** Column-major elements (first index fastest) in row-major order. */
function toRowMajor<A extends ArrayOf[TensorType]>(source: A, shape: readonly number[]): A {
  const target = source.slice() as A
  const strides: number[] = []
  shape.reduce((stride, dim) => (strides.push(stride), stride * dim), 1)
  const index = Array.from(shape, () => 0)
  for (let to = 0, from = 0; to < target.length; to++) {
    target[to] = source[from] as A[number]
    // Odometer: the last index runs fastest, and each step moves `from` by that axis's column-major stride.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number
      index[axis] = (index[axis] as number) + 1
      from += stride
      if ((index[axis] as number) < (shape[axis] as number)) break
      from -= stride * (index[axis] as number)
      index[axis] = 0
    }
  }
  return target
}

function damaged(name: string, reason: string): TrtError {
  return new TrtError('TRT_ERR_FILE', `${name} is not a readable .npy array: ${reason}.`, { name, reason })
}

function refusedType(name: string, kind: string): TrtError {
  const types = Object.values(typeOfCode)
  return new TrtError(
    'TRT_ERR_TYPE',
    `${name} holds ${kind}; a tensor is one of ${types.join(', ')}. Convert it with numpy's astype() first.`,
    { name, kind, types },
  )
}
