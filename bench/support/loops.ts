import { closedLoop, type LoopPlan, type LoopResult } from './closed-loop.js'
import type { Side } from './rounds.js'
import { median, ratios, spread } from './statistics.js'
import { figure, table } from './table.js'

export interface LoopSideOptions extends LoopPlan {
  /** Rest before each turn: threads of the side before, which may still poll, have gone to sleep by then. */
  restMs?: number
}

type Metric = Exclude<keyof LoopResult, 'operations'>

/** A side that keeps `inFlight` operations going for its turn in each round. */
export function loopSide<N extends string>(
  name: N,
  operation: () => Promise<unknown>,
  options: LoopSideOptions,
): Side<LoopResult> & { readonly name: N } {
  return {
    name,
    async measure() {
      if (options.restMs !== undefined) await new Promise((resolve) => setTimeout(resolve, options.restMs))
      return await closedLoop(operation, options)
    },
  }
}

/** Median over rounds of the ratio within each round. */
export function roundRatio(over: readonly LoopResult[], under: readonly LoopResult[], metric: Metric): number {
  return median(
    ratios(
      over.map((result) => result[metric]),
      under.map((result) => result[metric]),
    ),
  )
}

/** Medians over rounds; behind the operations per second their smallest and largest round. */
export function loopTable(title: string, results: Readonly<Record<string, readonly LoopResult[]>>): string {
  const rows = Object.entries(results).map(([name, rounds]) => {
    const rate = spread(rounds.map(({ perSecond }) => perSecond))
    const middle = (metric: Metric): string => figure(median(rounds.map((round) => round[metric])))
    return [name, figure(rate.median), `${figure(rate.min)} – ${figure(rate.max)}`, middle('p50'), middle('p99'), middle('cpuPerOperation')]
  })
  return table([title, 'ops/s', 'rounds', 'p50 µs', 'p99 µs', 'CPU µs/op'], rows)
}
