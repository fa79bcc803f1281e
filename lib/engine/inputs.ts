import { isPlainBuffer, requireUsable } from '../core/buffers.js'
import { arrayTypes, type TensorType, type TypedArray } from '../core/dtypes.js'
import { TrtError } from '../core/errors.js'
import { checkedSize, formatShape, formatSpec, matches, shapeFromCount, sizeOf } from '../core/shapes.js'
import { isContiguous, isStridedView, packInto, type StridedView } from '../core/strided.js'
import { requireInBounds, Tensor, type TensorLike, zeros } from '../core/tensor.js'
import type { IoInfo } from './io-info.js'
import { conversionHint, typeError } from './type-errors.js'

/** Writes [rank, dims…] and returns the position after it. */
function writeShape(shapes: Float64Array, at: number, shape: readonly number[]): number {
  shapes[at++] = shape.length
  for (let i = 0; i < shape.length; i++) shapes[at++] = shape[i]!
  return at
}

const float16Array = (globalThis as { Float16Array?: new (...args: never[]) => ArrayBufferView }).Float16Array

/** How one input is checked and handed to native code. What no call changes is worked out once, here. */
export class InputPlan {
  readonly name: string
  readonly type: TensorType
  readonly #array: (typeof arrayTypes)[TensorType]
  /** All dimensions known: the shape of a bare typed array. */
  readonly #fixed: readonly number[] | null
  readonly #count: number
  readonly #dims: readonly number[] | null
  readonly #what: string

  constructor(
    readonly info: IoInfo,
    engineName: string | null,
  ) {
    this.name = info.name
    this.type = info.type as TensorType
    this.#array = arrayTypes[this.type]
    this.#dims = info.shape
    this.#fixed = info.shape !== null && info.shape.every((dim) => dim >= 0) ? info.shape : null
    this.#count = this.#fixed === null ? -1 : sizeOf(this.#fixed)
    this.#what = `Input "${info.name}"${engineName === null ? '' : ` of engine "${engineName}"`}`
  }

