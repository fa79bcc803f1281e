import { TrtError } from './errors.js'
import { received } from './options.js'

/** The C contract's BACKEND_MAX_RANK. */
export const maxRank = 16

/** Bounds of one input in one optimization profile, one number per dimension (or, for a shape tensor, per value). */
export interface Range {
  readonly min: readonly number[]
  readonly opt: readonly number[]
  readonly max: readonly number[]
}

/** What an engine says of the shape of an input or output. */
export interface ShapeSpec {
  /** −1: free. null: not even the rank is known. */
  readonly shape: readonly number[] | null
  /** Names of free dimensions, one per dimension; '' where there is none. */
  readonly dimNames: readonly string[]
  /** One per optimization profile. Empty: no bounds are known. */
  readonly ranges: readonly Range[]
}

/** `[1, 3, 48, 320]` */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}

function dimName(spec: ShapeSpec, index: number): string {
  return spec.dimNames[index] || `d${index}`
}

/** `N 1…32 and W 32…1280` of one profile: only free dimensions, each name once. */
function formatRange(spec: ShapeSpec, shape: readonly number[], range: Range): string {
  const parts = new Set<string>()
  shape.forEach((dim, i) => {
    if (dim < 0) parts.add(`${dimName(spec, i)} ${range.min[i]}…${range.max[i]}`)
  })
  return [...parts].join(' and ')
}

/** What a shape may be, for people: `[N, 3, 48, W] with N 1…32 and W 32…1280`. A free dimension without name is d + its index. */
export function formatSpec(spec: ShapeSpec): string {
  if (spec.shape === null) return 'any shape'
  const { shape } = spec
  const dims = shape.map((dim, i) => (dim < 0 ? dimName(spec, i) : String(dim)))
  const bounds = new Set(spec.ranges.map((range) => formatRange(spec, shape, range)).filter((text) => text !== ''))
  return `[${dims.join(', ')}]${bounds.size === 0 ? '' : ` with ${[...bounds].join(', or ')}`}`
}

/** Number of elements; 1 for a scalar. Exact below 2^53, and never below the true number above. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1
  for (let i = 0; i < shape.length; i++) size *= shape[i]!
  return size
}

/**
 * Number of elements of a shape from outside: a real array of at most 16 whole numbers ≥ 0, their product below 2^53.
 *
 * @param what Begins the message: `shape of input "x"`.
 * @throws {TrtError} `TRT_ERR_SHAPE`
 */
export function checkedSize(what: string, shape: unknown): number {
  if (!Array.isArray(shape)) {
    throw new TrtError('TRT_ERR_SHAPE', `Expected an array of numbers for the ${what} but received ${received(shape)}.`, { what })
  }
  if (shape.length > maxRank) {
    throw new TrtError('TRT_ERR_SHAPE', `The ${what} has ${shape.length} dimensions; at most ${maxRank} are possible.`, {
      what,
      rank: shape.length,
    })
  }
  for (let i = 0; i < shape.length; i++) {
    if (Number.isSafeInteger(shape[i]) && shape[i] >= 0) continue
    const message = `Expected whole numbers of at least 0 in the ${what} but received ${received(shape[i])} for dimension ${i}.`
    throw new TrtError('TRT_ERR_SHAPE', message, { what, dimension: i, received: received(shape[i]) })
  }
  const size = sizeOf(shape)
  if (Number.isSafeInteger(size)) return size
  // 0 × Infinity: an empty tensor, however large its other dimensions
  if (shape.includes(0)) return 0
  throw new TrtError('TRT_ERR_SHAPE', `The ${what}, ${formatShape(shape)}, has more elements than can be counted.`, {
    what,
    received: [...shape],
  })
}

/** Whether `shape` has the rank and the fixed dimensions of `dims`. */
export function matches(shape: readonly number[], dims: readonly number[]): boolean {
  if (shape.length !== dims.length) return false
  for (let i = 0; i < dims.length; i++) {
    if (dims[i]! >= 0 && dims[i] !== shape[i]) return false
  }
  return true
}

/** Whether every dimension lies within the bounds of one profile. */
export function within(shape: readonly number[], range: Range): boolean {
  for (let i = 0; i < shape.length; i++) {
    if (shape[i]! < range.min[i]! || shape[i]! > range.max[i]!) return false
  }
  return true
}

/**
 * The shape of `count` elements that stand for a tensor given without shape: possible with all dimensions fixed, or with
 * exactly one free that the count decides. Otherwise undefined.
 */
export function shapeFromCount(dims: readonly number[], count: number): number[] | undefined {
  const free = dims.findIndex((dim) => dim < 0)
  if (free < 0) return sizeOf(dims) === count ? [...dims] : undefined
  if (dims.indexOf(-1, free + 1) >= 0) return undefined
  const rest = dims.reduce((product, dim) => (dim < 0 ? product : product * dim), 1)
  if (rest === 0 || count % rest !== 0) return undefined
  return dims.map((dim) => (dim < 0 ? count / rest : dim))
}
