import type { DispatchReason, RefusalReason } from '../../batching/rule/types.js'
import { describe, type Distribution } from '../statistics.js'
import type { ResolvedClass } from '../load/classes.js'
import { refusalReasons, type SimulationResult, type Trace } from './simulate.js'

/** What one kind of request would get. */
export interface ClassPrediction {
  readonly name: string
  readonly offered: number
  /** Share of the offered ones that were answered in time. */
  readonly goodput: number
  /** Of the answered ones, in milliseconds from arrival. */
  readonly latency: Distribution
}

/** What a service would see. JSON-safe; times in milliseconds. */
export interface CapacityPrediction {
  readonly lanes: number
  readonly offered: number
  readonly answered: number
  /** Share of the offered ones that were answered in time (at all, without a deadline). */
  readonly goodput: number
  /** Half the 95 % confidence interval of `goodput`, from ten parts of the trace; 0 with fewer than 100 requests. */
  readonly goodputMargin: number
  readonly refused: Readonly<Record<RefusalReason, number>>
  /** Of the answered ones, from arrival. */
  readonly latency: Distribution
  /** Answers per second. */
  readonly throughput: number
  readonly batches: number
  readonly meanBatch: number
  readonly dispatched: Readonly<Partial<Record<DispatchReason, number>>>
  /** Share of the time that a lane is busy. */
  readonly laneUtilization: number
  /** In the order given; one named `all` where there are none. */
  readonly classes: readonly ClassPrediction[]
}

const percentiles = [50, 90, 95, 99, 99.9]
const parts = 10
/** Student's t, 97.5 %, nine degrees of freedom. */
const t9 = 2.262

/** Who was simulated, and of whom it is told. */
export interface Population {
  readonly lanes: number
  readonly classes: readonly ResolvedClass[]
  /** Of each request, its position in `classes`. */
  readonly drawn: Uint8Array
  /** The first request that counts: those before it only fill the queue. */
  readonly from: number
}

export function predictionOf(result: SimulationResult, trace: Trace, { lanes, classes, drawn, from }: Population): CapacityPrediction {
  const { batches, rowsRun, busyMs, elapsedMs, dispatched } = result
  const latencyMs = result.latencyMs.subarray(from)
  const [arrivals, deadlines, kinds] = [trace.arrivals.subarray(from), trace.deadlines.subarray(from), drawn.subarray(from)]
  const good = latencyMs.map((latency, i) => (arrivals[i]! + latency <= deadlines[i]! ? 1 : 0))
  const answered = answeredOf(latencyMs)
  const countedMs = elapsedMs - (arrivals[0] ?? 0)
  return {
    lanes,
    offered: arrivals.length,
    answered: answered.length,
    goodput: mean(good),
    goodputMargin: margin(good),
    refused: refusalCounts(result.refusal.subarray(from)),
    latency: describe(answered, percentiles),
    throughput: countedMs > 0 ? (1000 * answered.length) / countedMs : 0,
    batches,
    meanBatch: batches === 0 ? 0 : rowsRun / batches,
    dispatched,
    laneUtilization: elapsedMs > 0 ? busyMs / (lanes * elapsedMs) : 0,
    classes: classes.map(({ name }, index) => {
      const mine = (_: number, i: number) => kinds[i] === index
      const times = latencyMs.filter(mine)
      return { name, offered: times.length, goodput: mean(good.filter(mine)), latency: describe(answeredOf(times), percentiles) }
    }),
  }
}

const answeredOf = (latencyMs: Float64Array) => latencyMs.filter((latency) => !Number.isNaN(latency))

function refusalCounts(refusal: Uint8Array): Record<RefusalReason, number> {
  const counts = { deadline: 0, overload: 0, expired: 0 }
  for (const number of refusal) {
    const reason = refusalReasons[number]
    if (reason !== undefined) counts[reason]++
  }
  return counts
}

const mean = (values: Float64Array): number => (values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length)

/** Neighbours share their fate, so that single requests are no independent samples; a tenth of the trace nearly is. */
function margin(good: Float64Array): number {
  if (good.length < parts * 10) return 0
  const size = Math.floor(good.length / parts)
  const means = Float64Array.from({ length: parts }, (_, i) => mean(good.subarray(i * size, (i + 1) * size)))
  const center = mean(means)
  const variance = means.reduce((sum, value) => sum + (value - center) ** 2, 0) / (parts - 1)
  return t9 * Math.sqrt(variance / parts)
}
