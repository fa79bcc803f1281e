import type { OpenModel, Runtime, Sample } from '../runtime.js'

export interface TimingOptions {
  readonly threads: number
  readonly signal: AbortSignal | undefined
  /** Milliseconds for all rounds. */
  readonly budgetMs: number
}

const leastRounds = 5
const mostRounds = 40

/**
 * Median milliseconds of one inference of each model, taken in turn: what slows the machine down does so for all.
 * Sessions are opened together; their threads do not spin between runs.
 */
export async function interleavedMs(
  models: readonly Uint8Array[],
  sample: Sample,
  runtime: Runtime,
  options: TimingOptions,
): Promise<number[]> {
  const { threads, signal, budgetMs } = options
  const open: OpenModel[] = []
  try {
    for (const model of models) open.push(await runtime.open(model, { threads, signal }))
    for (const each of open) await each.run(sample)
    const times = models.map(() => [] as number[])
    const until = performance.now() + budgetMs
    for (let round = 0; round < mostRounds && (round < leastRounds || performance.now() < until); round++) {
      for (const [i, each] of open.entries()) {
        const start = performance.now()
        await each.run(sample)
        times[i]?.push(performance.now() - start)
      }
    }
    return times.map(median)
  } finally {
    for (const each of open) await each.close()
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] as number
}
