import type { ResolvedClass } from '../load/classes.js'
import type { Range } from '../measure/control.js'
import { isRefusal } from '../measure/outcomes.js'
import { answered, type Samples } from '../measure/samples.js'
import { describe } from '../statistics.js'
import { type ClassReport, type Histogram, type Latency, latencyOf, type Slice, type StepReport } from './schema.js'

/** What a step's samples alone tell. */
export type SampleReport = Pick<
  StepReport,
  | 'offered'
  | 'offeredRate'
  | 'answered'
  | 'throughput'
  | 'inTime'
  | 'goodput'
  | 'refused'
  | 'failed'
  | 'latency'
  | 'percentiles'
  | 'histogram'
  | 'classes'
  | 'slices'
  | 'sendDelay'
>

const sliceCount = 20

export interface Wanted extends Pick<Range, 'from' | 'to'> {
  percentiles?: readonly number[]
}

/** Pure: the report of the requests that were due from `from` to `to`. */
export function summarizeSamples(samples: Samples, classes: readonly ResolvedClass[], wanted: Wanted): SampleReport {
  const { from, to, percentiles = [] } = wanted
  const due = positions(samples, (at) => samples.intended[at]! >= from && samples.intended[at]! < to)
  const all = facts(samples, classes, due)
  return {
    offered: due.length,
    offeredRate: perSecond(due.length, from, to),
    answered: all.latencies.length,
    throughput: perSecond(answersWithin(samples, from, to), from, to),
    inTime: all.inTime,
    goodput: all.goodput,
    ...unanswered(samples, due),
    latency: latency(all.latencies),
    percentiles: describe(all.latencies, percentiles).percentiles,
    histogram: histogram(all.latencies),
    classes: classes.map(({ name }, position) => ({ name, ...classReport(samples, classes, position, due) })),
    slices: slices(samples, classes, { due, from, to }),
    sendDelay: sendDelay(samples, due),
  }
}

function positions(samples: Samples, wanted: (at: number) => boolean): number[] {
  const found: number[] = []
  for (let at = 0; at < samples.count; at++) if (wanted(at)) found.push(at)
  return found
}

const perSecond = (count: number, from: number, to: number) => (to > from ? (count * 1000) / (to - from) : 0)

/** By when they ended: what the runner gave in that time, be it for requests of an earlier one. */
function answersWithin(samples: Samples, from: number, to: number): number {
  let count = 0
  // To the end inclusive: where no windows are cut, the last answer is the end.
  for (let at = 0; at < samples.count; at++)
    if (samples.outcome[at] === answered && samples.ended[at]! > from && samples.ended[at]! <= to) count++
  return count
}

interface Facts {
  latencies: Float64Array
  inTime: number | null
  goodput: number | null
}

/** Requests without a deadline have nothing to be in time for: neither part of the share counts them. */
function facts(samples: Samples, classes: readonly ResolvedClass[], due: readonly number[]): Facts {
  const latencies: number[] = []
  let [inTime, promised] = [0, 0]
  for (const at of due) {
    const { deadline } = classes[samples.classes[at]!]!
    if (deadline !== Infinity) promised++
    if (samples.outcome[at] !== answered) continue
    const took = samples.ended[at]! - samples.intended[at]!
    latencies.push(took)
    if (deadline !== Infinity && took <= deadline) inTime++
  }
  const none = promised === 0
  return { latencies: Float64Array.from(latencies), inTime: none ? null : inTime, goodput: none ? null : inTime / promised }
}

function unanswered(samples: Samples, due: readonly number[]): Pick<StepReport, 'refused' | 'failed'> {
  const refused: Record<string, number> = {}
  const failed: Record<string, number> = {}
  for (const at of due) {
    const outcome = samples.outcome[at]!
    if (outcome === answered) continue
    const name = samples.outcomes[outcome]!
    const counts = isRefusal(name) ? refused : failed
    counts[name] = (counts[name] ?? 0) + 1
  }
  return { refused, failed }
}

/** Exact, by nearest rank. */
export function latency(values: ArrayLike<number>): Latency {
  const distribution = describe(values, [50, 90, 95, 99, 99.9])
  return latencyOf(distribution, (wanted) => distribution.percentiles.find(({ percentile }) => percentile === wanted)!.value)
}

const mostBins = 48

/** Bins of equal width up to the 99.9th percentile, and the last one up to the maximum: an outlier must not flatten the rest. */
export function histogram(values: ArrayLike<number>): Histogram {
  const { min, max, count, percentiles } = describe(values, [99.9])
  if (count === 0) return { edges: [], counts: [] }
  const top = Math.max(percentiles[0]!.value, min)
  // Never finer than the digits that an edge is written with, nor than a nanosecond.
  const width = niceWidth(Math.max((top - min) / mostBins, top * 1e-6, 1e-6))
  const first = Math.floor(min / width) * width
  const bins = Math.max(1, Math.ceil((top - first) / width + 1e-9))
  const edges = Array.from({ length: bins + 1 }, (_, i) => round(first + i * width))
  const counts = new Array<number>(bins).fill(0)
  for (let i = 0; i < values.length; i++) counts[Math.min(bins - 1, Math.max(0, Math.floor((values[i]! - first) / width)))]!++
  if (max > edges[bins]!) edges[bins] = max
  return { edges, counts }
}

/** The next of 1, 2, 5, 10 … at any power. */
function niceWidth(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  const factor = [1, 2, 5, 10].find((each) => each * power >= least * (1 - 1e-9))
  return factor! * power
}

/** Floating dust (0.30000000000000004) has no place in a report. */
const round = (value: number) => Number(value.toPrecision(12))

function classReport(
  samples: Samples,
  classes: readonly ResolvedClass[],
  position: number,
  due: readonly number[],
): Omit<ClassReport, 'name'> {
  const own = classes.length === 1 ? due : due.filter((at) => samples.classes[at] === position)
  const { latencies, inTime, goodput } = facts(samples, classes, own)
  return { offered: own.length, answered: latencies.length, inTime, goodput, latency: latency(latencies) }
}

function slices(
  samples: Samples,
  classes: readonly ResolvedClass[],
  { due, from, to }: { due: readonly number[]; from: number; to: number },
): Slice[] {
  if (!(to > from)) return []
  const length = (to - from) / sliceCount
  const members = Array.from({ length: sliceCount }, () => [] as number[])
  for (const at of due) members[Math.min(sliceCount - 1, Math.floor((samples.intended[at]! - from) / length))]!.push(at)
  return members.map((own, i) => {
    const { latencies, goodput } = facts(samples, classes, own)
    const { mean, p50, p99 } = latency(latencies)
    const [begin, end] = [from + i * length, from + (i + 1) * length]
    return { offered: own.length, throughput: perSecond(answersWithin(samples, begin, end), begin, end), mean, p50, p99, goodput }
  })
}

function sendDelay(samples: Samples, due: readonly number[]): StepReport['sendDelay'] {
  const { mean, max, percentiles } = describe(
    // Below a nanosecond is what subtracting an origin costs.
    due.map((at) => Math.max(0, samples.sent[at]! - samples.intended[at]!)).map((late) => (late < 1e-6 ? 0 : late)),
    [99],
  )
  return { mean, p99: percentiles[0]!.value, max }
}
