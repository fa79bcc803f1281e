import { isPlainBuffer, requireUsable } from '../core/buffers.js'
import { arrayTypes, type DataType, isTensorType, type TensorType, type TypedArray } from '../core/dtypes.js'
import { TrtError } from '../core/errors.js'
import { received } from '../core/options.js'
import { checkedSize, formatShape, formatSpec, matches, sizeOf } from '../core/shapes.js'
import { isContiguous, isStridedView, packInto, type StridedView } from '../core/strided.js'
import { requireInBounds, Tensor, type TensorLike, zeros } from '../core/tensor.js'
import type { BatchIo } from './target.js'

const float16Array = (globalThis as { Float16Array?: new (...args: never[]) => ArrayBufferView }).Float16Array

/** How one input of a request is checked, before it may join a batch. What no request changes is worked out once, here. */
export class RowPlan {
  readonly name: string
  readonly type: TensorType
  readonly array: (typeof arrayTypes)[TensorType]
  /** Elements of a row; −1 where it has free dimensions. */
  readonly rowSize: number
  readonly #what: string
  readonly #batchAxis: number

  // What the last `take` found: read at once, so that a request costs no object for it.
  data!: TypedArray
  rows = 0
  /** Null: it follows from the rows. */
  shape: readonly number[] | null = null

  /** @throws {TrtError} `TRT_ERR_UNSUPPORTED`: an input that has no free batch axis, or cannot be joined. */
  constructor(
    readonly io: BatchIo,
    batchAxis: number,
  ) {
    this.name = io.name
    this.#what = `Input "${io.name}"`
    this.#batchAxis = batchAxis
    this.type = requireJoinable(io, batchAxis)
    this.array = arrayTypes[this.type]
    const rest = io.shape?.filter((_, i) => i !== batchAxis)
    this.rowSize = rest === undefined || rest.some((dim) => dim < 0) ? -1 : sizeOf(rest)
  }

  /**
   * Checks `value`, and leaves what it found in `data`, `rows` and `shape`. Packs what is strided.
   *
   * @throws {TrtError} `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`, `TRT_ERR_BUFFER`, `TRT_ERR_INVALID_ARGUMENT`
   */
  take(value: unknown): void {
    if (value instanceof this.array) {
      const rows = value.length / this.rowSize
      if (rows >= 1 && Number.isInteger(rows) && isPlainBuffer(value.buffer)) {
        this.data = value
        this.rows = rows
        this.shape = null
        return
      }
    } else if (value instanceof Tensor && value.type === this.type) {
      const { shape, data } = value as Tensor
      if (this.io.shape !== null && matches(shape, this.io.shape) && data.length === sizeOf(shape) && data.length > 0) {
        if (isPlainBuffer(data.buffer)) return this.#found(data, shape)
      }
    }
    this.#takeSlowly(value)
  }

  #found(data: TypedArray, shape: readonly number[]): void {
    this.data = data
    this.rows = shape[this.#batchAxis]!
    this.shape = shape
  }

