import { invalid, integer, number, plainObject, rejectUnknown } from '../../core/options.js'
import { seededRandom } from '../../core/random.js'

/** Equal gaps. */
export interface ConstantArrivals {
  kind: 'constant'
}

/** Independent callers, many of them: exponential gaps. */
export interface PoissonArrivals {
  kind: 'poisson'
}

/** Two phases in turn, Poisson in each: `peak` times the mean rate, then `2 - peak` times. */
export interface BurstyArrivals {
  kind: 'bursty'
  /** From 1 (none) to 2 (silence between the bursts). Default 1.8. */
  peak?: number
  /** Mean length of a phase, exponential: milliseconds. Default 100. */
  phase?: number
}

/** What was recorded, in milliseconds from any origin, ascending. Begun again where it is too short. */
export interface TraceArrivals {
  kind: 'trace'
  times: ArrayLike<number>
}

export type Arrivals = ConstantArrivals | PoissonArrivals | BurstyArrivals | TraceArrivals
export type ArrivalKind = Arrivals['kind']

export interface ArrivalPlan {
  /** Mean requests per second. A trace without it keeps its own. */
  rate?: number
  durationMs: number
  seed: number
}

/** Of one plan: a typing error in a rate must not fill the memory. */
const mostArrivals = 50_000_000
const knownKeys = { constant: ['kind'], poisson: ['kind'], bursty: ['kind', 'peak', 'phase'], trace: ['kind', 'times'] }

/** The same with its defaults. @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveArrivals(given: Arrivals | ArrivalKind): Arrivals {
  const arrivals = typeof given === 'string' ? ({ kind: given } as Arrivals) : (plainObject('arrivals', given) as unknown as Arrivals)
  const known = knownKeys[arrivals.kind] as string[] | undefined
  if (known === undefined) throw invalid(`Expected constant, poisson, bursty or a trace for arrivals but received "${arrivals.kind}".`)
  rejectUnknown(arrivals, known, `${arrivals.kind} arrivals`)
  if (arrivals.kind === 'trace') return { kind: 'trace', times: checkedTrace(arrivals.times) }
  if (arrivals.kind !== 'bursty') return { kind: arrivals.kind }
  return {
    kind: 'bursty',
    peak: number('peak', arrivals.peak ?? 1.8, 1, 2),
    phase: number('phase', arrivals.phase ?? 100, 0.001, 1e9),
  }
}

function checkedTrace(times: ArrayLike<number> | undefined): Float64Array {
  const copy = Float64Array.from(times ?? [])
  if (copy.length < 2 || copy.at(-1) === copy[0]) throw invalid('Expected at least two different times in a trace of arrivals.')
  copy.forEach((time, i) => {
    const before = i === 0 ? -Infinity : copy[i - 1]!
    if (!(Number.isFinite(time) && time >= before))
      throw invalid(`Expected ascending numbers in a trace; number ${i} is ${time}.`, { i, time })
  })
  return copy
}

/**
 * When requests come, fixed before any is sent: milliseconds from 0, ascending, all below `durationMs`. The same plan
 * gives the same times.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`
 */
export function arrivalTimes(given: Arrivals | ArrivalKind, plan: ArrivalPlan): Float64Array {
  const arrivals = resolveArrivals(given)
  const durationMs = number('durationMs', plan.durationMs, 0, 1e9)
  const random = seededRandom(integer('seed', plan.seed, 0, Number.MAX_SAFE_INTEGER))
  if (arrivals.kind === 'trace') return repeated(arrivals.times as Float64Array, plan.rate, durationMs)
  const rate = number('rate', plan.rate, 1e-6, 1e7)
  const expected = (rate * durationMs) / 1000
  if (expected > mostArrivals)
    throw invalid(`${rate} requests/s for ${durationMs} ms are more than ${mostArrivals}; measure for less long.`)
  const gap = 1000 / rate
  if (arrivals.kind === 'constant') {
    // Rounding may put the last one on the end itself, which no longer belongs to the run.
    return Float64Array.from({ length: Math.ceil(durationMs / gap) }, (_, i) => i * gap).filter((time) => time < durationMs)
  }
  if (arrivals.kind === 'poisson') return collect(durationMs, poissonClock(gap, random))
  return collect(durationMs, burstyClock({ gap, peak: arrivals.peak!, phase: arrivals.phase! }, random))
}

/** Calls `next` until it passes `durationMs`. */
function collect(durationMs: number, next: () => number): Float64Array {
  const times: number[] = []
  for (let time = next(); time < durationMs; time = next()) times.push(time)
  return Float64Array.from(times)
}

/** 1 - random is never 0. */
const exponential = (mean: number, random: () => number) => -mean * Math.log(1 - random())

function poissonClock(gap: number, random: () => number): () => number {
  let now = 0
  return () => (now += exponential(gap, random))
}

/** A gap that would end in the next phase is drawn anew from there: exponential gaps have no memory. */
function burstyClock({ gap, peak, phase }: { gap: number; peak: number; phase: number }, random: () => number): () => number {
  let now = 0
  let bursting = random() < 0.5
  let until = exponential(phase, random)
  return () => {
    for (;;) {
      const share = bursting ? peak : 2 - peak
      const next = share === 0 ? Infinity : now + exponential(gap / share, random)
      if (next < until) return (now = next)
      now = until
      until += exponential(phase, random)
      bursting = !bursting
    }
  }
}

/** A trace from 0, stretched to the rate, again and again. The gap between two rounds is the trace's mean gap. */
function repeated(times: Float64Array, rate: number | undefined, durationMs: number): Float64Array {
  const origin = times[0]!
  const gap = (times.at(-1)! - origin) / (times.length - 1)
  const scale = rate === undefined ? 1 : 1000 / number('rate', rate, 1e-6, 1e7) / gap
  const round = (times.at(-1)! - origin + gap) * scale
  if ((durationMs / round) * times.length > mostArrivals) throw invalid(`The trace gives more than ${mostArrivals} arrivals.`)
  const result: number[] = []
  for (let n = 0; ; n++) {
    const time = (times[n % times.length]! - origin) * scale + Math.floor(n / times.length) * round
    if (time >= durationMs) return Float64Array.from(result)
    result.push(time)
  }
}
