import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { latencyBudget } from '../../../lib/core/latency-budget.js'
import { failure } from '../../support/failure.js'

const test = suite('latency budget')
const stage = (mean: number, p99: number, count = 10) => ({ count, mean, p50: mean, p90: p99, p95: p99, p99, p999: p99, max: p99 })

test('shares of the target, the worst stage, and what no stage explains', () => {
  const budget = latencyBudget({ queue: stage(5, 30), compute: stage(10, 12), split: stage(1, 2), total: stage(18, 40) }, { target: 50 })
  assert.equal([budget.total, budget.met, budget.attack, budget.unaccounted], [40, true, 'queue', 2])
  assert.equal(
    budget.stages.map(({ stage, mean, ms, share }) => [stage, mean, ms, share]),
    [
      ['queue', 5, 30, 0.6],
      ['compute', 10, 12, 0.24],
      ['split', 1, 2, 0.04],
    ],
  )
  assert.match(budget.text, /^p99 of the whole: 40 ms, within the target of 50 ms\n/)
  assert.match(budget.text, /^queue +5 +30 +60\.0 % {2}#{18}$/m)
  assert.match(budget.text, /^not in any stage: 2 ms on average\nAttack first: queue\. .*lanes/m)
})

test('over the target, by how much; at another percentile', () => {
  const report = { compute: stage(10, 70), total: stage(11, 72) }
  assert.match(latencyBudget(report, { target: 50 }).text, 'over the target of 50 ms by 22 ms')
  assert.equal([latencyBudget(report, { target: 50, at: 'p50' }).met, latencyBudget(report, { target: 50, at: 'mean' }).total], [true, 11])
})

test('a session that tells the parts of run counts them once', () => {
  const parts = {
    queue: stage(1, 1),
    run: stage(9, 9),
    copyIn: stage(2, 2),
    compute: stage(6, 6),
    copyOut: stage(1, 1),
    total: stage(10, 10),
  }
  const budget = latencyBudget(parts, { target: 50 })
  assert.equal(
    budget.stages.map(({ stage }) => stage),
    ['queue', 'copyIn', 'compute', 'copyOut'],
  )
  assert.equal([budget.unaccounted, budget.attack], [0, 'compute'])
  assert.is(latencyBudget({ run: parts.run }, { target: 50 }).attack, 'run')
})

test('lately, where the report tells', () => {
  const report = {
    compute: { ...stage(10, 70), last10s: stage(5, 20) },
    total: { ...stage(11, 72), last10s: stage(6, 21) },
    lanes: 2,
    error: null,
  }
  const { total, stages } = latencyBudget(report, { target: 50, over: 'last10s' })
  assert.equal([total, stages[0]!.ms, stages.length], [21, 20, 1])
  assert.is(latencyBudget(report, { target: 50, over: 'lastMinute' }).attack, null)
})

test('what was not measured, and what is no stage, is left out', () => {
  const budget = latencyBudget({ queue: stage(0, 0, 0), lanes: 2, completed: 5, failed: {} }, { target: 50 })
  assert.equal([budget.stages, budget.attack, budget.total], [[], null, 0])
  assert.match(budget.text, 'No stage was measured.')
})

test('options that cannot be are refused', () => {
  for (const options of [{ target: 0 }, { target: Number.NaN }, {}, { target: 50, at: 'p42' }, { target: 50, percentile: 99 }])
    assert.is(failure(() => latencyBudget({}, options as never)).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is(failure(() => latencyBudget(null as never, { target: 50 })).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test.run()
