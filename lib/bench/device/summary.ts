import type { DeviceMeasurement, RunTimes } from '../../engine/controls/measure.js'

/** Of one metric, in milliseconds. */
export interface Metric {
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly median: number
  readonly percentiles: readonly { readonly percentile: number; readonly value: number }[]
  /** Standard deviation as a share of the mean, in percent. */
  readonly coefficientOfVariance: number
}

/** What trtexec's performance summary tells. */
export interface DeviceSummary {
  readonly warmUpRuns: number
  readonly runs: number
  /** Runs per second. */
  readonly throughput: number
  /** Copy in, computing and copy out together. */
  readonly latency: Metric
  readonly enqueue: Metric
  readonly h2d: Metric
  readonly compute: Metric
  readonly d2h: Metric
  /** Seconds, from the first copy in to the end of the last copy out. */
  readonly hostWalltime: number
  /** Seconds. */
  readonly computeTime: number
}

/** Runs averaged for a line of the trace. */
export interface TraceAverage {
  readonly compute: number
  readonly latency: number
  readonly enqueue: number
}

/** @param percentiles 0 … 100. @returns null: no run was counted. */
export function summarizeDevice({ runs, warmUpRuns }: DeviceMeasurement, percentiles: readonly number[]): DeviceSummary | null {
  const [first] = runs
  const last = runs.at(-1)
  if (first === undefined || last === undefined) return null
  const metric = (of: (times: RunTimes) => number) => metricOf(runs.map(of), percentiles)
  const walltimeMs = last.endD2hMs - first.startH2dMs
  const compute = metric(({ computeMs }) => computeMs)
  return {
    warmUpRuns,
    runs: runs.length,
    throughput: (runs.length / walltimeMs) * 1000,
    latency: metric(({ latencyMs }) => latencyMs),
    enqueue: metric(enqueueMs),
    h2d: metric(({ h2dMs }) => h2dMs),
    compute,
    d2h: metric(({ d2hMs }) => d2hMs),
    hostWalltime: walltimeMs / 1000,
    computeTime: (compute.mean * runs.length) / 1000,
  }
}

/** Of each `count` runs in turn; an incomplete rest is left out, as trtexec does. */
export function traceAverages(runs: readonly RunTimes[], count: number): TraceAverage[] {
  const mean = (part: readonly RunTimes[], of: (times: RunTimes) => number) => part.reduce((sum, times) => sum + of(times), 0) / count
  return Array.from({ length: Math.floor(runs.length / count) }, (_, i) => {
    const part = runs.slice(i * count, (i + 1) * count)
    return {
      compute: mean(part, ({ computeMs }) => computeMs),
      latency: mean(part, ({ latencyMs }) => latencyMs),
      enqueue: mean(part, enqueueMs),
    }
  })
}

const enqueueMs = ({ startEnqMs, endEnqMs }: RunTimes) => endEnqMs - startEnqMs

function metricOf(values: readonly number[], percentiles: readonly number[]): Metric {
  const sorted = values.toSorted((a, b) => a - b)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  const half = Math.floor(sorted.length / 2)
  return {
    min: sorted[0]!,
    max: sorted.at(-1)!,
    mean,
    median: sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2,
    percentiles: percentiles.map((percentile) => ({ percentile, value: trtexecPercentile(sorted, percentile) })),
    coefficientOfVariance: mean === 0 ? 0 : (100 * Math.sqrt(variance)) / mean,
  }
}

/** trtexec leaves out as many of the largest as are whole in the share above, in single precision; see its sampleReporting.cpp. */
function trtexecPercentile(sorted: readonly number[], percentile: number): number {
  const share = Math.fround(1 - Math.fround(percentile / 100))
  const excluded = Math.trunc(Math.fround(share * sorted.length))
  return sorted[Math.max(sorted.length - 1 - excluded, 0)]!
}
