/** Exact, from all values: same unit as they. Everything is 0 where there are none. */
export interface Distribution {
  count: number
  min: number
  mean: number
  max: number
  /** By percentile as given, in the order given. */
  percentiles: { percentile: number; value: number }[]
}

/** @param percentiles Each from 0 to 100. */
export function describe(values: ArrayLike<number>, percentiles: readonly number[]): Distribution {
  const sorted = Float64Array.from(values).sort()
  let sum = 0
  for (const value of sorted) sum += value
  return {
    count: sorted.length,
    min: sorted[0] ?? 0,
    mean: sorted.length === 0 ? 0 : sum / sorted.length,
    max: sorted.at(-1) ?? 0,
    percentiles: percentiles.map((percentile) => ({ percentile, value: nearestRank(sorted, percentile) })),
  }
}

/** The smallest value that at least `percentile` percent of all do not exceed: always one that was measured. */
function nearestRank(sorted: Float64Array, percentile: number): number {
  // 99.9 % of 1000 is 999.0000000000001 in floating point: one part in 10^9 is no rank.
  const rank = Math.ceil((percentile / 100) * sorted.length - 1e-9 * sorted.length)
  return sorted[Math.max(0, rank - 1)] ?? 0
}
