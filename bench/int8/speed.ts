import type { OpenModel, Runtime, Sample } from '../../lib/onnx/runtime.js'
import { interleave, type RoundPlan } from '../support/rounds.js'

export interface Speeds {
  /** Median milliseconds by model. */
  readonly ms: Readonly<Record<string, number>>
  /** Original over it, by model: medians of the ratios within rounds. */
  readonly speed: Readonly<Record<string, number>>
}

/** Models in turn, one session each, threads that do not spin while they wait. A round is some runs of each. */
export async function speedsOf(
  models: Readonly<Record<'original' | 'cleaned' | 'cpu', Uint8Array>>,
  sample: Sample,
  { runtime, threads, plan, durationMs }: { runtime: Runtime; threads: number; plan: RoundPlan; durationMs: number },
): Promise<Speeds> {
  const open: Record<string, OpenModel> = {}
  try {
    for (const [name, bytes] of Object.entries(models)) open[name] = await runtime.open(bytes, { threads })
    const sides = Object.entries(open).map(([name, model]) => ({ name, measure: () => p50(model, sample, durationMs) }))
    const rounds = await interleave(sides, plan)
    const original = rounds['original'] as number[]
    const ratios = Object.entries(rounds).map(([name, times]) => [name, median(times.map((ms, i) => (original[i] as number) / ms))])
    return {
      ms: Object.fromEntries(Object.entries(rounds).map(([name, times]) => [name, median(times)])),
      speed: Object.fromEntries(ratios),
    }
  } finally {
    for (const model of Object.values(open)) await model.close()
  }
}

async function p50(model: OpenModel, sample: Sample, durationMs: number): Promise<number> {
  const times: number[] = []
  for (const until = performance.now() + durationMs; times.length < 3 || performance.now() < until; ) {
    const start = performance.now()
    await model.run(sample)
    times.push(performance.now() - start)
  }
  return median(times)
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] as number
}
