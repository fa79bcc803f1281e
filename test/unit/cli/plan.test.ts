import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import type { CapacityPlan } from '../../../lib/bench/capacity/plan.js'
import { cli } from '../../support/cli.js'

const test = suite('plan')
const folder = mkdtempSync(join(tmpdir(), 'plan-'))
const file = (name: string, content: unknown) => {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
/** 4 + 0.5 n ms, at most 16 rows: 1333 requests/s in one lane. */
const cost = '--cost=1:4.5,16:12'
const json = async (...flags: string[]) => {
  const { code, out } = await cli(['plan', '--json', '--requests=4000', cost, ...flags])
  return { code, plan: JSON.parse(out) as CapacityPlan }
}
test.after(() => rmSync(folder, { recursive: true }))

test('a load that one lane carries needs one', async () => {
  const { code, plan } = await json('--slo=30ms', '--rate=600')
  assert.equal([code, plan.lanesNeeded, plan.slo, plan.rate, plan.maxBatch], [0, 1, 30, 600, 16])
  assert.ok(plan.prediction.goodput > 0.999)
})

test('twice what a lane can do needs at least two, and what is needed is shown with what is not enough', async () => {
  const { plan } = await json('--slo=30ms', '--rate=2400')
  assert.ok(plan.lanesNeeded! >= 2 && plan.lanesNeeded! <= 4, String(plan.lanesNeeded))
  assert.ok(plan.tried.some(({ lanes, goodput }) => lanes === plan.lanesNeeded! - 1 && goodput < 0.99))
})

test('overload in one lane: goodput near the bound, and exit code 1', async () => {
  const { code, plan } = await json('--slo=30ms', '--rate=1600', '--lanes=1')
  assert.is(code, 1)
  // 1333 of 1600 are the most that can be answered.
  assert.ok(plan.prediction.goodput > 0.75 && plan.prediction.goodput < 0.85, String(plan.prediction.goodput))
  assert.ok(plan.prediction.refused.deadline > 0)
})

test('the table tells lanes, goodput and the verdict', async () => {
  const { code, out } = await cli(['plan', '--slo=30ms', '--rate=600', '--requests=1000', cost])
  assert.is(code, 0)
  assert.match(out, /600 requests\/s, poisson, to be answered within 30 ms: 1000 simulated requests/)
  assert.match(out, /batches of up to 16; at best 1333 rows\/s in one lane/)
  assert.match(out, /lanes +goodput +± +p50 ms/)
  assert.match(out, /\n1 lane needed for 99\.0 % in time\.\n$/)
})

test('a deadline below one execution: no number of lanes helps', async () => {
  const { code, out } = await cli(['plan', '--slo=4ms', '--rate=100', '--requests=200', cost])
  assert.is(code, 1)
  assert.match(out, /No number of lanes reaches 99\.0 % in time; .* reach 0\.00 %/)
})

test('classes, a trace and costs come from files', async () => {
  const classes = file('classes.json', [
    { name: 'live', deadline: 15 },
    { name: 'batch', weight: 3, deadline: 60, rows: 2 },
  ])
  const trace = file('trace.json', [0, 5, 7, 20])
  const costs = file('costs.json', {
    entries: [
      { shapes: { x: [1, 4] }, rows: 1, steadyMs: 5, runs: 4 },
      { shapes: { x: [8, 4] }, rows: 8, steadyMs: 8, runs: 4 },
    ],
  })
  const { code, out } = await cli(['plan', '--json', `--classes=${classes}`, `--arrivals=${trace}`, `--cost=${costs}`, '--requests=500'])
  const plan = JSON.parse(out) as CapacityPlan
  assert.is(code, 0)
  assert.equal([plan.rate, plan.arrivals, plan.maxBatch], [150, 'trace', 8])
  assert.equal(
    plan.prediction.classes.map(({ name }) => name),
    ['live', 'batch'],
  )
  const text = await cli(['plan', `--classes=${classes}`, `--arrivals=${trace}`, `--cost=${costs}`, '--requests=500'])
  assert.match(text.out, /class +requests +goodput/)
})

test('the same flags give the same plan', async () => {
  assert.equal(await json('--rate=900', '--slo=30'), await json('--rate=900', '--slo=30'))
})

test('wrong use ends with 2 and says of which flag', async () => {
  const wrong = ['--slo=soon', '--rate=-1', '--lanes=0', '--target=101', '--cost=1:x', '--noise=-1', '--requests=0']
  for (const flag of wrong) {
    const { code, err } = await cli(['plan', '--rate=10', '--cost=1:5', flag])
    assert.is(code, 2, flag)
    assert.match(err, flag.slice(0, flag.indexOf('=')))
  }
  assert.is((await cli(['plan', '--rate=10'])).code, 2)
  assert.is((await cli(['plan', '--cost=1:5'])).code, 2)
})

test('a stop between two simulations ends it', async () => {
  const { code, err } = await cli(['plan', '--rate=10', '--cost=1:5'], { signal: AbortSignal.abort() })
  assert.is(code, 1)
  assert.match(err, /TRT_ERR_ABORTED|abort/i)
})

test.run()
