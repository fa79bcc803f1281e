import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { type Contender, ruleOf } from '../../../bench/batcher/rules/contenders.js'
import { scenarios } from '../../../bench/batcher/scenarios.js'
import type { SchedulerLike } from '../../../lib/batching/rule/types.js'

/** The rules that ours is compared with do what is published of them. */
const test = suite('baselines')
const scenario = scenarios.find(({ name }) => name === 'poisson-1.2')!

function rule(contender: Contender): SchedulerLike {
  const { cost, scheduler } = ruleOf(contender, scenario)
  return scheduler({ maxBatch: 16, lanes: 1, maxQueue: 1024, maxQueueDelay: 5 }, [cost()])
}

/** Requests 0, 1, 2 … at these times, to be answered within 30 ms. */
function arrive(scheduler: SchedulerLike, ...times: number[]): void {
  times.forEach((at, id) => scheduler.enqueue({ id, rows: 1, bucket: 0, enqueued: at, deadline: at + 30, priority: 0 }, at))
}

const idsOf = (scheduler: SchedulerLike, now: number): readonly number[] | string => {
  const decision = scheduler.decide(now)
  return decision.kind === 'wait' ? `until ${decision.until}` : [decision.kind === 'refuse' ? -1 : 1, ...decision.ids]
}

test('first come, first served: at once, and one batch at a time', () => {
  const fifo = rule('fifo')
  arrive(fifo, ...Array.from({ length: 18 }, (_, i) => i))
  assert.equal(idsOf(fifo, 18), [1, ...Array.from({ length: 16 }, (_, i) => i)])
  assert.is(idsOf(fifo, 19), 'until Infinity')
  fifo.finished(0, 30, null)
  assert.equal(idsOf(fifo, 30), [1, 16, 17])
})

test('with a delay the oldest waits so long for company, unless the batch is full', () => {
  const delayed = rule('fifoDelay')
  arrive(delayed, 10)
  assert.is(idsOf(delayed, 10), 'until 15')
  assert.equal(idsOf(delayed, 15), [1, 0])
  const full = rule('fifoDelay')
  arrive(full, ...new Array<number>(16).fill(10))
  assert.is((idsOf(full, 10) as number[]).length, 17)
})

test('Triton refuses who has waited longer than the time-out, and executes who has waited a little less', () => {
  const triton = rule('triton')
  arrive(triton, 0, 1, 2)
  // 30 ms less s(16) = 12 ms.
  assert.equal(idsOf(triton, 19), [-1, 0, 1])
  assert.equal(idsOf(triton, 19), [1, 2])
})

test('BentoML cancels the oldest as long as the queue as one batch would be late, and takes the newest first', () => {
  const bento = rule('bento')
  arrive(bento, 0, 26, 27)
  assert.equal(idsOf(bento, 28), [-1, 0])
  assert.equal(idsOf(bento, 28), [1, 2, 1])
})

test('earliest deadline first drops who would be late in a batch of all', () => {
  const edf = rule('edf')
  arrive(edf, 0, 10, 11)
  assert.equal(idsOf(edf, 25), [-1, 0])
  assert.equal(idsOf(edf, 25), [1, 1, 2])
})

test.run()
