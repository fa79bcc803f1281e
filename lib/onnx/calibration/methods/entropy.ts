import { magnitudes } from '../statistics.js'
import type { TensorStatistics } from '../types.js'
import { minmaxMagnitude } from './minmax.js'

/** Of |x|, over [0, limit): TensorRT's number, of which those up to the largest magnitude are in use, more than half. */
export const entropyBins = 2048
/** Codes of a magnitude: int8 without its sign. */
const levels = 128

/**
 * The magnitude at which the distribution of codes tells most of the distribution of values: TensorRT's calibration by
 * Kullback–Leibler divergence (Migacz, "8-bit Inference with TensorRT", GTC 2017, s7310).
 */
export function entropyMagnitude(statistics: TensorStatistics): number {
  const bins = entropyHistogram(statistics)
  const width = statistics.limit / bins.length
  return Math.min(minmaxMagnitude(statistics), (entropyCandidate(bins) + 0.5) * width)
}

/** The histogram that `entropyCandidate` takes: pairs of bins in one. */
export function entropyHistogram(statistics: TensorStatistics): Float64Array {
  const fine = magnitudes(statistics)
  const pair = fine.length / entropyBins
  const bins = new Float64Array(entropyBins)
  fine.forEach((count, bin) => (bins[Math.floor(bin / pair)]! += count))
  // NVIDIA's pytorch-quantization does this: exact zeros, half of all values behind a Relu, are coded without error at any
  // scale, and as a spike they would outweigh all that a scale changes.
  bins[0] = bins[1]!
  return bins
}

/**
 * For each i from 128 on: P, the first i bins with all that lies above added to the last; Q, the same bins without it, brought
 * to 128 levels, each spread evenly over its bins that are not empty. The i with the least KL(P ‖ Q), the largest of equals.
 *
 * With sums over prefixes a candidate costs one logarithm a level, not one a bin.
 */
export function entropyCandidate(bins: Float64Array): number {
  const used = lastUsed(bins) + 1
  const sums = new PrefixSums(bins, used)
  let [least, chosen] = [Infinity, used]
  for (let i = used; i >= Math.min(levels, used); i--) {
    const divergence = divergenceAt(i, bins, sums)
    if (divergence < least) [least, chosen] = [divergence, i]
  }
  return chosen
}

/** KL(P ‖ Q) times the number of values, without the part that is the same for every i. */
function divergenceAt(i: number, bins: Float64Array, { counts, filled, entropy, total }: PrefixSums): number {
  const outliers = total - counts[i]!
  const last = bins[i - 1]!
  // P has a value where Q has none: infinite.
  if (counts[i] === 0 || (last === 0 && outliers > 0)) return Infinity
  const own = entropy[i - 1]! + xLogX(last + outliers)
  // The last bin's level weighs more in P than in Q.
  let cross = 0
  let begin = 0
  let value = 0
  for (let level = 1; level <= levels; level++) {
    const end = Math.ceil((level * i) / levels)
    const mass = counts[end]! - counts[begin]!
    if (mass > 0) {
      value = Math.log(mass / (filled[end]! - filled[begin]!))
      cross += mass * value
    }
    begin = end
  }
  cross += outliers * value
  return own - cross + total * Math.log(counts[i]!)
}

/** By the number of bins they go over. */
class PrefixSums {
  readonly counts: Float64Array
  /** Bins that are not empty. */
  readonly filled: Float64Array
  /** Of count · log(count). */
  readonly entropy: Float64Array
  readonly total: number

  constructor(bins: Float64Array, used: number) {
    this.counts = new Float64Array(used + 1)
    this.filled = new Float64Array(used + 1)
    this.entropy = new Float64Array(used + 1)
    for (let bin = 0; bin < used; bin++) {
      const count = bins[bin]!
      this.counts[bin + 1] = this.counts[bin]! + count
      this.filled[bin + 1] = this.filled[bin]! + Number(count > 0)
      this.entropy[bin + 1] = this.entropy[bin]! + xLogX(count)
    }
    this.total = this.counts[used]!
  }
}

const xLogX = (x: number) => (x > 0 ? x * Math.log(x) : 0)

function lastUsed(bins: Float64Array): number {
  for (let bin = bins.length - 1; bin > 0; bin--) if (bins[bin]! > 0) return bin
  return 0
}
