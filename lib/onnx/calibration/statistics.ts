import { type Extent, histogramBins, type Kernels, smallestLimit } from './kernels.js'
import type { TensorStatistics } from './types.js'

/** Of no values yet. */
export function emptyStatistics(): TensorStatistics {
  const bins = () => new Float64Array(histogramBins)
  return { min: 0, max: 0, count: 0, limit: smallestLimit, positive: bins(), negative: bins() }
}

/**
 * Adds values to statistics. Whatever the order and the portions they come in, the result is the same: the limit is the smallest
 * power of two above every magnitude, and it grows by merging whole bins.
 *
 * @param values All finite.
 * @param extent Theirs.
 */
export function addValues(to: TensorStatistics, values: Float32Array, extent: Extent, kernels: Kernels): void {
  if (values.length === 0) return
  widen(to, limitFor(Math.max(-extent.min, extent.max)))
  take(to, extent.min, extent.max, values.length)
  kernels.count(values, to.limit, to.positive, to.negative)
}

/** Adds statistics of other values of the same tensor. */
export function mergeStatistics(to: TensorStatistics, other: TensorStatistics): void {
  if (other.count === 0) return
  widen(to, other.limit)
  take(to, other.min, other.max, other.count)
  const shift = Math.log2(to.limit / other.limit)
  addShifted(to.positive, other.positive, shift)
  addShifted(to.negative, other.negative, shift)
}

/** The smallest power of two above `magnitude`, at least `smallestLimit`. */
export function limitFor(magnitude: number): number {
  if (magnitude < smallestLimit) return smallestLimit
  // The logarithm may be off by a rounding next to a power of two.
  const power = 2 ** Math.floor(Math.log2(magnitude))
  if (power > magnitude) return power
  return power * 2 > magnitude ? power * 2 : power * 4
}

/** What the histograms hold of |x|. */
export function magnitudes({ positive, negative }: TensorStatistics): Float64Array {
  return positive.map((count, bin) => count + negative[bin]!)
}

function take(to: TensorStatistics, min: number, max: number, count: number): void {
  to.min = to.count === 0 ? min : Math.min(to.min, min)
  to.max = to.count === 0 ? max : Math.max(to.max, max)
  to.count += count
}

/** Bins become twice as wide until `limit` is reached: each count stays in the bin that its values belong to. */
function widen(to: TensorStatistics, limit: number): void {
  if (limit <= to.limit) return
  const shift = Math.log2(limit / to.limit)
  for (const side of ['positive', 'negative'] as const) {
    const wider = new Float64Array(histogramBins)
    addShifted(wider, to[side], shift)
    to[side] = wider
  }
  to.limit = limit
}

function addShifted(to: Float64Array, from: Float64Array, shift: number): void {
  const width = 2 ** shift
  for (let bin = 0; bin < from.length; bin++) {
    const count = from[bin]!
    if (count !== 0) to[Math.floor(bin / width)]! += count
  }
}
