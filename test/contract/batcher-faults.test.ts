import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { type Engine, isTrtError, MicroBatcher, type MicroBatcherOptions, type RunOptions, type Session } from '../../lib/index.js'
import { row, scriptedEcho } from './subjects.js'

/** Faults of the device below the real stack: each ends with as many outcomes as there were requests. */
const test = suite('batcher over a device that fails')

interface Stack {
  readonly engine: Engine
  readonly sessions: readonly Session[]
  readonly batcher: MicroBatcher
}

async function stack(lines: readonly string[], options: MicroBatcherOptions = {}, sessions = 1): Promise<Stack> {
  const engine = await scriptedEcho(...lines)
  const all = await Promise.all(Array.from({ length: sessions }, () => engine.createSession()))
  return { engine, sessions: all, batcher: new MicroBatcher(all, options) }
}

/** `answered`, or the code: by how often. */
async function outcomes({ batcher }: Stack, count: number, options: RunOptions = {}): Promise<Record<string, number>> {
  const codes: Record<string, number> = {}
  const one = async (i: number) => {
    const outcome = await batcher.run({ x: row(i) }, options).then(
      ({ y }) => (y!.data[3] === i + 0.75 ? 'answered' : 'answered with the numbers of another'),
      (error: unknown) => (isTrtError(error) ? error.code : String(error)),
    )
    codes[outcome] = (codes[outcome] ?? 0) + 1
  }
  await Promise.all(Array.from({ length: count }, (_, i) => one(i)))
  return codes
}

async function end({ engine, sessions, batcher }: Stack, requests: number): Promise<void> {
  await batcher.close()
  const stats = batcher.stats()
  const sum = (counts: object) => Object.values(counts).reduce((total: number, count: number) => total + count, 0)
  assert.equal([stats.requests, stats.answered + sum(stats.refused) + sum(stats.failed), stats.pending], [requests, requests, 0])
  for (const session of sessions) await session.close()
  await engine.close()
}

test('a device that is lost with 100 requests queued settles all of them with the cause', async () => {
  const it = await stack(['delayUs 5000', 'failEvery 1', 'failStatus 13'], { maxBatch: 4 })
  const gone = it.batcher.run({ x: row(1) }).catch((error: unknown) => error as Error)
  assert.equal(await outcomes(it, 103), { TRT_ERR_DEVICE_LOST: 103 })
  assert.match(String(await gone), /TRT_ERR_DEVICE_LOST: .*told to fail/)
  assert.equal(await outcomes(it, 1), { TRT_ERR_DEVICE_LOST: 1 })
  await end(it, 105)
})

test('only who fails alone is told so: members of a batch that fails run again, each alone', async () => {
  // A run takes 1 ms whatever its size, so that batches pay.
  const it = await stack(['failEvery 7', 'delayUs 1000'], { maxBatch: 4 })
  const { answered = 0, TRT_ERR_DEVICE: failed = 0, ...others } = await outcomes(it, 200)
  assert.equal([answered + failed, others], [200, {}])
  const { dispatch } = it.batcher.stats()
  const runs = Object.values(dispatch).reduce((total, count) => total + count, 0)
  // Each seventh run fails: a lone request with it, or a batch, whose 2 to 4 members then run alone.
  const batches = Math.floor(runs / 7) - failed
  assert.ok(
    batches > 0 && 2 * batches <= dispatch.retry && dispatch.retry <= 4 * batches,
    `${runs} runs, ${failed} failed, ${dispatch.retry} retried`,
  )
  await end(it, 200)
})

test('a lane that hangs is given up, and the other one answers all others', async () => {
  const it = await stack(['delayFromInput 1'], { maxBatch: 1, executionTimeout: 100 }, 2)
  // The first float is the time of a run: this one hangs for a second.
  const hanging = it.batcher.run({ x: row(1000) }).catch((error: unknown) => error as Error)
  const codes = await outcomes(it, 20)
  assert.equal(codes, { answered: 20 })
  assert.match(String(await hanging), /TRT_ERR_DEVICE: .*executionTimeout, 100 ms/)
  await end(it, 21)
})

test('close drains what is queued, or refuses it, and never leaves anybody waiting', async () => {
  for (const drain of [true, false]) {
    const it = await stack(['delayUs 20000'], { maxBatch: 4 })
    const all = outcomes(it, 40)
    // The first batch runs, the others wait.
    await new Promise((resolve) => setTimeout(resolve, 5))
    const closed = it.batcher.close({ drain })
    const codes = await all
    await closed
    assert.is((codes['answered'] ?? 0) + (codes['TRT_ERR_CLOSED'] ?? 0), 40)
    assert.is(codes['answered'] === 40, drain)
    await end(it, 40)
  }
})

test('a deadline that passed, and one that no execution fits into, cost no execution', async () => {
  const it = await stack(['delayUs 20000'], { maxBatch: 4 })
  await it.sessions[0]!.warmUp({ batchSizes: [1, 2, 4], runs: 4 })
  const now = performance.now()
  assert.equal(await outcomes(it, 5, { deadline: now - 1 }), { TRT_ERR_DEADLINE: 5 })
  assert.equal(await outcomes(it, 5, { deadline: now + 10 }), { TRT_ERR_DEADLINE: 5 })
  assert.is(it.sessions[0]!.stats().completed, 0)
  await end(it, 10)
})

test.run()
