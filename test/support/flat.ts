import * as assert from 'uvu/assert'
import type { Session } from '../../lib/index.js'
import { collectAll } from './native-session.js'

const MB = 2 ** 20

/** Bytes, or MB where growth is allowed. */
export interface MemorySample {
  rss: number
  external: number
}

async function sample(): Promise<MemorySample> {
  await collectAll()
  const { rss, external } = process.memoryUsage() // array buffers are part of `external`
  return { rss, external }
}

/**
 * Repeats `work` ten times; the first half may fill pools and caches, the second may not grow by as many MB as `allowed`.
 *
 * A leak grows in every tenth. V8 gives its young generation more room once or twice, in steps of 6 MB and at no certain time:
 * so resident memory counts as five times its median growth, which a step does not move and a leak does.
 */
export async function assertFlat(work: () => Promise<void>, allowed: MemorySample): Promise<void> {
  const samples: MemorySample[] = []
  for (let tenth = 0; tenth < 10; tenth++) {
    await work()
    samples.push(await sample())
  }
  const external = (samples[9]!.external - samples[4]!.external) / MB
  const steps = [5, 6, 7, 8, 9].map((at) => samples[at]!.rss - samples[at - 1]!.rss).sort((a, b) => a - b)
  const rss = (5 * steps[2]!) / MB
  const seen = samples.map(({ rss, external }) => `${(rss / MB).toFixed(1)}/${(external / MB).toFixed(2)}`).join(' ')
  assert.ok(rss < allowed.rss, `RSS grew by ${rss.toFixed(1)} MB: ${seen}`)
  assert.ok(external < allowed.external, `external memory grew by ${external.toFixed(2)} MB: ${seen}`)
}

/** 32 callers, each starting its next run when its last has settled. */
export async function runMany(session: Session, x: Float32Array, runs: number): Promise<void> {
  let left = runs
  const worker = async () => {
    while (left-- > 0) await session.run({ x })
  }
  await Promise.all(Array.from({ length: 32 }, worker))
}
