import type { Rule } from '../../lib/batching/learned-rule.js'
import { simulate } from '../../lib/bench/capacity/simulate.js'
import { percentile } from '../support/statistics.js'
import { cost, msOf, noise, type Trace } from './scenarios.js'

export interface Simulated {
  /** Answered in time, percent of all. */
  readonly goodput: number
  /** Of the answered ones, milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly meanBatch: number
}

export interface Machine {
  readonly noisePercent: number
  /** Milliseconds of an execution that begins `now`, without noise. */
  readonly msOf: (rows: number, now: number) => number
  readonly seed: number
}

/** The sizes that a user warms up, and executions of each. */
const warmUpSizes = [1, 2, 4, 8, 16]

/** What MicroBatcher's options are by default. */
const defaults = { maxBatch: cost.maxBatch, lanes: 1, maxQueue: 1024, maxQueueDelay: 5 }

export const usualMachine = (seed: number): Machine => ({ noisePercent: cost.noisePercent, msOf, seed })

/** A trace through the rule in simulated time: the batcher's loop without its clock, timers, copies and promises. */
export function runSimulated(trace: Trace, rule: Rule, machine: Machine): Simulated {
  const { times, budgets } = trace
  const factor = noise(machine.noisePercent, machine.seed)
  const known = rule.cost()
  for (const rows of warmUpSizes) known.seed(0, rows, machine.msOf(rows, 0) * factor())
  const { latencyMs, refusal, batches, rowsRun } = simulate(
    rule.scheduler(defaults, [known]),
    {
      arrivals: times,
      rows: new Int32Array(times.length).fill(1),
      deadlines: times.map((time, i) => time + budgets[i]!),
      priorities: new Float64Array(times.length),
    },
    { lanes: 1, maxBatch: cost.maxBatch, executionMs: (rows, now) => machine.msOf(rows, now) * factor() },
  )
  const answered = latencyMs.filter((latency) => !Number.isNaN(latency)).sort()
  if (answered.length + refusal.filter((reason) => reason !== 255).length !== times.length) throw new Error('a request was lost')
  const inTime = latencyMs.filter((latency, i) => latency <= budgets[i]!).length
  return {
    goodput: (100 * inTime) / times.length,
    p50: percentile(answered, 0.5),
    p99: percentile(answered, 0.99),
    meanBatch: rowsRun / batches,
  }
}
