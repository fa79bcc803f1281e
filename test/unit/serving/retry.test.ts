import * as assert from 'uvu/assert'
import { TrtError } from '../../../lib/core/errors.js'
import { retry, type RetryOptions } from '../../../lib/serving/retry.js'
import { Bottom, codeOf, type Ending, timed } from '../../support/serving/bottom.js'
import { suite } from '../../support/suite.js'
import { VirtualTime } from '../../support/virtual-time.js'

const test = suite('retry')
const busy = new TrtError('TRT_ERR_DEVICE', 'for a moment')
const wrong = new TrtError('TRT_ERR_SHAPE', 'for ever')
const fails: Ending = { ms: 5, error: busy }

/** The n-th run ends as the n-th ending says; further ones as the last. Chance always draws the most. */
function over(endings: readonly Ending[], options: RetryOptions<number> = {}) {
  const time = new VirtualTime()
  const bottom = new Bottom(time, (call) => endings[Math.min(call, endings.length - 1)]!)
  return { time, bottom, runner: retry(bottom, { random: () => 1, ...options, ...timed(time) }) }
}

test('runs again after waits that double, and answers', async () => {
  const { time, bottom, runner } = over([fails, fails, { ms: 5 }])
  assert.is(await time.run(runner.run(7)), 7)
  // 5 ms, 10 ms of waiting, 5 ms, 20 ms of waiting.
  assert.equal(
    bottom.calls.map(({ began }) => began),
    [0, 15, 40],
  )
  const { retries, recovered, answered, failed } = runner.stats()
  assert.equal({ retries, recovered, answered, failed }, { retries: 2, recovered: 1, answered: 1, failed: 0 })
})

test('gives up after so many attempts, with the last error', async () => {
  const { time, bottom, runner } = over([fails, fails, { ms: 5, error: new TrtError('TRT_ERR_UNAVAILABLE', 'now it is this') }])
  assert.is(await time.run(codeOf(runner.run(7))), 'TRT_ERR_UNAVAILABLE')
  assert.is(bottom.calls.length, 3)
  assert.equal(runner.stats().givenUp, { attempts: 1, budget: 0, deadline: 0 })
})

test('what would fail again is not run again', async () => {
  const { time, bottom, runner } = over([{ ms: 5, error: wrong }])
  assert.is(await time.run(codeOf(runner.run(7))), 'TRT_ERR_SHAPE')
  assert.is(bottom.calls.length, 1)
})

test('a broken connection is run again, an error that nobody knows is not', async () => {
  const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
  const first = over([{ ms: 5, error: reset }, { ms: 5 }])
  assert.is(await first.time.run(first.runner.run(7)), 7)
  const second = over([{ ms: 5, error: new TypeError('a defect') }])
  assert.instance(await second.time.run(codeOf(second.runner.run(7))), TypeError)
  assert.is(second.bottom.calls.length, 1)
})

test('never runs again at or after the deadline', async () => {
  const { time, bottom, runner } = over([fails])
  assert.is(await time.run(codeOf(runner.run(7, { deadline: 15 }))), 'TRT_ERR_DEVICE')
  assert.is(time.now(), 5)
  assert.is(bottom.calls.length, 1)
  assert.equal(runner.stats().givenUp, { attempts: 0, budget: 0, deadline: 1 })
})

test('waits as long as a refusal asks for', async () => {
  const full = new TrtError('TRT_ERR_OVERLOADED', 'full', { retryAfter: 70 })
  const { time, bottom, runner } = over([{ ms: 5, error: full }, { ms: 5 }])
  assert.is(await time.run(runner.run(7)), 7)
  assert.is(bottom.calls[1]!.began, 75)
})

test('spends at most its burst, and then a share of the requests', async () => {
  const { time, bottom, runner } = over([{ ms: 0, error: busy }], { budget: 0.5, burst: 2, delay: 0, attempts: 2 })
  for (let i = 0; i < 100; i++) assert.is(await time.run(codeOf(runner.run(i))), 'TRT_ERR_DEVICE')
  // The burst, of which the first request's half is lost, and half a retry for each of the 99 others.
  assert.is(bottom.calls.length, 100 + 2 + 49)
  assert.is(runner.stats().givenUp.budget, 100 - 51)
})

test('asks whether running twice does harm', async () => {
  const { time, bottom, runner } = over([fails], { idempotent: (inputs) => inputs !== 7 })
  await time.run(codeOf(runner.run(7)))
  assert.is(bottom.calls.length, 1)
  await time.run(codeOf(runner.run(8)))
  assert.is(bottom.calls.length, 1 + 3)
})

test('an abort while it waits ends the wait, and leaves no timer', async () => {
  const { time, bottom, runner } = over([fails], { delay: 1000 })
  const controller = new AbortController()
  time.setTimeout(() => controller.abort('enough'), 50)
  const work = runner.run(7, { signal: controller.signal })
  assert.is(await time.run(codeOf(work)), 'TRT_ERR_ABORTED')
  assert.is(time.now(), 50)
  assert.is(bottom.calls.length, 1)
  const [error] = await Promise.allSettled([time.run(new Promise(() => {}))])
  assert.is(error.status === 'rejected' && (error.reason as Error).message, 'everything waits and nothing is due')
})

test('an abort while it runs is not run again', async () => {
  const { time, bottom, runner } = over([{ ms: 50 }])
  const controller = new AbortController()
  time.setTimeout(() => controller.abort(), 10)
  assert.is(await time.run(codeOf(runner.run(7, { signal: controller.signal }))), 'TRT_ERR_ABORTED')
  assert.is(bottom.calls.length, 1)
})

test('refuses wrong options', () => {
  const { bottom } = over([fails])
  for (const options of [{ attempts: 0 }, { attempts: 1.5 }, { delay: -1 }, { budget: Number.NaN }, { when: true }, { retries: 3 }]) {
    assert.throws(
      () => retry(bottom, options as never),
      (error: { code: string }) => error.code === 'TRT_ERR_INVALID_ARGUMENT',
    )
  }
})

test.run()
