import { type ArrivalKind, arrivalTimes } from '../../lib/bench/load/arrivals.js'
import { drawClasses, resolveClasses } from '../../lib/bench/load/classes.js'
import { seededRandom } from '../../lib/core/random.js'

/** Requests of one row: when each is sent, and how long it may take. Milliseconds. */
export interface Trace {
  readonly times: Float64Array
  readonly budgets: Float64Array
}

/** What an execution costs, here and on the scripted backend. */
export interface ScriptedCost {
  readonly fixedMs: number
  readonly rowMs: number
  /** Of the logarithm. */
  readonly noisePercent: number
  readonly maxBatch: number
}

export interface Scenario {
  readonly name: string
  readonly arrivals: Extract<ArrivalKind, 'poisson' | 'bursty'>
  /** Of what full batches can do. */
  readonly load: number
  /** Within which requests of each kind are to be answered, and their share of the requests. */
  readonly classes: readonly { readonly deadline: number; readonly weight: number }[]
  /** Least goodput, in percent, that the rule is held to. */
  readonly floor?: number
}

export const cost: ScriptedCost = { fixedMs: 4, rowMs: 0.5, noisePercent: 5, maxBatch: 16 }
export const msOf = (rows: number): number => cost.fixedMs + cost.rowMs * rows
export const slo = 30

const one = [{ deadline: slo, weight: 1 }]
const mixed = [
  { deadline: 15, weight: 0.3 },
  { deadline: 60, weight: 0.7 },
]

/** Those that the project is held to, with its floors. */
export const scenarios: readonly Scenario[] = [
  { name: 'poisson-0.3', arrivals: 'poisson', load: 0.3, classes: one },
  { name: 'poisson-0.7', arrivals: 'poisson', load: 0.7, classes: one },
  { name: 'poisson-0.9', arrivals: 'poisson', load: 0.9, classes: one },
  { name: 'poisson-1.2', arrivals: 'poisson', load: 1.2, classes: one, floor: 82.5 },
  { name: 'bursty-0.7', arrivals: 'bursty', load: 0.7, classes: one, floor: 88 },
  { name: 'bursty-1.2', arrivals: 'bursty', load: 1.2, classes: one, floor: 57 },
  { name: 'mixed-poisson-0.9', arrivals: 'poisson', load: 0.9, classes: mixed, floor: 93 },
  { name: 'mixed-poisson-1.2', arrivals: 'poisson', load: 1.2, classes: mixed, floor: 80 },
  { name: 'mixed-bursty-0.9', arrivals: 'bursty', load: 0.9, classes: mixed, floor: 78 },
]

/** At these, too, the rule is not to be below any other. */
export const between: readonly Scenario[] = [
  { name: 'poisson-0.5', arrivals: 'poisson', load: 0.5, classes: one },
  { name: 'poisson-1.0', arrivals: 'poisson', load: 1, classes: one },
  { name: 'bursty-0.3', arrivals: 'bursty', load: 0.3, classes: one },
  { name: 'bursty-0.5', arrivals: 'bursty', load: 0.5, classes: one },
  { name: 'bursty-0.9', arrivals: 'bursty', load: 0.9, classes: one },
  { name: 'bursty-1.0', arrivals: 'bursty', load: 1, classes: one },
]

/** Requests per millisecond that full batches can do. */
export const capacity = cost.maxBatch / msOf(cost.maxBatch)

/** @param length In requests, or as long as `{ ms }`. */
export function traceOf({ arrivals, load, classes }: Scenario, length: number | { ms: number }, seed: number): Trace {
  const rate = 1000 * load * capacity
  const times =
    typeof length === 'number' ? first(arrivals, rate, length, seed) : arrivalTimes(arrivals, { rate, durationMs: length.ms, seed })
  const resolved = resolveClasses(classes, slo)
  const drawn = drawClasses(resolved, times.length, seed)
  return { times, budgets: Float64Array.from(drawn, (index) => resolved[index]!.deadline) }
}

function first(arrivals: Scenario['arrivals'], rate: number, count: number, seed: number): Float64Array {
  for (let durationMs = (1200 * count) / rate; ; durationMs *= 1.5) {
    const times = arrivalTimes(arrivals, { rate, durationMs, seed })
    if (times.length >= count) return times.subarray(0, count)
  }
}

/** Factors around 1, by Box and Muller; the n-th is the same for every rule. */
export function noise(percent: number, seed: number): () => number {
  const random = seededRandom((seed ^ 0x51ed270b) >>> 0)
  return () => Math.exp((percent / 100) * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))
}
