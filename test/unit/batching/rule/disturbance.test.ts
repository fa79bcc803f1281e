import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import { LearnedCost } from '../../../../lib/batching/cost/learned-cost.js'
import { Scheduler } from '../../../../lib/batching/rule/scheduler.js'
import { simulate } from '../../../../lib/bench/capacity/simulate.js'
import { arrivalTimes } from '../../../../lib/bench/load/arrivals.js'
import { seededRandom } from '../../../../lib/core/random.js'

const test = suite('a disturbance')
const slo = 30
const maxBatch = 16
const tableMs = (rows: number) => 4 + 0.5 * rows
const durationMs = 5000
const since = 3000

/** Goodput in percent of what arrives after three seconds, when `slow` executions of the second one were disturbed. */
function goodputAfter(load: number, slow: number, disturbed: (ms: number) => number): number {
  const arrivals = arrivalTimes('poisson', { rate: (load * 1000 * maxBatch) / tableMs(maxBatch), durationMs, seed: 1 })
  const cost = new LearnedCost()
  for (const rows of [1, 2, 4, 8, 16]) cost.seed(0, rows, tableMs(rows))
  const scheduler = new Scheduler({ maxBatch, lanes: 1, maxQueue: 1024, maxQueueDelay: 5, slo }, cost)
  const random = seededRandom(3)
  let batch = 0
  const executionMs = (rows: number) => {
    batch++
    const ms = tableMs(rows) * (0.93 + 0.14 * random())
    return batch > 100 && batch <= 100 + slow ? disturbed(ms) : ms
  }
  const trace = {
    arrivals,
    rows: new Int32Array(arrivals.length).fill(1),
    deadlines: arrivals.map((time) => time + slo),
    priorities: new Float64Array(arrivals.length),
  }
  const { latencyMs } = simulate(scheduler, trace, { lanes: 1, maxBatch, executionMs })
  const later = [...latencyMs].filter((_, i) => arrivals[i]! >= since)
  return (100 * later.filter((latency) => latency <= slo).length) / later.length
}

for (const load of [0.1, 0.9, 1.2]) {
  const usual = goodputAfter(load, 0, (ms) => ms)
  for (const slow of [1, 2, 3, 5, 20]) {
    test(`${slow} slow executions at ${load} times the capacity are over when they are over`, () => {
      const goodput = goodputAfter(load, slow, (ms) => ms + 15)
      assert.ok(goodput >= usual - 2, `${goodput.toFixed(1)} % instead of ${usual.toFixed(1)} %`)
    })
  }
  test(`after executions of fifteen times their length at ${load} nothing seems possible: it is tried all the same`, () => {
    const goodput = goodputAfter(load, 5, (ms) => 15 * ms)
    assert.ok(goodput >= usual - 2, `${goodput.toFixed(1)} % instead of ${usual.toFixed(1)} %`)
  })
}

test.run()
