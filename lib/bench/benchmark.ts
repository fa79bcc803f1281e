import { systemEnvironment } from './environment.js'
import { measureStep } from './measure/step.js'
import type { Target } from './measure/loop.js'
import { type BenchmarkOptions, type ResolvedBenchmark, resolveBenchmark } from './options.js'
import { type BenchmarkReport, reportSchema, type Settings, type StepReport } from './report/schema.js'

/**
 * Puts load on a runner (a session, a batcher, anything that has `run`), step by step, and reports what came of it.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`; `TRT_ERR_ABORTED` by the signal; and what a run rejects with that is
 *   neither a refusal (`TRT_ERR_DEADLINE`, `TRT_ERR_OVERLOADED`) nor a failure of the device.
 */
export async function benchmark(runner: Target, options: BenchmarkOptions): Promise<BenchmarkReport> {
  const settings = resolveBenchmark(options)
  const steps: StepReport[] = []
  for (const [step, load] of settings.loads.entries())
    steps.push(await oneStep(runner, settings, { load, step, steps: settings.loads.length }))
  return reportOf(settings, steps)
}

export interface Position {
  load: number
  step: number
  steps: number
}

/** Each step has arrivals of its own; the same step has the same ones with every runner. */
export function oneStep(runner: Target, settings: ResolvedBenchmark, { load, step, steps }: Position): Promise<StepReport> {
  const progress = (phase: 'warm-up' | 'measuring') => settings.onProgress({ phase, load, step, steps })
  progress('warm-up')
  return measureStep(runner, settings, { load, seed: settings.seed + step, onMeasuring: () => progress('measuring') })
}

export function reportOf(settings: ResolvedBenchmark, steps: StepReport[]): BenchmarkReport {
  return {
    schema: reportSchema,
    name: settings.name,
    created: new Date().toISOString(),
    environment: systemEnvironment(),
    settings: settingsOf(settings),
    steps,
    findMax: null,
  }
}

function settingsOf({ mode, arrivals, classes, slo, limits, seed }: ResolvedBenchmark): Settings {
  return {
    mode,
    arrivals: mode === 'closed' ? null : arrivals.kind === 'trace' ? { kind: 'trace', recorded: arrivals.times.length } : { ...arrivals },
    classes: classes.map((each) => ({ ...each, deadline: each.deadline === Infinity ? null : each.deadline })),
    slo: slo ?? null,
    ...limits,
    seed,
  }
}