  #takeSlowly(value: unknown): void {
    if (typeof value !== 'object' || value === null) throw this.#typeError(value)
    if (ArrayBuffer.isView(value)) return this.#takeArray(this.#elements(value))
    if (isStridedView(value)) return this.#takeStrided(value)
    if (isTensorLike(value)) return this.#takeTensor(value)
    throw this.#typeError(value)
  }

  #takeArray(data: TypedArray): void {
    if (this.rowSize < 0) {
      const message = `${this.#what} takes ${formatSpec(this.io)}; its shape does not follow from ${data.length} elements. Give a tensor with its shape: tensor('${this.type}', shape, data), or an ndarray.`
      throw new TrtError('TRT_ERR_SHAPE', message, { input: this.name, expected: formatSpec(this.io), count: data.length })
    }
    const rows = data.length / this.rowSize
    if (!Number.isInteger(rows)) {
      const message = `${this.#what} takes ${formatSpec(this.io)}, ${this.rowSize} elements a row; received ${data.length} elements, which is no whole number of rows.`
      throw new TrtError('TRT_ERR_SHAPE', message, { input: this.name, expected: formatSpec(this.io), count: data.length })
    }
    if (rows === 0) throw this.#noRows()
    this.data = data
    this.rows = rows
    this.shape = null
  }

  /** `value` as the array of this input's type: itself, or its bytes seen so. */
  #elements(value: ArrayBufferView): TypedArray {
    requireUsable(this.#what, value, { input: this.name })
    if (value instanceof this.array) return value
    if (value instanceof Uint8ClampedArray && this.type === 'uint8') return new Uint8Array(value.buffer, value.byteOffset, value.length)
    if (float16Array !== undefined && value instanceof float16Array && this.type === 'float16') {
      return new Uint16Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength / 2)
    }
    const width = this.array.BYTES_PER_ELEMENT
    if (!(value instanceof Uint8Array) || value.byteLength % width !== 0) throw this.#typeError(value)
    // Buffer's own slice() would share the memory, and keep the odd address
    const aligned = value.byteOffset % width === 0 ? value : Uint8Array.prototype.slice.call(value)
    return new this.array(aligned.buffer, aligned.byteOffset, value.byteLength / width)
  }

  #takeTensor({ type, shape, data }: TensorLike): void {
    if (type !== this.type || !(data instanceof this.array)) throw this.#typeError(type === this.type ? data : { type })
    this.#checkShape(shape)
    requireUsable(this.#what, data, { input: this.name })
    const size = sizeOf(shape)
    if (data.length !== size) {
      const message = `${this.#what} received shape ${formatShape(shape)}, ${size} elements, with data of ${data.length}.`
      throw new TrtError('TRT_ERR_SHAPE', message, { input: this.name, received: [...shape], size, length: data.length })
    }
    this.#found(data, shape)
  }

  #takeStrided(value: StridedView): void {
    if (!ArrayBuffer.isView(value.data)) throw this.#typeError(value.data)
    const view = { ...value, shape: value.shape, stride: value.stride, offset: value.offset, data: this.#elements(value.data) }
    this.#checkShape(view.shape)
    requireInBounds(this.#what, view)
    const size = sizeOf(view.shape)
    if (isContiguous(view.shape, view.stride)) return this.#found(view.data.subarray(view.offset, view.offset + size), view.shape)
    const packed = zeros(this.type, size)
    packInto(view, packed)
    this.#found(packed, view.shape)
  }

  #checkShape(shape: readonly number[]): void {
    const size = checkedSize(`shape of input "${this.name}"`, shape)
    const { shape: dims } = this.io
    if (dims === null ? shape.length <= this.#batchAxis : !matches(shape, dims)) throw this.refusal(shape)
    if (shape[this.#batchAxis] === 0) throw this.#noRows()
    if (size > 0) return
    const message = `${this.#what} received shape ${formatShape(shape)}, whose rows have no elements. A batch of them cannot be made; run it on the session itself.`
    throw new TrtError('TRT_ERR_SHAPE', message, { input: this.name, received: [...shape] })
  }

  /** The error for a shape that the engine does not take. */
  refusal(shape: readonly number[]): TrtError {
    const expected = this.io.shape === null ? `at least ${this.#batchAxis + 1} dimensions` : formatSpec(this.io)
    const message = `${this.#what} takes ${expected}; received ${formatShape(shape)}.`
    return new TrtError('TRT_ERR_SHAPE', message, { input: this.name, expected, received: [...shape] })
  }

  #noRows(): TrtError {
    const message = `${this.#what} has zero rows: there is nothing to compute. Leave the request out.`
    return new TrtError('TRT_ERR_SHAPE', message, { input: this.name, rows: 0 })
  }

  #typeError(value: unknown): TrtError {
    const expected = `${this.type}: a ${this.array.name}, a Buffer of its bytes, a tensor or an ndarray`
    const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined
    const got = typeof type === 'string' ? `a tensor of ${type}` : received(value)
    const message = `${this.#what} takes ${expected}; received ${got}.`
    return new TrtError('TRT_ERR_TYPE', message, { input: this.name, expected: this.type, received: got })
  }
}

/** @returns Its type. */
function requireJoinable(io: BatchIo, batchAxis: number): TensorType {
  const refuse = (why: string, remedy: string) => {
    const details = { input: io.name, expected: formatSpec(io), batchAxis }
    return new TrtError('TRT_ERR_UNSUPPORTED', `Input "${io.name}", ${formatSpec(io)}, ${why}. ${remedy}`, details)
  }
  if (io.isShape === true)
    throw refuse('steers shapes by its values, which would have to be one for the whole batch', 'Use the session itself.')
  if (io.shape !== null && io.shape.length <= batchAxis) {
    throw refuse(
      `has no batch axis ${batchAxis}, along which requests could be joined`,
      'Name another batchAxis, or use the session itself.',
    )
  }
  if (io.shape !== null && io.shape[batchAxis]! >= 0) {
    const remedy = 'Export the model with a free batch dimension, and build the engine with a profile for it.'
    throw refuse(`is fixed at ${io.shape[batchAxis]} along the batch axis ${batchAxis}: requests cannot be joined`, remedy)
  }
  if (isTensorType(io.type)) return io.type
  throw refuse(`is of type ${io.type}, which cannot go into a session`, 'Convert it inside the model.')
}

function isTensorLike(value: object): value is TensorLike {
  const tensor = value as Partial<TensorLike>
  return typeof tensor.type === 'string' && tensor.data !== undefined && tensor.shape !== undefined
}

/** Type of a value that says it itself, for Runners that do not describe their inputs; undefined: it does not. */
export function typeOf(value: unknown): DataType | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { type, data } = value as { type?: unknown; data?: unknown }
  if (typeof type === 'string') return type as DataType
  if (!isStridedView(value) || !ArrayBuffer.isView(data)) return undefined
  const found = Object.entries(arrayTypes).find(([name, array]) => data instanceof array && !ambiguous.has(name))
  return found?.[0] as DataType | undefined
}

/** Types that share their array with another, plainer one. */
const ambiguous: ReadonlySet<string> = new Set(['float16', 'bfloat16', 'bool'])
