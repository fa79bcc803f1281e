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
 * Milliseconds of one inference of each model, taken in turn; the run that was disturbed least: other work on the machine only ever adds.
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
    return times.map((all) => Math.min(...all))
  } finally {
    for (const each of open) await each.close()
  }
}
