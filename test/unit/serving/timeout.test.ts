import * as assert from 'uvu/assert'
import { timeout } from '../../../lib/serving/timeout.js'
import { Bottom, codeOf, type Ending, timed } from '../../support/serving/bottom.js'
import { suite } from '../../support/suite.js'
import { VirtualTime } from '../../support/virtual-time.js'

const test = suite('timeout')

function over(ending: Ending, more: { ms?: number; awaitRelease?: boolean } = {}) {
  const time = new VirtualTime(100)
  const bottom = new Bottom(time, () => ending)
  return { time, bottom, runner: timeout(bottom, { ms: 50, ...more, ...timed(time) }) }
}

test('lets through what is quick, with the limit as its deadline', async () => {
  const { time, bottom, runner } = over({ ms: 20 })
  assert.is(await time.run(runner.run(7)), 7)
  assert.is(bottom.calls[0]!.options.deadline, 150)
  assert.equal(runner.stats(), { requests: 1, answered: 1, failed: 0, pending: 0, timedOut: 0 })
})

test('rejects what takes too long at the limit, and aborts it', async () => {
  const { time, bottom, runner } = over({ ms: 80 })
  assert.is(await time.run(codeOf(runner.run(7))), 'TRT_ERR_DEADLINE')
  assert.is(time.now(), 150)
  assert.is(bottom.calls[0]!.ended, 'aborted')
  assert.equal(runner.stats(), { requests: 1, answered: 0, failed: 1, pending: 0, timedOut: 1 })
})

test('a deadline that is earlier counts instead; a later one is not passed on', async () => {
  const { time, bottom, runner } = over({ ms: 80 })
  assert.is(await time.run(codeOf(runner.run(7, { deadline: 120 }))), 'TRT_ERR_DEADLINE')
  assert.is(time.now(), 120)
  assert.is(await time.run(codeOf(runner.run(7, { deadline: 9999 }))), 'TRT_ERR_DEADLINE')
  assert.equal(
    bottom.calls.map(({ options }) => options.deadline),
    [120, 170],
  )
})

test('a run that does not hear its signal is answered for all the same', async () => {
  const { time, bottom, runner } = over({ ms: 80, deaf: true })
  assert.is(await time.run(codeOf(runner.run(7))), 'TRT_ERR_DEADLINE')
  assert.is(time.now(), 150)
  assert.is(bottom.calls[0]!.ended, 'running')
})

test('awaitRelease: answers when the run below has let go of its buffers, and not with a late answer', async () => {
  const { time, runner } = over({ ms: 80, deaf: true }, { awaitRelease: true })
  assert.is(await time.run(codeOf(runner.run(7))), 'TRT_ERR_DEADLINE')
  assert.is(time.now(), 180)
})

test('the caller aborts: the run below is aborted with the same reason', async () => {
  const { time, bottom, runner } = over({ ms: 30 })
  const controller = new AbortController()
  time.setTimeout(() => controller.abort('enough'), 10)
  assert.is(await time.run(codeOf(runner.run(7, { signal: controller.signal }))), 'TRT_ERR_ABORTED')
  assert.is(bottom.calls[0]!.options.signal?.reason, 'enough')
  assert.is(time.now(), 110)
})

test('what is aborted or too late already never reaches the runner', async () => {
  const { time, bottom, runner } = over({ ms: 1 })
  assert.is(await time.run(codeOf(runner.run(7, { signal: AbortSignal.abort() }))), 'TRT_ERR_ABORTED')
  assert.is(await time.run(codeOf(runner.run(7, { deadline: 100 }))), 'TRT_ERR_DEADLINE')
  assert.is(await time.run(codeOf(runner.run(7, { deadline: Number.NaN }))), 'TRT_ERR_INVALID_ARGUMENT')
  assert.is(bottom.calls.length, 0)
  assert.is(runner.stats().failed, 3)
})

test('a runner that throws instead of rejecting rejects', async () => {
  const time = new VirtualTime()
  const thrower = {
    run(): Promise<number> {
      throw new Error('at once')
    },
  }
  const error = await codeOf(timeout<number, number>(thrower, { ms: 5, ...timed(time) }).run(1))
  assert.is((error as Error).message, 'at once')
})

test('refuses wrong options', () => {
  const { bottom } = over({ ms: 1 })
  for (const options of [{ ms: 0 }, { ms: -1 }, { ms: Number.NaN }, {}, { ms: 5, awaitRelease: 1 }, { millis: 5 }, null]) {
    assert.throws(
      () => timeout(bottom, options as never),
      (error: { code: string }) => error.code === 'TRT_ERR_INVALID_ARGUMENT',
    )
  }
})

test.run()
