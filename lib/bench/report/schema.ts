import type { Distribution } from '../statistics.js'
import type { EventLoopDelay } from '../event-loop-delay.js'
import type { ArrivalKind } from '../load/arrivals.js'

/** Changes when a member changes its meaning or goes; new ones may come without. */
export const reportSchema = 'tensorrt-node/benchmark/1'

/**
 * What `benchmark` gives, as JSON holds it (docs/benchmark.md). Times are milliseconds, shares are from 0 to 1, what does
 * not apply is null.
 */
export interface BenchmarkReport {
  schema: typeof reportSchema
  /** What was measured, in the words of whoever measured it. */
  name: string
  /** ISO 8601. */
  created: string
  environment: Environment
  settings: Settings
  /** In the order measured: ascending load, unless asked otherwise. */
  steps: StepReport[]
  /** Of a search for the highest load. */
  findMax: FindMaxReport | null
}

export interface Environment {
  package: string
  node: string
  platform: string
  cpu: string
  cores: number
  memoryBytes: number
}

export interface Settings {
  mode: 'closed' | 'open'
  /** Null in a closed loop. */
  arrivals: { kind: ArrivalKind; peak?: number; phase?: number; recorded?: number } | null
  classes: ClassSettings[]
  slo: number | null
  warmUp: number
  duration: number
  iterations: number
  stability: number
  maxWindows: number
  seed: number
}

export interface ClassSettings {
  name: string
  weight: number
  rows: number
  /** Null: none. */
  deadline: number | null
  priority: number
}

/** Of the requests that were to be sent in the measured part of one load step. */
export interface StepReport {
  /** Requests in flight (closed loop), or the mean rate asked for in requests per second (open loop). */
  load: number
  /** Milliseconds since the step began. */
  from: number
  to: number
  /** Whether the last three windows agreed. Null: not judged. */
  stable: boolean | null
  windows: { from: number; to: number; throughput: number; latency: number }[]
  /** Requests that were due. */
  offered: number
  /** The same per second. */
  offeredRate: number
  answered: number
  /** Answers that came in the measured part, per second, whenever their requests were sent. */
  throughput: number
  /** Answers within the deadline; null where no class has one. */
  inTime: number | null
  /** `inTime` of `offered`. */
  goodput: number | null
  /** By reason: `TRT_ERR_DEADLINE expired`, `TRT_ERR_OVERLOADED` … */
  refused: Record<string, number>
  /** By error code; `pending` never came back. */
  failed: Record<string, number>
  /** Of the answers, from the intended send time. */
  latency: Latency
  /** Those asked for besides. */
  percentiles: { percentile: number; value: number }[]
  histogram: Histogram
  classes: ClassReport[]
  /** Parts of the measured time, for intervals of confidence. */
  slices: Slice[]
  /** Null where the runner tells nothing of batches. */
  batches: BatchReport | null
  /** By stage, of the requests that were answered; null where the runner tells nothing. */
  stages: Record<string, StageReport> | null
  /** Microseconds of CPU of the whole process for each request that ended, over all windows. */
  cpuPerRequest: number
  /** Over all windows. */
  eventLoopDelay: EventLoopDelay
  /** How late requests were sent against their intended time: it is part of their latency. */
  sendDelay: { mean: number; p99: number; max: number }
}

export interface Latency {
  count: number
  min: number
  mean: number
  p50: number
  p90: number
  p95: number
  p99: number
  p999: number
  max: number
}

/** `counts[i]` latencies lie from `edges[i]` to below `edges[i + 1]`. Empty where there are none. */
export interface Histogram {
  edges: number[]
  counts: number[]
}

export interface ClassReport {
  name: string
  offered: number
  answered: number
  inTime: number | null
  goodput: number | null
  latency: Latency
}

export interface Slice {
  offered: number
  throughput: number
  mean: number
  p50: number
  p99: number
  goodput: number | null
}

export interface StageReport {
  count: number
  mean: number
  p50: number
  p95: number
  p99: number
  max: number
}

export interface BatchReport {
  count: number
  meanRows: number
  /** Number of batches by rows. */
  rows: Record<string, number>
  /** Number of batches by the reason of their dispatch. */
  reasons: Record<string, number>
  /** Predicted against measured execution time, of each batch: (measured - predicted) / measured. */
  costError: { mean: number; p50: number; p95Absolute: number } | null
  /** Share of the measured time in which a lane was busy, mean over the lanes seen. */
  utilisation: number
  /** Means over equal parts of the measured time; `at` is the middle of a part, since the step began. */
  timeline: { at: number; batches: number; meanRows: number; maxRows: number }[]
}

export interface FindMaxReport {
  /** The highest load at which goodput was met. Null: not even the lowest one tried. */
  load: number | null
  /** Share of the requests offered that must be answered in time. */
  goodput: number
  slo: number | null
  /** A higher load, at most this share above, failed. */
  precision: number
  /** Everything tried, in order. */
  tried: { load: number; goodput: number; met: boolean }[]
}

/** The named percentiles of `Latency`. */
export function latencyOf({ count, min, mean, max }: Distribution, at: (percentile: number) => number): Latency {
  return { count, min, mean, p50: at(50), p90: at(90), p95: at(95), p99: at(99), p999: at(99.9), max }
}
