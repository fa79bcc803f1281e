/** What a window is judged by. */
export interface WindowFacts {
  /** Answers per second. */
  throughput: number
  /** Mean latency of the answers, milliseconds. */
  latency: number
}

/** How many windows must agree; perf_analyzer's number, and its rule. */
export const agreeing = 3

/** Whether throughput and latency of each of the last three windows lie within `tolerance` (a share) of their mean. */
export function isStable(windows: readonly WindowFacts[], tolerance: number): boolean {
  const last = windows.slice(-agreeing)
  if (last.length < agreeing) return false
  return (
    agree(
      last.map(({ throughput }) => throughput),
      tolerance,
    ) &&
    agree(
      last.map(({ latency }) => latency),
      tolerance,
    )
  )
}

function agree(values: readonly number[], tolerance: number): boolean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  // Nothing at all three times is no agreement.
  return mean > 0 && values.every((value) => Math.abs(value - mean) <= tolerance * mean)
}
