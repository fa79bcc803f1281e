import { arrayTypes, type TensorType, type TypedArray } from '../../core/dtypes.js'
import { TrtError } from '../../core/errors.js'
import { toBfloat16, toFloat16 } from '../../core/float16.js'
import { received } from '../../core/options.js'
import { longInteger } from './exact-json.js'

const integerLimits: Readonly<Partial<Record<TensorType, readonly [min: number, max: number]>>> = {
  uint8: [0, 255],
  uint16: [0, 65_535],
  uint32: [0, 4_294_967_295],
  int8: [-128, 127],
  int16: [-32_768, 32_767],
  int32: [-2_147_483_648, 2_147_483_647],
}
/** The largest value that a float of that type holds; beyond, it would become infinite. */
const floatLimits: Readonly<Partial<Record<TensorType, number>>> = {
  float16: 65_504,
  bfloat16: 3.3895313892515355e38,
  float32: 3.4028234663852886e38,
  float64: Number.MAX_VALUE,
}
const longLimits = { int64: [-(2n ** 63n), 2n ** 63n - 1n], uint64: [0n, 2n ** 64n - 1n] } as const

/** Deeper nesting than any tensor's. */
const maxDepth = 16

/**
 * The elements of a tensor that came as JSON, nested or flat, exactly: what its type does not hold is refused.
 *
 * @param what Begins messages: `input "x"`.
 * @throws {TrtError} `TRT_ERR_SHAPE`: another count than the shape's. `TRT_ERR_TYPE`: an element that is none of that type.
 */
export function valuesFromJson(what: string, type: TensorType, size: number, data: readonly unknown[]): TypedArray {
  // Counted before memory is taken: a short body may claim a large shape.
  const count = countOf(what, data, 0)
  if (count !== size) {
    const message = `Expected ${size} values for ${what}, by its shape, but received ${count}.`
    throw new TrtError('TRT_ERR_SHAPE', message, { expected: size, received: count })
  }
  const wide = type === 'float16' || type === 'bfloat16' ? new Float32Array(size) : new arrayTypes[type](size)
  new Filler(what, type, wide).fill(data, 0)
  if (type === 'float16') return toFloat16(wide as Float32Array)
  return type === 'bfloat16' ? toBfloat16(wide as Float32Array) : wide
}

function countOf(what: string, items: readonly unknown[], depth: number): number {
  if (depth === maxDepth) {
    throw new TrtError('TRT_ERR_SHAPE', `Expected at most ${maxDepth} levels of arrays for ${what} but received more.`, {
      expected: maxDepth,
    })
  }
  let count = 0
  for (const item of items) count += Array.isArray(item) ? countOf(what, item, depth + 1) : 1
  return count
}

class Filler {
  readonly #what: string
  readonly #type: TensorType
  readonly #into: TypedArray
  readonly #read: (value: unknown) => number | bigint | undefined

  constructor(what: string, type: TensorType, into: TypedArray) {
    this.#what = what
    this.#type = type
    this.#into = into
    this.#read = readerOf(type)
  }

  /** Where it has come to. */
  fill(items: readonly unknown[], from: number): number {
    let at = from
    for (const item of items) {
      if (Array.isArray(item)) at = this.fill(item, at)
      else this.#store(item, at++)
    }
    return at
  }

  #store(item: unknown, at: number): void {
    const value = this.#read(item)
    if (value !== undefined) {
      this.#into[at] = value
      return
    }
    const got = received(longInteger(item) ?? item)
    const message = `Expected values of ${this.#type} for ${this.#what} but received ${got} at position ${at}.`
    throw new TrtError('TRT_ERR_TYPE', message, { expected: this.#type, received: got, position: at })
  }
}

/** Undefined: not a value of the type. */
function readerOf(type: TensorType): (value: unknown) => number | bigint | undefined {
  if (type === 'bool') return (value) => (typeof value === 'boolean' ? Number(value) : undefined)
  if (type === 'int64' || type === 'uint64') return longReader(longLimits[type])
  const limits = integerLimits[type]
  if (limits !== undefined) {
    const [min, max] = limits
    return (value) => (Number.isInteger(value) && (value as number) >= min && (value as number) <= max ? (value as number) : undefined)
  }
  const limit = floatLimits[type]!
  return (value) => {
    const number = typeof value === 'string' ? asNumber(longInteger(value)) : value
    return typeof number === 'number' && Math.abs(number) <= limit ? number : undefined
  }
}

const asNumber = (value: bigint | undefined): number | undefined => (value === undefined ? undefined : Number(value))

function longReader([min, max]: readonly [bigint, bigint]): (value: unknown) => bigint | undefined {
  return (value) => {
    const exact = Number.isSafeInteger(value) ? BigInt(value as number) : longInteger(value)
    return exact !== undefined && exact >= min && exact <= max ? exact : undefined
  }
}
