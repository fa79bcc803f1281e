import { abortSignal, callback, choice, flag, integer, invalid, number, plainObject, rejectUnknown, text } from '../core/options.js'
import type { Inputs } from '../core/runner.js'
import { type ArrivalKind, type Arrivals, resolveArrivals } from './load/arrivals.js'
import { type RequestClass, type ResolvedClass, resolveClasses } from './load/classes.js'
import type { StepLimits } from './measure/control.js'
import type { EventLoopDelay } from './event-loop-delay.js'
import { watchEventLoop } from './event-loop-delay.js'
import type { RequestFacts } from './measure/loop.js'
import { type Pacer, spinPacer, timerPacer } from './measure/pacer.js'
import type { Samples } from './measure/samples.js'
import type { Range } from './measure/control.js'

/** What is looked at besides the requests. Tests give their own. */
export interface Probes {
  /** Microseconds of CPU that the process has used. */
  cpu(): number
  watchEventLoop(): { stop(): EventLoopDelay }
}

/** Options of `benchmark`. Times in milliseconds, rates in requests per second. */
export interface BenchmarkOptions {
  /** What each request asks: the same for all, or by request. What it gives must not change before its run has settled. */
  inputs: Inputs | ((request: RequestFacts) => Inputs)
  /** What is measured, for the report. Default: `benchmark`. */
  name?: string
  /**
   * `closed`: so many requests in flight at any time. `open`: requests come by themselves, at times fixed before the run,
   * and latency counts from then. Default: `open` where `rate` or `arrivals` is given.
   */
  mode?: 'closed' | 'open'
  /** Closed loop: requests in flight; several are steps. Default 1. */
  concurrency?: number | readonly number[]
  /** Open loop: requests per second; several are steps. Needed but for a trace, which has its own. */
  rate?: number | readonly number[]
  /** Open loop: how they come. Default: poisson. */
  arrivals?: Arrivals | ArrivalKind
  /** Kinds of requests and their shares. Default: one. */
  classes?: readonly RequestClass[]
  /** Within what time an answer counts, for classes that say nothing else. Default: none. */
  slo?: number
  /** Whether `run` is told the deadline of its class or the `slo`. Default true. */
  tellDeadlines?: boolean
  /** What is sent before is not counted. Default 1000. */
  warmUp?: number
  /** Measures each step at least this long, in three windows. Default 3000. */
  duration?: number
  /** … and at least this many requests. Default 10. */
  iterations?: number
  /** Share by which windows may differ; beyond, further ones are measured. 0: not judged. Default 0.1. */
  stability?: number
  /** Most windows of a step. Default 10. */
  maxWindows?: number
  /** How long requests may still take after a step's last one was sent; then they are aborted. Default 10,000. */
  settle?: number
  /** Of arrivals and classes. Default 1. */
  seed?: number
  /** Send on time at the price of a core, instead of up to a millisecond late. Default false. */
  spin?: boolean
  /** Whose diagnostics channels tell of batches and stages. Default: the runner. */
  observe?: readonly object[]
  signal?: AbortSignal
  /** Before each step and once its warm-up is over. */
  onProgress?: (progress: StepProgress) => void
  /** After each step: every request of it, and the part that counts. */
  onSamples?: (step: MeasuredSamples) => void
  /** Further percentiles to report of each step, from 0 to 100. */
  percentiles?: readonly number[]
  pacer?: Pacer
  probes?: Probes
}

export interface StepProgress {
  phase: 'warm-up' | 'measuring'
  load: number
  step: number
  steps: number
}

export interface MeasuredSamples {
  load: number
  samples: Samples
  range: Range
}

export interface ResolvedBenchmark {
  name: string
  mode: 'closed' | 'open'
  inputs: (request: RequestFacts) => Inputs
  loads: number[]
  arrivals: Arrivals
  classes: ResolvedClass[]
  slo: number | undefined
  tellDeadlines: boolean
  limits: StepLimits
  settle: number
  seed: number
  observe: ReadonlySet<object> | undefined
  signal: AbortSignal | undefined
  onProgress: (progress: StepProgress) => void
  onSamples: (step: MeasuredSamples) => void
  percentiles: readonly number[]
  pacer: Pacer
  probes: Probes
}

