import type { TypedArray } from '../core/dtypes.js'

/** Below this a loop is faster than a view and a call of `set`. */
const shortRun = 24

/** One side of a copy: row-major elements of `dims`, of which the box begins at element `start`. */
export interface Side {
  readonly data: TypedArray
  readonly dims: readonly number[]
  readonly start: number
}

/**
 * Copies a box of `size` out of one row-major array into another: a row into a batch, a row out of a padded one. Both have the
 * rank of `size` and the same element type; the box must lie inside of both.
 */
export function copyBox(from: Side, to: Side, size: readonly number[]): void {
  if (size.includes(0)) return
  // Trailing dimensions that are whole on both sides, and the one before them, are one run of elements.
  let axis = size.length
  let run = 1
  while (axis > 0) {
    axis--
    run *= size[axis]!
    if (from.dims[axis] !== size[axis] || to.dims[axis] !== size[axis]) break
  }
  const copy = run < shortRun ? copyElements : copyRun
  walk([from, to], size.slice(0, axis), (source, target) => copy({ data: from.data, start: source }, { data: to.data, start: target }, run))
}

/** Calls `visit` with the positions on both sides of each run: the dimensions before it count up like an odometer. */
function walk([from, to]: readonly [Side, Side], outer: readonly number[], visit: (source: number, target: number) => void): void {
  const [fromStrides, toStrides] = [strides(from.dims), strides(to.dims)]
  const index = new Array<number>(outer.length).fill(0)
  let [source, target] = [from.start, to.start]
  for (;;) {
    visit(source, target)
    let at = outer.length - 1
    for (; at >= 0; at--) {
      source += fromStrides[at]!
      target += toStrides[at]!
      if (++index[at]! < outer[at]!) break
      source -= fromStrides[at]! * outer[at]!
      target -= toStrides[at]! * outer[at]!
      index[at] = 0
    }
    if (at < 0) return
  }
}

function strides(dims: readonly number[]): number[] {
  const result = new Array<number>(dims.length)
  let stride = 1
  for (let i = dims.length - 1; i >= 0; i--) {
    result[i] = stride
    stride *= dims[i]!
  }
  return result
}

type Place = Pick<Side, 'data' | 'start'>

function copyElements(from: Place, to: Place, run: number): void {
  for (let i = 0; i < run; i++) to.data[to.start + i] = from.data[from.start + i]!
}

function copyRun(from: Place, to: Place, run: number): void {
  to.data.set(from.data.subarray(from.start, from.start + run) as never, to.start)
}
