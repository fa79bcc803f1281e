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

/** Repeats `work` ten times; the first half may fill pools and caches, the second may not grow by as many MB as `allowed`. */
export async function assertFlat(work: () => Promise<void>, allowed: MemorySample): Promise<void> {
  const samples: MemorySample[] = []
  for (let tenth = 0; tenth < 10; tenth++) {
    await work()
    samples.push(await sample())
  }
  const growth = (key: keyof MemorySample) => (samples[9]![key] - samples[4]![key]) / MB
  const seen = samples.map(({ rss, external }) => `${(rss / MB).toFixed(1)}/${(external / MB).toFixed(2)}`).join(' ')
  assert.ok(growth('rss') < allowed.rss, `RSS grew by ${growth('rss').toFixed(1)} MB: ${seen}`)
  assert.ok(growth('external') < allowed.external, `external memory grew by ${growth('external').toFixed(2)} MB: ${seen}`)
}

/** 32 callers, each starting its next run when its last has settled. */
export async function runMany(session: Session, x: Float32Array, runs: number): Promise<void> {
  let left = runs
  const worker = async () => {
    while (left-- > 0) await session.run({ x })
  }
  await Promise.all(Array.from({ length: 32 }, worker))
}
