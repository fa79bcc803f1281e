import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SchedulerLike, SchedulerOptions } from '../../batching/rule/types.js'
import { TrtError } from '../../core/errors.js'
import { seededRandom } from '../../core/random.js'
import { arrivalTimes } from '../load/arrivals.js'
import { drawClasses } from '../load/classes.js'
import type { CostPoint } from './cost-table.js'
import { type CapacityOptions, mostLanes, type ResolvedCapacity, resolveCapacity } from './options.js'
import { type CapacityPrediction, predictionOf } from './prediction.js'
import { simulate, type Trace } from './simulate.js'

/** JSON-safe; times in milliseconds. */
export interface CapacityPlan {
  readonly rate: number
  readonly arrivals: string
  readonly slo: number | null
  readonly target: number
  readonly maxBatch: number
  readonly cost: readonly CostPoint[]
  /** As asked for. */
  readonly lanes: number | 'auto'
  /** Rows per second that one lane can do at best. */
  readonly laneCapacity: number
  /** The fewest lanes that reach `target`; null: not asked for, or none do. */
  readonly lanesNeeded: number | null
  /** With the lanes given, or needed, or the best that was found. */
  readonly prediction: CapacityPrediction
  /** All that were tried, by lanes. */
  readonly tried: readonly CapacityPrediction[]
}

/** Makes the rule that decides; tests give their own. */
export type SchedulerFactory = (options: SchedulerOptions, costs: readonly CostPoint[]) => SchedulerLike

/** More lanes than this beyond what the load fills cannot help: what is late then is late on an idle machine. */
const spareFactor = 8
/** So many more requests come first, and are not counted. */
const leadShare = 0.1

/**
 * Predicts percentiles, goodput and lanes needed for a load, by running the batcher's own rule on a trace of arrivals in
 * simulated time. The same options give the same plan.
 *
 * @throws {TrtError} By rejecting: `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_ABORTED`
 */
export async function planWith(factory: SchedulerFactory, given: CapacityOptions): Promise<CapacityPlan> {
  const options = resolveCapacity(given)
  const world = buildWorld(options)
  const tried = new Map<number, CapacityPrediction>()
  const attempt = async (lanes: number): Promise<CapacityPrediction> => {
    // A simulation is one long computation: between two of them the process may hear a Ctrl-C.
    await nextTurn()
    if (options.signal?.aborted === true) throw stopped(options.signal)
    const prediction = tried.get(lanes) ?? predict(factory, options, world, lanes)
    tried.set(lanes, prediction)
    return prediction
  }
  const reached = async (lanes: number) => (await attempt(lanes)).goodput >= options.target
  const needed = options.lanes === 'auto' ? await fewest(reached, loadOf(options, world)) : null
  const prediction = options.lanes === 'auto' ? tried.get(needed ?? Math.max(...tried.keys()))! : await attempt(options.lanes)
  return describePlan(options, { needed, prediction, tried: [...tried.values()].sort((a, b) => a.lanes - b.lanes) })
}

interface World {
  readonly trace: Trace
  readonly drawn: Uint8Array
  readonly from: number
}

function buildWorld(options: ResolvedCapacity): World {
  const { arrivals, requests, seed, classes } = options
  // An empty service begins too well: with many lanes, thousands of requests pass before the queue is what it will be.
  const from = arrivals.kind === 'trace' ? 0 : Math.ceil(requests * leadShare)
  const times = enoughArrivals(options, from + requests)
  const drawn = drawClasses(classes, times.length, seed)
  const of = <T>(pick: (each: (typeof classes)[number], i: number) => T) => Array.from(drawn, (index, i) => pick(classes[index]!, i))
  const trace = {
    arrivals: times,
    rows: Int32Array.from(of(({ rows }) => rows)),
    deadlines: Float64Array.from(of(({ deadline }, i) => times[i]! + deadline)),
    priorities: Float64Array.from(of(({ priority }) => priority)),
  }
  return { trace, drawn, from }
}

/** The first `count` arrivals: a longer time gives the same ones at its beginning. */
function enoughArrivals({ arrivals, rate, seed }: ResolvedCapacity, count: number): Float64Array {
  for (let durationMs = ((1000 * count) / rate) * 1.1; ; durationMs *= 1.5) {
    const times = arrivalTimes(arrivals, { rate, durationMs, seed })
    if (times.length >= count) return times.subarray(0, count)
  }
}

function predict(factory: SchedulerFactory, options: ResolvedCapacity, world: World, lanes: number): CapacityPrediction {
  const { cost, rule, noise, seed, classes } = options
  const scheduler = factory({ ...rule, lanes }, cost.points)
  const factor = lognormal(noise, seededRandom((seed ^ 0x51ed270b) >>> 0))
  const result = simulate(scheduler, world.trace, { lanes, maxBatch: rule.maxBatch, executionMs: (rows) => cost.ms(rows) * factor() })
  return predictionOf(result, world.trace, { lanes, classes, drawn: world.drawn, from: world.from })
}

/** Factors around 1, by Box and Muller. */
function lognormal(sigma: number, random: () => number): () => number {
  if (sigma === 0) return () => 1
  return () => Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))
}

/** Lanes that the rows keep busy, were all batches full. */
function loadOf({ cost, rule, rate }: ResolvedCapacity, { trace }: World): number {
  const meanRows = trace.rows.reduce((sum, rows) => sum + rows, 0) / trace.rows.length
  return (rate * meanRows) / cost.capacity(rule.maxBatch)
}

/** The least number that holds, were more always better; null: none that makes sense. */
async function fewest(holds: (lanes: number) => Promise<boolean>, load: number): Promise<number | null> {
  const limit = Math.min(mostLanes, Math.ceil(load) * spareFactor + spareFactor)
  let [failed, next] = [0, Math.min(limit, Math.max(1, Math.floor(load)))]
  for (let stride = 1; !(await holds(next)); stride *= 2) {
    if (next === limit) return null
    failed = next
    next = Math.min(limit, next + stride)
  }
  let found = next
  while (found - failed > 1) {
    const middle = (failed + found) >> 1
    if (await holds(middle)) found = middle
    else failed = middle
  }
  return found
}

interface Outcome {
  readonly needed: number | null
  readonly prediction: CapacityPrediction
  readonly tried: readonly CapacityPrediction[]
}

function describePlan(options: ResolvedCapacity, { needed, prediction, tried }: Outcome): CapacityPlan {
  const { rate, arrivals, slo, target, rule, cost } = options
  return {
    rate,
    arrivals: arrivals.kind,
    slo: slo ?? null,
    target,
    maxBatch: rule.maxBatch,
    cost: cost.points,
    lanes: options.lanes,
    laneCapacity: cost.capacity(rule.maxBatch),
    lanesNeeded: needed,
    prediction,
    tried,
  }
}

function stopped(signal: AbortSignal): TrtError {
  return new TrtError('TRT_ERR_ABORTED', 'The plan was stopped by its signal.', {}, { cause: signal.reason })
}
