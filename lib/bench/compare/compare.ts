import { invalid } from '../../core/options.js'
import { seededRandom } from '../../core/random.js'
import type { BenchmarkReport, Slice, StepReport } from '../report/schema.js'
import { differenceInterval, type Interval, mean, meanInterval, ratioInterval } from './bootstrap.js'

export const comparisonSchema = 'tensorrt-node/comparison/1'

/** What came of comparing B with A, as JSON holds it. */
export interface Comparison {
  schema: typeof comparisonSchema
  a: string
  b: string
  /** Measured in turn, in pairs under the same arrivals; or apart, and whatever changed between the two is in the difference. */
  interleaved: boolean
  /** Load of both: requests in flight, or requests per second. */
  load: number
  /** Pairs of values, or values of each side. */
  values: number
  metrics: MetricDifference[]
}

export interface MetricDifference {
  metric: MetricName
  unit: string
  /** Means over the rounds. */
  a: number
  b: number
  /** B against A: as a share of A (`relative`), or B - A. With the ends of its interval of 95 % confidence. */
  change: number
  low: number
  high: number
  relative: boolean
  /** `noise`: the interval holds 0. */
  verdict: 'better' | 'worse' | 'noise'
}

export type MetricName = 'throughput' | 'goodput' | 'mean' | 'p50' | 'p99' | 'cpuPerRequest'

interface Metric {
  name: MetricName
  unit: string
  higherIsBetter: boolean
  /** Of a share no share is taken: it may be 0. */
  relative: boolean
}

const metrics: readonly Metric[] = [
  { name: 'throughput', unit: '/s', higherIsBetter: true, relative: true },
  { name: 'goodput', unit: '', higherIsBetter: true, relative: false },
  { name: 'mean', unit: 'ms', higherIsBetter: false, relative: true },
  { name: 'p50', unit: 'ms', higherIsBetter: false, relative: true },
  { name: 'p99', unit: 'ms', higherIsBetter: false, relative: true },
  { name: 'cpuPerRequest', unit: 'us', higherIsBetter: false, relative: true },
]

/** What is compared of one round. */
export type RoundValues = Readonly<Record<MetricName, number | null>>

export function roundValues({ throughput, goodput, latency, cpuPerRequest }: StepReport): RoundValues {
  return { throughput, goodput, mean: latency.mean, p50: latency.p50, p99: latency.p99, cpuPerRequest }
}

/** Rounds of A and B taken next to each other: what slowed the machine down slowed both. Pure. */
export function comparePairs(a: readonly RoundValues[], b: readonly RoundValues[], seed: number): MetricDifference[] {
  if (a.length !== b.length || a.length < 3)
    throw invalid(`Expected at least 3 rounds of each side but received ${a.length} and ${b.length}.`)
  return differences(a, b, (metric, [left, right]) => {
    const relative = isRelative(metric, left, right)
    const values = left.map((value, i) => (relative ? Math.log(right[i]! / value) : right[i]! - value))
    return { relative, interval: meanInterval(values, seededRandom(seed)) }
  })
}

const leastSlices = 5

/**
 * Two reports, step by step where the loads agree; their slices stand for rounds. Pure. It cannot tell what changed on the
 * machine between the two: measure in turn where you can.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: no load in common.
 */
export function compareReports(a: BenchmarkReport, b: BenchmarkReport, seed = 1): Comparison[] {
  const comparisons: Comparison[] = []
  for (const step of a.steps) {
    const other = b.steps.find(({ load }) => load === step.load)
    if (other === undefined || a.settings.mode !== b.settings.mode) continue
    const [left, right] = [sliceValues(step.slices), sliceValues(other.slices)]
    const values = Math.min(left.length, right.length)
    if (values < leastSlices) continue
    comparisons.push({
      schema: comparisonSchema,
      a: a.name,
      b: b.name,
      interleaved: false,
      load: step.load,
      values,
      metrics: differences(left, right, (metric, [own, others]) => {
        const relative = isRelative(metric, own, others)
        return { relative, interval: (relative ? ratioInterval : differenceInterval)(own, others, seededRandom(seed)) }
      }),
    })
  }
  if (comparisons.length > 0) return comparisons
  const told = (report: BenchmarkReport) => `${report.settings.mode} loop at ${report.steps.map(({ load }) => load).join(', ')}`
  throw invalid(`The reports have no load in common that was measured in windows: A is a ${told(a)}; B a ${told(b)}.`)
}

function sliceValues(slices: readonly Slice[]): RoundValues[] {
  // A slice in which nothing was answered has no latency.
  return slices
    .filter(({ p50 }) => p50 > 0)
    .map(({ throughput, goodput, mean, p50, p99 }) => ({ throughput, goodput, mean, p50, p99, cpuPerRequest: null }))
}

type Judge = (metric: Metric, sides: [number[], number[]]) => { relative: boolean; interval: Interval }

function differences(a: readonly RoundValues[], b: readonly RoundValues[], judge: Judge): MetricDifference[] {
  const told: MetricDifference[] = []
  for (const metric of metrics) {
    const [left, right] = [present(a, metric.name), present(b, metric.name)]
    if (left.length < a.length || right.length < b.length) continue
    const { relative, interval } = judge(metric, [left, right])
    // From logarithms back to shares.
    const plain = (value: number) => (relative ? Math.expm1(value) : value)
    const [low, high] = [plain(interval.low), plain(interval.high)]
    const verdict = low <= 0 && high >= 0 ? 'noise' : low > 0 === metric.higherIsBetter ? 'better' : 'worse'
    told.push({
      metric: metric.name,
      unit: metric.unit,
      a: mean(left),
      b: mean(right),
      change: plain(interval.estimate),
      low,
      high,
      relative,
      verdict,
    })
  }
  return told
}

function present(rounds: readonly RoundValues[], name: MetricName): number[] {
  return rounds.map((round) => round[name]).filter((value) => value !== null)
}

function isRelative({ relative }: Metric, a: readonly number[], b: readonly number[]): boolean {
  return relative && a.every((value) => value > 0) && b.every((value) => value > 0)
}
