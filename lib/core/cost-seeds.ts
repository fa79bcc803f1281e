/** What an execution of these shapes costs when nothing else waits. */
export interface CostSeed {
  /** Of each input, by name. */
  readonly shapes: Readonly<Record<string, readonly number[]>>
  /** Size of the batch. */
  readonly rows: number
  /** Milliseconds. */
  readonly ms: number
}

/** The part of a warm-up's report that costs are read from. */
export interface MeasuredEntries {
  readonly entries: readonly {
    readonly shapes: Readonly<Record<string, readonly number[]>>
    readonly rows: number
    readonly steadyMs: number
    readonly runs: number
  }[]
}

/**
 * What a batcher can expect of each shape: the median of the lanes' steady times. A lane that ran a shape only once tells
 * nothing: that run paid for what happens once.
 *
 * @param report What `session.warmUp` resolved to, or the same from JSON.
 */
export function costSeeds(report: MeasuredEntries): CostSeed[] {
  const byShapes = new Map<string, { shapes: CostSeed['shapes']; rows: number; times: number[] }>()
  for (const { shapes, rows, steadyMs, runs } of report.entries) {
    if (runs < 2) continue
    const key = JSON.stringify(Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1)))
    const group = byShapes.get(key)
    if (group === undefined) byShapes.set(key, { shapes, rows, times: [steadyMs] })
    else group.times.push(steadyMs)
  }
  return [...byShapes.values()].map(({ shapes, rows, times }) => ({ shapes, rows, ms: lowerMedian(times) }))
}

function lowerMedian(values: number[]): number {
  values.sort((a, b) => a - b)
  return values[(values.length - 1) >> 1]!
}
