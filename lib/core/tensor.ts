import ndarray, { type NdArray } from 'ndarray'
import { arrayTypes, type ArrayOf, type TensorType, type TypedArray } from './dtypes.js'
import { TrtError } from './errors.js'
import { choice, invalid, received } from './options.js'
import { checkedSize, formatShape } from './shapes.js'
import { isInBounds, type StridedView } from './strided.js'

type Shape = readonly number[]
declare const shaped: unique symbol

/**
 * Elements of one type in row-major order over memory that it does not own: what goes in and comes out of a run.
 * Neither the shape nor the length of `data` changes.
 */
export class Tensor<T extends TensorType = TensorType, S extends Shape = Shape> {
  readonly type: T
  /** Row-major; the empty array for a scalar. */
  readonly shape: S
  /** As many elements as the shape says. Length 0 once its memory has been detached (session closed, buffer transferred). */
  readonly data: ArrayOf[T];
  /** Type checker only: a shape fits another that is more, or less, exactly known. */
  [shaped]?(shape: Readonly<S>): void

  /** @throws {TrtError} `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`: the array is not the one of that type, or its length not that of the shape. */
  constructor(type: T, shape: S, data: ArrayOf[T]) {
    const array = arrayTypes[type] as (typeof arrayTypes)[T] | undefined
    if (array === undefined || !(data instanceof array)) throw mismatch(type, data)
    const size = checkedSize('shape of a tensor', shape)
    if (data.length !== size) throw wrongLength(shape, size, data.length)
    this.type = type
    this.shape = shape
    this.data = data
  }

  /** Number of elements. */
  get size(): number {
    return this.data.length
  }

  /** A view of the same memory as a scijs ndarray. */
  ndarray(): NdArray<ArrayOf[T] & ndarray.Data> {
    return ndarray(this.data as ArrayOf[T] & ndarray.Data, [...this.shape])
  }
}

function mismatch(type: TensorType, data: unknown): TrtError {
  choice('type', type, Object.keys(arrayTypes))
  const message = `A tensor of ${type} needs a ${arrayTypes[type].name} but received ${received(data)}.`
  return new TrtError('TRT_ERR_TYPE', message, { type, received: received(data) })
}

function wrongLength(shape: Shape, size: number, length: number): TrtError {
  return new TrtError('TRT_ERR_SHAPE', `Shape ${formatShape(shape)} has ${size} elements but the data has ${length}.`, {
    shape: [...shape],
    size,
    length,
  })
}

/** Anything with these members passes for a tensor: another copy of this package makes another class. */
export interface TensorLike<T extends TensorType = TensorType, S extends Shape = Shape> {
  readonly type: T
  readonly shape: Shape
  readonly data: ArrayOf[T]
  [shaped]?(shape: Readonly<S>): void
}

/**
 * What `run` takes for one input: a typed array (its shape must follow from the engine's), a Buffer of the right size,
 * a Tensor, or an ndarray with any strides.
 */
export type TensorInput<T extends TensorType = TensorType, S extends Shape = Shape> =
  | ArrayOf[T]
  | Buffer
  | TensorLike<T, S>
  | NdArray<ArrayOf[T] & ndarray.Data>

/** Values from which `tensor` makes one; `true` and `false` count as 1 and 0. */
type Values = readonly (number | bigint | boolean)[]

/**
 * A tensor over `data`, or over fresh zeros.
 *
 * @param shape Its numbers are kept; a literal gives the type checker their exact values.
 * @param data A typed array is used in place, an array of numbers is converted. For float16 and bfloat16, which travel
 *   as bits, convert first: `toFloat16(Float32Array.from(values))`.
 * @throws {TrtError} `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`, `TRT_ERR_OUT_OF_MEMORY`
 * @example tensor('float32', [1, 2], [0.5, 1])
 */
export function tensor<T extends TensorType, const S extends Shape>(type: T, shape: S, data?: ArrayOf[T] | Values): Tensor<T, S> {
  choice('type', type, Object.keys(arrayTypes))
  const size = checkedSize('shape of a tensor', shape)
  if (data === undefined) return new Tensor(type, shape, zeros(type, size))
  return new Tensor(type, shape, Array.isArray(data) ? convert(type, data as Values) : (data as ArrayOf[T]))
}

/** Fresh zeros. @throws {TrtError} `TRT_ERR_OUT_OF_MEMORY` */
export function zeros<T extends TensorType>(type: T, size: number): ArrayOf[T] {
  try {
    return new arrayTypes[type](size)
  } catch (cause) {
    const bytes = size * arrayTypes[type].BYTES_PER_ELEMENT
    throw new TrtError(
      'TRT_ERR_OUT_OF_MEMORY',
      `JavaScript could not allocate ${bytes} bytes for ${size} elements of ${type}.`,
      { bytes },
      { cause },
    )
  }
}

function convert<T extends TensorType>(type: T, values: Values): ArrayOf[T] {
  if (type === 'float16' || type === 'bfloat16') {
    const converter = type === 'float16' ? 'toFloat16' : 'toBfloat16'
    const remedy = `Convert numbers first: ${converter}(Float32Array.from(values)).`
    throw new TrtError('TRT_ERR_TYPE', `A tensor of ${type} holds bits in a Uint16Array. ${remedy}`, { type })
  }
  try {
    const array = arrayTypes[type] as unknown as { from(values: Values, map: (value: never) => unknown): ArrayOf[T] }
    return array.from(values, type === 'bool' ? (value) => (value ? 1 : 0) : (value) => value)
  } catch (cause) {
    const wanted = type === 'int64' || type === 'uint64' ? 'bigints' : 'numbers'
    throw new TrtError(
      'TRT_ERR_TYPE',
      `A tensor of ${type} takes an array of ${wanted}; these could not be converted.`,
      { type },
      { cause },
    )
  }
}

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: strides or offset lead out of the data. */
export function requireInBounds(what: string, view: StridedView): void {
  if (isInBounds(view)) return
  const { shape, stride, offset, data } = view
  const message = `${what} is an ndarray of shape ${formatShape(shape)}, stride ${formatShape(stride)} and offset ${offset}: not all of it lies in its ${data.length} elements.`
  throw invalid(message, { shape: [...shape], stride: [...stride], offset, length: data.length })
}

export type { NdArray, TypedArray }