// biome-ignore format: a list
const known = [
  'inputs', 'name', 'mode', 'concurrency', 'rate', 'arrivals', 'classes', 'slo', 'tellDeadlines', 'warmUp', 'duration', 'iterations',
  'stability', 'maxWindows', 'settle', 'seed', 'spin', 'observe', 'signal', 'onProgress', 'onSamples', 'percentiles', 'pacer',
  'probes',
]

const systemProbes: Probes = {
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  watchEventLoop,
}

/** The only place of defaults and limits. @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveBenchmark(given: BenchmarkOptions): ResolvedBenchmark {
  rejectUnknown(plainObject('the options of benchmark', given), known, 'benchmark')
  const mode = choice('mode', given.mode ?? (given.rate === undefined && given.arrivals === undefined ? 'closed' : 'open'), [
    'closed',
    'open',
  ])
  const slo = given.slo === undefined ? undefined : positive('slo', given.slo)
  const arrivals = resolveArrivals(given.arrivals ?? 'poisson')
  return {
    name: text('name', given.name ?? 'benchmark'),
    mode,
    inputs: inputsOf(given.inputs),
    loads: mode === 'closed' ? closedLoads(given) : openLoads(given, arrivals),
    arrivals,
    classes: resolveClasses(given.classes, slo),
    slo,
    tellDeadlines: flag('tellDeadlines', given.tellDeadlines ?? true),
    limits: limits(given),
    settle: number('settle', given.settle ?? 10_000, 0, 1e9),
    seed: integer('seed', given.seed ?? 1, 0, Number.MAX_SAFE_INTEGER),
    observe: given.observe === undefined ? undefined : new Set(given.observe),
    signal: given.signal === undefined ? undefined : abortSignal('signal', given.signal),
    onProgress: given.onProgress === undefined ? () => undefined : callback('onProgress', given.onProgress),
    onSamples: given.onSamples === undefined ? () => undefined : callback('onSamples', given.onSamples),
    percentiles:
      given.percentiles === undefined ? [] : list('percentiles', given.percentiles, (name, value) => number(name, value, 0, 100)),
    pacer: given.pacer ?? (flag('spin', given.spin ?? false) ? spinPacer : timerPacer),
    probes: given.probes ?? systemProbes,
  }
}

function limits(given: BenchmarkOptions): StepLimits {
  const duration = number('duration', given.duration ?? 3000, 0, 1e9)
  const iterations = integer('iterations', given.iterations ?? 10, 0, 1e9)
  if (duration === 0 && iterations === 0) throw invalid('Expected a duration or a number of iterations above 0: else nothing is measured.')
  return {
    warmUp: number('warmUp', given.warmUp ?? 1000, 0, 1e9),
    duration,
    iterations,
    stability: number('stability', given.stability ?? 0.1, 0, 1),
    maxWindows: integer('maxWindows', given.maxWindows ?? 10, 3, 10_000),
  }
}

function closedLoads(given: BenchmarkOptions): number[] {
  if (given.rate !== undefined || given.arrivals !== undefined)
    throw invalid("A closed loop has neither rate nor arrivals: leave them out, or set mode to 'open'.")
  return list('concurrency', given.concurrency ?? 1, (name, value) => integer(name, value, 1, 1_000_000))
}

function openLoads(given: BenchmarkOptions, arrivals: Arrivals): number[] {
  if (given.concurrency !== undefined) throw invalid("An open loop has no concurrency: leave it out, or set mode to 'closed'.")
  if (given.rate !== undefined) return list('rate', given.rate, (name, value) => number(name, value, 1e-3, 1e7))
  if (arrivals.kind !== 'trace') throw invalid('Expected a rate in requests per second for an open loop.')
  const times = arrivals.times
  return [((times.length - 1) * 1000) / (times[times.length - 1]! - times[0]!)]
}

function list(name: string, given: unknown, check: (name: string, value: unknown) => number): number[] {
  if (!Array.isArray(given)) return [check(name, given)]
  if (given.length === 0) throw invalid(`Expected at least one number for ${name}.`, { name })
  return given.map((value, i) => check(`${name}[${i}]`, value))
}

function positive(name: string, value: unknown): number {
  const given = number(name, value, 0, Number.MAX_VALUE)
  if (given === 0) throw invalid(`Expected a number above 0 for ${name} but received 0.`, { name })
  return given
}

function inputsOf(given: BenchmarkOptions['inputs']): ResolvedBenchmark['inputs'] {
  if (typeof given === 'function') return given
  const inputs = plainObject('inputs', given) as Inputs
  return () => inputs
}