  /**
   * The memory that native code reads for `value`, its shape written to `shapes` from `at` on. Copies only what it must:
   * strided views, and bytes at an odd address.
   *
   * @throws {TrtError} `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`, `TRT_ERR_BUFFER`, `TRT_ERR_INVALID_ARGUMENT`
   */
  take(value: unknown, shapes: Float64Array, at: number): ArrayBufferView {
    if (value instanceof this.#array) {
      if (value.length === this.#count && isPlainBuffer(value.buffer)) {
        writeShape(shapes, at, this.#fixed!)
        return value
      }
    } else if (value instanceof Tensor && value.type === this.type) {
      const { shape, data } = value as Tensor
      const fits = this.#fixed === null ? this.#dims !== null && matches(shape, this.#dims) : matches(shape, this.#fixed)
      // Compared again: the memory may have been detached, or the shape changed, since the tensor was made.
      if (fits && data.length === sizeOf(shape) && isPlainBuffer(data.buffer)) {
        writeShape(shapes, at, shape)
        return data
      }
    }
    return this.#takeSlowly(value, shapes, at)
  }

  #takeSlowly(value: unknown, shapes: Float64Array, at: number): ArrayBufferView {
    if (typeof value !== 'object' || value === null) throw typeError(this.#what, this.type, value)
    if (ArrayBuffer.isView(value)) {
      const view = this.#elements(value)
      writeShape(shapes, at, this.#shapeOf(view.length))
      return view
    }
    if (isStridedView(value)) return this.#takeStrided(value, shapes, at)
    if (isTensorLike(value)) return this.#takeTensor(value, shapes, at)
    throw typeError(this.#what, this.type, value)
  }

  /** `value` as the array of this input's type: itself, or its bytes seen so. */
  #elements(value: ArrayBufferView): TypedArray {
    requireUsable(this.#what, value, { input: this.name })
    if (value instanceof this.#array) return value
    if (value instanceof Uint8ClampedArray && this.type === 'uint8') return new Uint8Array(value.buffer, value.byteOffset, value.length)
    if (float16Array !== undefined && value instanceof float16Array && this.type === 'float16') {
      return new Uint16Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength / 2)
    }
    if (!(value instanceof Uint8Array)) throw typeError(this.#what, this.type, value)
    return this.#fromBytes(value)
  }

  #fromBytes(bytes: Uint8Array): TypedArray {
    const width = this.#array.BYTES_PER_ELEMENT
    if (bytes.byteLength % width !== 0) {
      const message = `${this.#what} has elements of ${width} bytes (${this.type}); received ${bytes.byteLength} bytes, which is no whole number of them. ${conversionHint(this.type)}`
      throw new TrtError('TRT_ERR_TYPE', message, { input: this.name, type: this.type, bytes: bytes.byteLength })
    }
    // Buffer's own slice() would share the memory, and keep the odd address
    const aligned = bytes.byteOffset % width === 0 ? bytes : Uint8Array.prototype.slice.call(bytes)
    return new this.#array(aligned.buffer, aligned.byteOffset, bytes.byteLength / width)
  }

  #shapeOf(count: number): readonly number[] {
    const shape = this.#dims === null ? undefined : shapeFromCount(this.#dims, count)
    if (shape !== undefined) return shape
    const details = { input: this.name, expected: formatSpec(this.info), count }
    if (this.#fixed !== null) {
      const message = `${this.#what} takes ${formatSpec(this.info)}, ${this.#count} elements; received ${count} elements.`
      throw new TrtError('TRT_ERR_SHAPE', message, details)
    }
    const message = `${this.#what} takes ${formatSpec(this.info)}; its shape does not follow from ${count} elements. Give a tensor with its shape: tensor('${this.type}', shape, data), or an ndarray.`
    throw new TrtError('TRT_ERR_SHAPE', message, details)
  }

  #takeTensor(value: TensorLike, shapes: Float64Array, at: number): ArrayBufferView {
    const { type, shape, data } = value
    if (type !== this.type) throw typeError(this.#what, this.type, value)
    this.#checkShape(shape)
    if (!(data instanceof this.#array)) throw typeError(this.#what, this.type, data)
    requireUsable(this.#what, data, { input: this.name })
    const size = sizeOf(shape)
    if (data.length !== size) {
      const message = `${this.#what} received shape ${formatShape(shape)}, ${size} elements, with data of ${data.length}.`
      throw new TrtError('TRT_ERR_SHAPE', message, { input: this.name, received: [...shape], size, length: data.length })
    }
    writeShape(shapes, at, shape)
    return data
  }

  #takeStrided(value: StridedView, shapes: Float64Array, at: number): ArrayBufferView {
    const { data } = value
    if (!ArrayBuffer.isView(data)) throw typeError(this.#what, this.type, data)
    this.#checkShape(value.shape)
    const view = { ...value, shape: value.shape, stride: value.stride, offset: value.offset, data: this.#elements(data) }
    requireInBounds(this.#what, view)
    writeShape(shapes, at, view.shape)
    const size = sizeOf(view.shape)
    if (size === 0) return zeros(this.type, 0)
    if (isContiguous(view.shape, view.stride)) return view.data.subarray(view.offset, view.offset + size)
    const packed = zeros(this.type, size)
    packInto(view, packed)
    return packed
  }

  #checkShape(shape: readonly number[]): void {
    checkedSize(`shape of input "${this.name}"`, shape)
    if (this.#dims === null || matches(shape, this.#dims)) return
    throw this.refusal(shape)
  }

  /** The error for a shape that the engine does not take. */
  refusal(shape: readonly number[]): TrtError {
    const message = `${this.#what} takes ${formatSpec(this.info)}; received ${formatShape(shape)}. ${this.#remedy(shape)}`
    return new TrtError('TRT_ERR_SHAPE', message, { input: this.name, expected: formatSpec(this.info), received: [...shape] })
  }

  #remedy(shape: readonly number[]): string {
    const dims = this.#dims ?? shape
    if (shape.length !== dims.length) return `Give ${dims.length} dimensions instead of ${shape.length}.`
    const wrong = dims.findIndex((dim, i) => dim >= 0 && dim !== shape[i])
    if (wrong >= 0) return `Dimension ${wrong} must be ${dims[wrong]}.`
    const tooMany = this.info.ranges.length > 0 && this.info.ranges.every((range) => shape[0]! > range.max[0]!)
    return `${tooMany ? 'Split the batch, or build' : 'Build'} the engine with a profile that includes this shape.`
  }
}

function isTensorLike(value: object): value is TensorLike {
  const tensor = value as Partial<TensorLike>
  return typeof tensor.type === 'string' && tensor.data !== undefined && tensor.shape !== undefined
}
