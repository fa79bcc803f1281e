import * as assert from 'uvu/assert'
import { seededRandom } from '../../../lib/core/random.js'
import { hedge, type HedgeOptions } from '../../../lib/serving/hedge.js'
import { Bottom, codeOf, type Ending, timed } from '../../support/serving/bottom.js'
import { suite } from '../../support/suite.js'
import { VirtualTime } from '../../support/virtual-time.js'

const test = suite('hedge')
const learned = 20

/** After twenty runs of 10 ms, by which the usual time is learned and the extra work of two copies is saved up. */
async function over(endings: readonly Ending[], options: HedgeOptions<number, number> = {}) {
  const time = new VirtualTime()
  const bottom = new Bottom(time, (call) => endings[call - learned] ?? { ms: 10 })
  const runner = hedge(bottom, { learnFrom: learned, maxExtra: 0.1, ...options, ...timed(time) })
  for (let n = 0; n < learned; n++) await time.run(runner.run(n))
  const began = time.now()
  return { time, bottom, runner, began, calls: () => bottom.calls.slice(learned) }
}

test('sends no copy before it knows what is usual', async () => {
  const time = new VirtualTime()
  const bottom = new Bottom(time, () => ({ ms: 1000 }))
  const runner = hedge(bottom, timed(time))
  assert.is(await time.run(runner.run(1)), 1)
  assert.is(bottom.calls.length, 1)
  assert.is(runner.stats().after, Infinity)
})

test('a second copy that answers first is the answer, and the first is aborted', async () => {
  const { time, runner, began, calls } = await over([{ ms: 500 }, { ms: 10 }])
  assert.is(runner.stats().after, 10)
  assert.is(await time.run(runner.run(7)), 7)
  assert.is(time.now(), began + 20)
  assert.equal(
    calls().map(({ ended }) => ended),
    ['aborted', 'answered'],
  )
  const { hedged, won } = runner.stats()
  assert.equal({ hedged, won }, { hedged: 1, won: 1 })
})

test('a first copy that answers after all is the answer, and the second is aborted', async () => {
  const { time, runner, began, calls } = await over([{ ms: 15 }, { ms: 10 }])
  assert.is(await time.run(runner.run(7)), 7)
  assert.is(time.now(), began + 15)
  assert.equal(
    calls().map(({ ended }) => ended),
    ['answered', 'aborted'],
  )
  assert.is(runner.stats().won, 0)
})

test('a quick failure fails at once: to run again is for retry', async () => {
  const { time, runner, calls } = await over([{ ms: 5, error: new Error('no') }])
  assert.is(((await time.run(codeOf(runner.run(7)))) as Error).message, 'no')
  assert.is(calls().length, 1)
})

test('one copy that fails leaves the request to the other', async () => {
  const first = await over([{ ms: 12, error: new Error('first') }, { ms: 10 }])
  assert.is(await first.time.run(first.runner.run(7)), 7)
  const second = await over([{ ms: 30 }, { ms: 1, error: new Error('second') }])
  assert.is(await second.time.run(second.runner.run(7)), 7)
})

test('when both fail the first one says why', async () => {
  const { time, runner } = await over([
    { ms: 30, error: new Error('first') },
    { ms: 1, error: new Error('second') },
  ])
  assert.is(((await time.run(codeOf(runner.run(7)))) as Error).message, 'first')
  assert.is(runner.stats().failed, 1)
})

test('second copies may go elsewhere', async () => {
  const elsewhere: number[] = []
  const second = { run: (inputs: number) => Promise.resolve(elsewhere.push(inputs)) }
  const { time, runner } = await over([{ ms: 500 }], { second })
  assert.is(await time.run(runner.run(7)), 1)
  assert.equal(elsewhere, [7])
})

test('no copy is sent that the deadline would not wait for', async () => {
  const { time, runner, calls, began } = await over([{ ms: 50 }])
  assert.is(await time.run(runner.run(7, { deadline: began + 10 })), 7)
  assert.is(calls().length, 1)
})

test('the caller aborts: both copies are aborted', async () => {
  const { time, runner, calls } = await over([{ ms: 500 }, { ms: 500 }])
  const controller = new AbortController()
  time.setTimeout(() => controller.abort(), 50)
  assert.is(await time.run(codeOf(runner.run(7, { signal: controller.signal }))), 'TRT_ERR_ABORTED')
  assert.equal(
    calls().map(({ ended }) => ended),
    ['aborted', 'aborted'],
  )
})

test('when everything has become slow no more is sent than maxExtra allows', async () => {
  const slow = Array.from({ length: 400 }, () => ({ ms: 300 }))
  const { time, bottom, runner } = await over(slow)
  await time.run(Promise.all(Array.from({ length: 100 }, (_, n) => runner.run(n))))
  const { hedged, withheld } = runner.stats()
  // A tenth of 120 requests; nothing is lent.
  assert.is(hedged, 10)
  assert.is(withheld, 90)
  assert.is(bottom.calls.length, learned + 100 + 10)
})

test('a heavy tail becomes less than half as long for a twentieth more work', async () => {
  const time = new VirtualTime()
  const random = seededRandom(5)
  // 3 % take 100 to 200 ms, the others 8 to 12.
  const bottom = new Bottom(time, () => ({ ms: random() < 0.03 ? 100 + 100 * random() : 8 + 4 * random() }))
  const runner = hedge(bottom, timed(time))
  const times: number[] = []
  for (let n = 0; n < 4000; n++) {
    const began = time.now()
    await time.run(runner.run(n))
    times.push(time.now() - began)
  }
  const p99 = times.toSorted((a, b) => a - b)[Math.floor(0.99 * times.length)]!
  assert.ok(p99 < 50, `p99 ${p99}`)
  assert.ok(bottom.calls.length <= 1.05 * 4000 + 1, `${bottom.calls.length} runs`)
})

test('refuses wrong options, and memory that both copies would write to', async () => {
  const { time, bottom, runner } = await over([])
  for (const options of [{ quantile: 0.4 }, { maxExtra: 2 }, { learnFrom: 0 }, { learnFrom: 513 }, { minDelay: -1 }, { delay: 1 }]) {
    assert.throws(
      () => hedge(bottom, options as never),
      (error: { code: string }) => error.code === 'TRT_ERR_INVALID_ARGUMENT',
    )
  }
  assert.is(await time.run(codeOf(runner.run(7, { into: {} } as never))), 'TRT_ERR_INVALID_ARGUMENT')
})

test.run()
