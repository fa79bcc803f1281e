/** A window is as many runs as fill this time: single runs of a tenth of a millisecond never agree within a tenth. */
const windowMs = 10
const mostInWindow = 16
const windows = 3

/** The runs that count: without the first, and no more than the windows can hold. */
const recent = (times: readonly number[]): readonly number[] => times.slice(Math.max(1, times.length - windows * mostInWindow))

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** How many runs make a window. */
function windowSize(counted: readonly number[]): number {
  const typical = median(counted.slice(-mostInWindow))
  return Math.max(1, Math.min(mostInWindow, Math.ceil(windowMs / typical)))
}

/**
 * Whether run times have settled: the medians of the last three windows differ by at most `tolerance` of the least. A window
 * is one run of 10 ms or more, up to 16 shorter ones. The first run is in none.
 */
export function settled(times: readonly number[], tolerance: number): boolean {
  const counted = recent(times)
  if (counted.length < windows) return false
  const size = windowSize(counted)
  if (counted.length < windows * size) return false
  const medians = Array.from({ length: windows }, (_, i) => {
    const end = counted.length - i * size
    return median(counted.slice(end - size, end))
  })
  return Math.max(...medians) <= Math.min(...medians) * (1 + tolerance)
}

/** Median of the runs in the last three windows; of the first run where there is no other. In the unit of `times`. */
export function steady(times: readonly number[]): number {
  const counted = recent(times)
  return counted.length === 0 ? times[0]! : median(counted.slice(-windows * windowSize(counted)))
}
