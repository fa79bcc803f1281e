import * as assert from 'uvu/assert'
import { isTrtError } from '../../../lib/core/errors.js'
import { bulkhead } from '../../../lib/serving/bulkhead.js'
import { Bottom, codeOf, type Ending, timed } from '../../support/serving/bottom.js'
import { suite } from '../../support/suite.js'
import { VirtualTime } from '../../support/virtual-time.js'

const test = suite('bulkhead')

function over(options: { limit: number; queue?: number }, ending: Ending = { ms: 10 }) {
  const time = new VirtualTime()
  const bottom = new Bottom(time, () => ending)
  return { time, bottom, runner: bulkhead(bottom, { ...options, ...timed(time) }) }
}

test('runs so many at once, and the others in the order in which they came', async () => {
  const { time, bottom, runner } = over({ limit: 2, queue: 10 })
  const answers = await time.run(Promise.all([1, 2, 3, 4, 5].map((n) => runner.run(n))))
  assert.equal(answers, [1, 2, 3, 4, 5])
  assert.is(bottom.mostRunning, 2)
  assert.equal(
    bottom.calls.map(({ began }) => began),
    [0, 0, 10, 10, 20],
  )
  const { active, waiting, mostActive, mostWaiting } = runner.stats().classes['all']!
  assert.equal({ active, waiting, mostActive, mostWaiting }, { active: 0, waiting: 0, mostActive: 2, mostWaiting: 3 })
})

test('a larger priority goes first', async () => {
  const { time, bottom, runner } = over({ limit: 1, queue: 10 })
  await time.run(Promise.all([0, 1, 5, 1, 5].map((priority, n) => runner.run(n, { priority }))))
  assert.equal(
    bottom.calls.map(({ inputs }) => inputs),
    [0, 2, 4, 1, 3],
  )
})

test('a full queue refuses, and says when to come again', async () => {
  const { time, runner } = over({ limit: 1, queue: 1 })
  await time.run(runner.run(0))
  const work = [1, 2, 3].map((n) => runner.run(n))
  const [, , third] = await time.run(Promise.allSettled(work))
  assert.is(third!.status, 'rejected')
  const { reason } = third as PromiseRejectedResult
  assert.ok(isTrtError(reason) && reason.code === 'TRT_ERR_OVERLOADED')
  // Runs take 10 ms; one runs and one waits.
  assert.is(reason.details['retryAfter'], 20)
  assert.is(runner.stats().classes['all']!.refused, 1)
})

test('a failed run makes room', async () => {
  const { time, runner } = over({ limit: 1, queue: 1 }, { ms: 5, error: new Error('no') })
  await time.run(Promise.allSettled([runner.run(1), runner.run(2)]))
  assert.is(runner.stats().classes['all']!.active, 0)
  assert.is(runner.stats().failed, 2)
})

test('a deadline that passes in the queue is told at once, and nothing is run', async () => {
  const { time, bottom, runner } = over({ limit: 1, queue: 5 }, { ms: 100 })
  const first = runner.run(1)
  assert.is(await time.run(codeOf(runner.run(2, { deadline: 30 }))), 'TRT_ERR_DEADLINE')
  assert.is(time.now(), 30)
  await time.run(first)
  assert.is(bottom.calls.length, 1)
  assert.is(runner.stats().classes['all']!.expired, 1)
})

test('an aborted request leaves the queue at once', async () => {
  const { time, bottom, runner } = over({ limit: 1, queue: 1 }, { ms: 100 })
  const controller = new AbortController()
  const first = runner.run(1)
  const second = codeOf(runner.run(2, { signal: controller.signal }))
  controller.abort()
  assert.is(await second, 'TRT_ERR_ABORTED')
  const third = runner.run(3)
  await time.run(Promise.all([first, third]))
  assert.equal(
    bottom.calls.map(({ inputs }) => inputs),
    [1, 3],
  )
})

test('a flood of one class leaves the others alone', async () => {
  const time = new VirtualTime()
  const bottom = new Bottom(time, () => ({ ms: 10 }))
  const runner = bulkhead(bottom, {
    classes: { many: { limit: 1 }, few: { limit: 1 } },
    classify: (inputs: number) => (inputs < 100 ? 'many' : 'few'),
    ...timed(time),
  })
  const flood = Array.from({ length: 50 }, (_, n) => codeOf(runner.run(n)))
  assert.is(await time.run(runner.run(100)), 100)
  assert.is((await time.run(Promise.all(flood))).filter((code) => code === 'TRT_ERR_OVERLOADED').length, 49)
  assert.is(
    await time.run(codeOf(bulkhead(bottom, { classes: { a: { limit: 1 } }, classify: () => 'b' }).run(1))),
    'TRT_ERR_INVALID_ARGUMENT',
  )
})

test('refuses wrong options', () => {
  const { bottom } = over({ limit: 1 })
  const wrong = [
    {},
    { limit: 0 },
    { limit: 1, queue: -1 },
    { limit: 1, classes: {} },
    { classes: {} },
    { classes: { a: { limit: 1 } } },
    { max: 1 },
  ]
  for (const options of [...wrong, { limit: 1, classify: () => 'a' }]) {
    assert.throws(
      () => bulkhead(bottom, options as never),
      (error: { code: string }) => error.code === 'TRT_ERR_INVALID_ARGUMENT',
    )
  }
})

test.run()
