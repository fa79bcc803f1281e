import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import { type SimulationResult, simulate, type Trace } from '../../../../lib/bench/capacity/simulate.js'
import type { Decision, SchedulerLike } from '../../../../lib/batching/rule/types.js'
import { FifoScheduler, LastCost } from '../../../support/batching/fifo-rule.js'

const test = suite('capacity simulation')
const trace = (arrivals: number[], change: Partial<Record<'rows' | 'deadlines', number[]>> = {}): Trace => ({
  arrivals: Float64Array.from(arrivals),
  rows: Int32Array.from(change.rows ?? arrivals.map(() => 1)),
  deadlines: Float64Array.from(change.deadlines ?? arrivals.map(() => Infinity)),
  priorities: new Float64Array(arrivals.length),
})
const rule = { maxBatch: 4, maxQueue: 8, maxQueueDelay: 0 }
/** One for both lanes. */
const costs = (cost = new LastCost()) => [cost, cost]
/** Executions take 4 ms and 1 for each row. */
const executionMs = (rows: number) => 4 + rows
const run = (given: Trace, lanes = 1, scheduler: SchedulerLike = new FifoScheduler({ ...rule, lanes }, costs())): SimulationResult =>
  simulate(scheduler, given, { lanes, maxBatch: rule.maxBatch, executionMs })

test('what comes while a lane is busy leaves with the next batch', () => {
  // 0 runs alone until 5; 1 and 2 wait for it and run until 11.
  const result = run(trace([0, 1, 2]))
  assert.equal([...result.latencyMs], [5, 10, 9])
  assert.equal([result.batches, result.rowsRun, result.busyMs, result.elapsedMs], [2, 3, 11, 11])
  assert.equal(result.dispatched, { idle: 2 })
})

test('two lanes work at once', () => {
  assert.equal([...run(trace([0, 1, 2]), 2).latencyMs], [5, 5, 8])
})

test('a request of the moment in which a lane ends finds it free', () => {
  assert.equal([...run(trace([0, 5])).latencyMs], [5, 5])
})

test('requests of one moment share a batch', () => {
  assert.equal([...run(trace([0, 0, 0])).latencyMs], [7, 7, 7])
})

test('a refused request has no latency, and a reason', () => {
  const overload = run(trace(new Array(20).fill(0)))
  assert.equal(
    [overload.latencyMs, overload.refusal].map((each) => each[19]),
    [Number.NaN, 1],
  )
  const expired = run(trace([0, 1], { deadlines: [Infinity, 4] }))
  assert.equal([...expired.refusal], [255, 2])
})

test('a larger request is split, and answered with its last piece', () => {
  // Pieces of 4, 4 and 2 rows: 8, 8 and 6 ms.
  const result = run(trace([0], { rows: [10] }))
  assert.equal([...result.latencyMs], [22])
  assert.equal([result.batches, result.rowsRun], [3, 10])
})

test('a refused piece takes the others along', () => {
  const scheduler = new FifoScheduler({ ...rule, maxQueue: 2, lanes: 1 }, costs())
  const result = run(trace([0], { rows: [40] }), 1, scheduler)
  assert.equal([...result.refusal], [1])
  assert.equal([scheduler.depth, result.batches], [0, 0])
})

test('the rule is told what each execution took', () => {
  const cost = new LastCost()
  run(trace([0, 1, 2]), 1, new FifoScheduler({ ...rule, lanes: 1 }, costs(cost)))
  assert.equal(
    [...cost.known],
    [
      ['0:1', 5],
      ['0:2', 6],
    ],
  )
})

test('the rule is asked again when it said, with nothing else happening', () => {
  const asked: number[] = []
  class Patient extends FifoScheduler {
    override decide(now: number): Decision {
      asked.push(now)
      return this.depth > 0 && now < 3 ? { kind: 'wait', until: 3 } : super.decide(now)
    }
  }
  const result = run(trace([1]), 1, new Patient({ ...rule, lanes: 1 }, costs()))
  assert.equal([...result.latencyMs], [7])
  assert.equal(asked, [1, 3, 3, 8])
})

test('a rule that sends to a busy lane is found out', () => {
  class Wrong extends FifoScheduler {
    override decide(now: number): Decision {
      const decision = super.decide(now)
      return decision.kind === 'dispatch' ? { ...decision, lane: 0 } : decision
    }
  }
  assert.throws(() => run(trace([0, 1]), 2, new Wrong({ ...rule, lanes: 2 }, costs())), /lane 0, which is busy/)
})

test('no requests, no batches', () => {
  assert.equal([run(trace([])).batches, run(trace([])).elapsedMs], [0, 0])
})

test.run()
