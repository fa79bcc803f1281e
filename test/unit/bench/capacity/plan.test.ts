import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import type { CapacityOptions } from '../../../../lib/bench/capacity/options.js'
import { planWith, type SchedulerFactory } from '../../../../lib/bench/capacity/plan.js'
import { FifoScheduler, LastCost } from '../../../support/batching/fifo-rule.js'
import { rejection } from '../../../support/failure.js'

const test = suite('capacity plan')
const base: CapacityOptions = {
  cost: [
    { rows: 1, ms: 10 },
    { rows: 4, ms: 10 },
  ],
  rate: 100,
  arrivals: 'constant',
  requests: 1000,
  slo: 30,
  noise: 0,
}
const fifo: SchedulerFactory = (options) =>
  new FifoScheduler(
    options,
    Array.from({ length: options.lanes }, () => new LastCost()),
  )
const plan = (change: Partial<CapacityOptions> = {}) => planWith(fifo, { ...base, ...change })

test('a load that one lane carries: each request runs alone and at once', async () => {
  const { prediction, lanesNeeded, laneCapacity } = await plan()
  assert.equal([lanesNeeded, laneCapacity], [1, 400])
  const { offered, answered, goodput, goodputMargin, meanBatch, laneUtilization, latency } = prediction
  assert.equal([offered, answered, goodput, goodputMargin, meanBatch], [1000, 1000, 1, 0, 1])
  assert.equal([latency.min, latency.max], [10, 10])
  assert.ok(Math.abs(laneUtilization - 1) < 1e-9)
})

test('the fewest lanes that reach the target are found, and fewer do not', async () => {
  const { lanesNeeded, tried, prediction } = await plan({ rate: 3000, arrivals: 'poisson' })
  assert.is(prediction.lanes, lanesNeeded)
  assert.ok(prediction.goodput >= 0.99)
  assert.ok(tried.find(({ lanes }) => lanes === lanesNeeded! - 1)!.goodput < 0.99)
  assert.ok(tried.every(({ lanes }, i) => i === 0 || lanes > tried[i - 1]!.lanes))
})

test('no number of lanes helps where one execution takes longer than the SLO', async () => {
  const { lanesNeeded, prediction } = await plan({ slo: 9 })
  assert.equal([lanesNeeded, prediction.goodput], [null, 0])
})

test('given lanes are taken as they are', async () => {
  const { lanesNeeded, prediction, tried } = await plan({ lanes: 3 })
  assert.equal([lanesNeeded, prediction.lanes, tried.length], [null, 3, 1])
  assert.ok(Math.abs(prediction.laneUtilization - 1 / 3) < 0.01)
})

test('classes have their own rows, deadlines and goodput', async () => {
  const classes = [
    { name: 'tight', weight: 1, deadline: 5 },
    { name: 'wide', weight: 3, deadline: 50, rows: 2 },
  ]
  const { prediction } = await plan({ classes })
  const [tight, wide] = prediction.classes
  assert.equal([tight!.name, tight!.goodput, wide!.goodput], ['tight', 0, 1])
  assert.is(tight!.offered + wide!.offered, 1000)
  assert.ok(Math.abs(wide!.offered / 1000 - 0.75) < 0.05)
  assert.ok(Math.abs(prediction.goodput - wide!.offered / 1000) < 1e-9)
})

test('the same seed gives the same plan, another one another', async () => {
  const noisy = { arrivals: 'poisson', noise: 0.05, rate: 300 } as const
  assert.equal(await plan(noisy), await plan(noisy))
  assert.not.equal(await plan(noisy), await plan({ ...noisy, seed: 2 }))
})

test('without a deadline everything answered is good', async () => {
  const { slo: _, ...rest } = base
  const { prediction, slo } = await planWith(fifo, { ...rest, rate: 1000, lanes: 1, maxQueue: 10 })
  assert.is(slo, null)
  assert.is(prediction.goodput, prediction.answered / prediction.offered)
  assert.ok(prediction.refused.overload > 0)
})

test('a trace keeps its own rate', async () => {
  const { rate: _, ...rest } = base
  const times = Array.from({ length: 11 }, (_each, i) => 50 + i * 20)
  const result = await planWith(fifo, { ...rest, arrivals: { kind: 'trace', times } })
  assert.is(result.rate, 50)
  assert.ok(Math.abs(result.prediction.laneUtilization - 0.5) < 0.01)
})

test('a signal stops the search', async () => {
  assert.is((await rejection(plan({ signal: AbortSignal.abort() }))).code, 'TRT_ERR_ABORTED')
})

test('options are checked', async () => {
  const wrong = [
    { rate: 0 },
    { rate: NaN },
    { rate: undefined },
    { lanes: 0 },
    { lanes: 'many' },
    { requests: 0 },
    { target: 1.1 },
    { noise: -1 },
  ]
  for (const change of [
    ...wrong,
    { slo: 0 },
    { slo: NaN },
    { maxBatch: 5 },
    { maxQueue: 0 },
    { maxQueueDelay: NaN },
    { seed: -1 },
    { cost: [] },
    { rates: 5 },
  ]) {
    assert.is((await rejection(plan(change as never))).code, 'TRT_ERR_INVALID_ARGUMENT', JSON.stringify(change))
  }
})

test.run()
