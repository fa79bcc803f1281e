import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import { LearnedCost } from '../../../../lib/batching/cost/learned-cost.js'
import { Scheduler } from '../../../../lib/batching/rule/scheduler.js'
import type { Decision, Refusal, Request } from '../../../../lib/batching/rule/types.js'
import { simulate } from '../../../../lib/bench/capacity/simulate.js'
import { arrivalTimes } from '../../../../lib/bench/load/arrivals.js'

/** A batcher's timer may ring for what is long over: a look at the queue when nothing has happened changes nothing. */
const test = suite('looks in between')
const maxBatch = 16
/** Steep costs, with which waiting for company pays. */
const tableMs = (rows: number) => 10 + 0.1 * rows
const slo = 22

/** Asked a few times more between any two events. */
class Nervous extends Scheduler {
  looks = 0
  holds = 0
  #last = 0
  #until = Infinity

  override enqueue(request: Request, now: number): Refusal | null {
    this.#lookUntil(now)
    return super.enqueue(request, now)
  }

  override finished(lane: number, now: number, measured: Parameters<Scheduler['finished']>[2]): void {
    this.#lookUntil(now)
    super.finished(lane, now, measured)
  }

  override decide(now: number): Decision {
    this.#lookUntil(now)
    const decision = super.decide(now)
    this.#until = decision.kind === 'wait' ? decision.until : now
    if (decision.kind === 'wait' && decision.until < now + 5) this.holds++
    return decision
  }

  #lookUntil(now: number): void {
    const end = Math.min(now, this.#until)
    for (const share of [0.2, 0.5, 0.9]) {
      const time = this.#last + share * (end - this.#last)
      if (!(time > this.#last && time < end)) continue
      this.looks++
      assert.is(super.decide(time).kind, 'wait')
    }
    this.#last = now
  }
}

for (const [kind, load] of [
  ['poisson', 0.5],
  ['poisson', 1],
  ['bursty', 0.7],
] as const) {
  test(`${kind} at ${load}: whoever looks more often sees the same`, () => {
    const arrivals = arrivalTimes(kind, { rate: (load * 1000 * maxBatch) / tableMs(maxBatch), durationMs: 3000, seed: 1 })
    const trace = {
      arrivals,
      rows: new Int32Array(arrivals.length).fill(1),
      deadlines: arrivals.map((time) => time + slo),
      priorities: new Float64Array(arrivals.length),
    }
    const options = { maxBatch, lanes: 1, maxQueue: 1024, maxQueueDelay: 5 }
    const costs = () => {
      const cost = new LearnedCost()
      for (const rows of [1, 2, 4, 8, 16]) cost.seed(0, rows, tableMs(rows))
      return cost
    }
    const machine = { lanes: 1, maxBatch, executionMs: tableMs }
    const nervous = new Nervous(options, costs())
    const [calm, looked] = [new Scheduler(options, costs()), nervous].map((scheduler) => simulate(scheduler, trace, machine))
    assert.ok(nervous.looks > arrivals.length && nervous.holds > 10, `${nervous.looks} looks, ${nervous.holds} times held`)
    assert.equal([...looked!.latencyMs], [...calm!.latencyMs])
  })
}

test.run()
