import { invalid, number } from '../core/options.js'
import { oneStep, reportOf } from './benchmark.js'
import type { Target } from './measure/loop.js'
import { type BenchmarkOptions, type ResolvedBenchmark, resolveBenchmark } from './options.js'
import type { BenchmarkReport, FindMaxReport, StepReport } from './report/schema.js'

export interface FindMaxOptions extends Omit<BenchmarkOptions, 'mode' | 'concurrency' | 'rate'> {
  /** Share of the requests offered that must be answered in time. Default 0.99. */
  goodput?: number
  /** The load is found to this share. Default 0.05. */
  precision?: number
  /** Requests per second to begin with. Default: half of what a closed loop gets through. */
  start?: number
}

/** What a search does next. */
export type SearchMove = { kind: 'try'; load: number } | { kind: 'found'; load: number | null }

export interface Trial {
  load: number
  met: boolean
}

/** Below the first load by this factor nothing more is tried. */
const deepest = 1024

/**
 * Where to measure next. Pure: doubles or halves until one load meets the target and another one fails, halves the ratio
 * between them, and at the end tries the highest good one once more: one lucky window must not be the answer.
 */
export function nextMove(trials: readonly Trial[], start: number, precision: number): SearchMove {
  const failed = Math.min(Infinity, ...trials.filter(({ met }) => !met).map(({ load }) => load))
  // A load that failed once did not hold, whatever it did before; neither does one above it.
  const met = Math.max(0, ...trials.filter(({ met, load }) => met && load < failed).map(({ load }) => load))
  if (trials.length === 0) return { kind: 'try', load: start }
  if (failed === Infinity) return { kind: 'try', load: met * 2 }
  if (met === 0) return failed <= start / deepest ? { kind: 'found', load: null } : { kind: 'try', load: failed / 2 }
  if (failed / met > 1 + precision) return { kind: 'try', load: Math.sqrt(failed * met) }
  const confirmed = trials.filter(({ load }) => load === met).length >= 2
  return confirmed ? { kind: 'found', load: met } : { kind: 'try', load: met }
}

const mostTrials = 60
const probeConcurrency = 64

/**
 * The highest open-loop load at which enough of the requests are answered in time. Each trial has arrivals of its own.
 *
 * @throws {TrtError} As `benchmark`; `TRT_ERR_INVALID_ARGUMENT` where there is neither an SLO nor a deadline.
 */
export async function findMax(runner: Target, options: FindMaxOptions): Promise<BenchmarkReport> {
  const { goodput: target, precision: asked, start: given, ...common } = options
  const goodput = number('goodput', target ?? 0.99, 1e-6, 1)
  const precision = number('precision', asked ?? 0.05, 1e-3, 1)
  const settings = resolveBenchmark({ ...common, mode: 'open', rate: 1 })
  if (settings.classes.every(({ deadline }) => deadline === Infinity)) {
    throw invalid('A search for the highest load needs an slo, or a class with a deadline: in time for what?')
  }
  const start = given === undefined ? Math.max(1, (await measureCapacity(runner, common)) / 2) : number('start', given, 1e-3, 1e7)
  const trials: { load: number; goodput: number; met: boolean }[] = []
  const steps: StepReport[] = []
  for (;;) {
    const move = trials.length === mostTrials ? { kind: 'found' as const, load: bestOf(trials) } : nextMove(trials, start, precision)
    if (move.kind === 'found')
      return found(settings, steps, { load: move.load, goodput, slo: settings.slo ?? null, precision, tried: trials })
    const step = await oneStep(runner, settings, { load: move.load, step: trials.length, steps: trials.length + 1 })
    steps.push(step)
    trials.push({ load: move.load, goodput: step.goodput ?? 0, met: (step.goodput ?? 0) >= goodput })
  }
}

function bestOf(trials: readonly Trial[]): number | null {
  const met = trials.filter(({ load }) => trials.every((other) => other.met || other.load > load))
  return met.length === 0 ? null : Math.max(...met.map(({ load }) => load))
}

/**
 * Requests per second that a runner gets through when many are in flight and none has a deadline: what loads are shares of.
 *
 * @throws As `benchmark`.
 */
export async function measureCapacity(runner: Target, options: Omit<BenchmarkOptions, 'mode' | 'concurrency' | 'rate'>): Promise<number> {
  const { arrivals: _, ...rest } = options
  const settings = resolveBenchmark({ ...rest, mode: 'closed', concurrency: probeConcurrency, tellDeadlines: false, stability: 0 })
  const { throughput } = await oneStep(runner, settings, { load: probeConcurrency, step: 0, steps: 1 })
  return throughput
}

/** Steps by load; of one load the later trial. */
function found(settings: ResolvedBenchmark, steps: readonly StepReport[], findMax: FindMaxReport): BenchmarkReport {
  const byLoad = new Map(steps.map((step) => [step.load, step]))
  const ascending = [...byLoad.values()].sort((a, b) => a.load - b.load)
  return { ...reportOf(settings, ascending), findMax }
}
