import { histogramBins } from '../kernels.js'
import { magnitudes } from '../statistics.js'
import type { Range, TensorStatistics } from '../types.js'

/**
 * Magnitude below which `percentile` percent of the magnitudes lie: the lower edge of the first bin at whose end the cumulated share
 * reaches it, which is what `compute_percentile` of ONNX Runtime's calibrate.py takes (`symmetric`). Where that is the
 * first bin, its end: 0 would saturate everything.
 */
export function percentileMagnitude(statistics: TensorStatistics, percentile: number): number {
  const bins = magnitudes(statistics)
  const largest = Math.max(-statistics.min, statistics.max)
  return Math.min(largest, edge(quantileBin(bins, statistics.count * (percentile / 100)), statistics))
}

/** Half of what is cut off goes from either end; of the bins in which that ends the lower edges, as calibrate.py has it without `symmetric`. */
export function percentileRange(statistics: TensorStatistics, percentile: number): Range {
  const { positive, negative, count, min, max } = statistics
  const kept = count * (1 - (100 - percentile) / 200)
  const high = outerBin(positive, sum(negative), kept)
  const low = outerBin(negative, sum(positive), kept)
  return {
    low: low < 0 || min >= 0 ? 0 : Math.max(min, -edge(low + 1, statistics)),
    high: high < 0 || max <= 0 ? 0 : Math.min(max, edge(high, statistics)),
  }
}

/** First bin at whose end `wanted` values have been counted. */
function quantileBin(bins: Float64Array, wanted: number, before = 0): number {
  let counted = before
  for (let bin = 0; bin < bins.length; bin++) {
    counted += bins[bin]!
    if (counted >= wanted) return bin
  }
  return bins.length - 1
}

/** The bin in which this side ends; -1: the values of the other side alone are as many as are kept. */
function outerBin(bins: Float64Array, others: number, wanted: number): number {
  return others >= wanted ? -1 : quantileBin(bins, wanted, others)
}

function edge(bin: number, { limit }: TensorStatistics): number {
  return (Math.max(1, bin) * limit) / histogramBins
}

function sum(bins: Float64Array): number {
  let total = 0
  for (const count of bins) total += count
  return total
}
