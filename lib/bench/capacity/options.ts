import { type MicroBatcherOptions, resolveOptions } from '../../batching/options.js'
import type { SchedulerOptions } from '../../batching/rule/types.js'
import { abortSignal, integer, invalid, number, plainObject, rejectUnknown } from '../../core/options.js'
import { type ArrivalKind, type Arrivals, resolveArrivals } from '../load/arrivals.js'
import { type RequestClass, type ResolvedClass, resolveClasses } from '../load/classes.js'
import { type CostPoint, CostTable } from './cost-table.js'

export interface CapacityOptions {
  /** Time of an execution by batch size: measured (`costSeeds` of a warm-up's report) or given. Linear between the sizes. */
  cost: readonly CostPoint[]
  /** Mean requests per second. May be left out for a trace, which then keeps its own. */
  rate?: number
  /** Default 'poisson'. */
  arrivals?: ArrivalKind | Arrivals
  /** How many requests count; a tenth more come before. Default: those of five seconds, 20,000 to 100,000; of a trace, at least all. */
  requests?: number
  /** Milliseconds within which each request is to be answered. Default: none; what is answered at all is then good. */
  slo?: number
  /** Kinds of requests, drawn by weight. Default: one kind, of one row. */
  classes?: readonly RequestClass[]
  /** Executions at once; 'auto' (default): the fewest that reach `target`. Each is as fast as one alone. */
  lanes?: number | 'auto'
  /** Share of the requests offered that is to be answered in time. Default 0.99. */
  target?: number
  /** Most rows in one batch. Default: the largest of `cost`. */
  maxBatch?: number
  /** As of `MicroBatcher`, with the same defaults. */
  maxQueue?: number
  maxQueueDelay?: number
  priorities?: MicroBatcherOptions['priorities']
  /** Standard deviation of the logarithm of an execution's time: 0.05 (default) is 5 %. */
  noise?: number
  /** Of arrivals, classes and noise. Default 1. */
  seed?: number
  signal?: AbortSignal
}

export interface ResolvedCapacity {
  readonly cost: CostTable
  readonly rate: number
  readonly arrivals: Arrivals
  readonly requests: number
  readonly slo: number | undefined
  readonly classes: readonly ResolvedClass[]
  readonly lanes: number | 'auto'
  readonly target: number
  /** All but the lanes. */
  readonly rule: Omit<SchedulerOptions, 'lanes'>
  readonly noise: number
  readonly seed: number
  readonly signal: AbortSignal | undefined
}

// biome-ignore format: a list
const known = [
  'cost', 'rate', 'arrivals', 'requests', 'slo', 'classes', 'lanes', 'target', 'maxBatch', 'maxQueue', 'maxQueueDelay', 'priorities',
  'noise', 'seed', 'signal',
]
/** Lanes that a search goes up to, and that may be given. */
export const mostLanes = 1024
/** Percentiles need thousands; lanes by the dozen, as many seconds as queues take to settle. */
const [leastRequests, mostRequests] = [20_000, 100_000]

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveCapacity(given: CapacityOptions): ResolvedCapacity {
  rejectUnknown(plainObject('the options of planCapacity', given), known, 'planCapacity')
  const cost = new CostTable(given.cost)
  const arrivals = resolveArrivals(given.arrivals ?? 'poisson')
  const { slo, maxQueue, maxQueueDelay, weights } = resolveOptions(batcherOptions(given))
  const maxBatch = integer('maxBatch', given.maxBatch ?? cost.maxRows, 1, cost.maxRows)
  const rate = rateOf(given.rate, arrivals)
  return {
    cost,
    rate,
    arrivals,
    requests: integer('requests', given.requests ?? defaultRequests(arrivals, rate), 1, 10_000_000),
    slo,
    classes: resolveClasses(given.classes, slo),
    lanes: given.lanes === undefined || given.lanes === 'auto' ? 'auto' : integer('lanes', given.lanes, 1, mostLanes),
    target: number('target', given.target ?? 0.99, 0, 1),
    rule: { maxBatch, maxQueue, maxQueueDelay, ...(slo === undefined ? {} : { slo }), ...(weights === undefined ? {} : { weights }) },
    noise: number('noise', given.noise ?? 0.05, 0, 1),
    seed: integer('seed', given.seed ?? 1, 0, 2 ** 32 - 1),
    signal: given.signal === undefined ? undefined : abortSignal('signal', given.signal),
  }
}

function defaultRequests(arrivals: Arrivals, rate: number): number {
  if (arrivals.kind === 'trace') return Math.max(leastRequests, arrivals.times.length)
  return Math.min(mostRequests, Math.max(leastRequests, Math.ceil(5 * rate)))
}

/** The same checks and defaults as the batcher's own: only what was given. */
function batcherOptions({ slo, maxQueue, maxQueueDelay, priorities }: CapacityOptions): MicroBatcherOptions {
  const all = { slo, maxQueue, maxQueueDelay, priorities }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as MicroBatcherOptions
}

function rateOf(given: number | undefined, arrivals: Arrivals): number {
  if (given !== undefined) return number('rate', given, 1e-6, 1e7)
  if (arrivals.kind !== 'trace') throw invalid(`Expected a rate in requests per second for ${arrivals.kind} arrivals but received none.`)
  const { times } = arrivals
  return (1000 * (times.length - 1)) / (times[times.length - 1]! - times[0]!)
}
