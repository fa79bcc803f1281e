/** Value below which `fraction` of the samples lie, by nearest rank. `sorted` is ascending and not empty. */
export function percentile(sorted: ArrayLike<number>, fraction: number): number {
  const rank = Math.max(1, Math.ceil(fraction * sorted.length))
  const value = sorted[rank - 1]
  if (value === undefined) throw new RangeError(`no sample at rank ${rank} of ${sorted.length}`)
  return value
}

/** Middle sample, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[sorted.length >> 1]
  const lower = sorted[(sorted.length - 1) >> 1]
  if (upper === undefined || lower === undefined) throw new RangeError('median of no samples')
  return (lower + upper) / 2
}

/** What rounds gave: their median, smallest and largest. */
export interface Spread {
  median: number
  min: number
  max: number
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}

/** Ratios of samples taken in the same round: what slowed one round down slowed both sides down, and cancels. */
export function ratios(over: readonly number[], under: readonly number[]): number[] {
  if (over.length !== under.length) throw new RangeError(`${over.length} rounds cannot be paired with ${under.length}`)
  return over.map((value, round) => value / (under[round] as number))
}
