import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import { LearnedCost } from '../../../../lib/batching/cost/learned-cost.js'

const test = suite('an accident among costs')
const tableMs = (rows: number) => 4 + 0.5 * rows

function warmedUp(msOf = tableMs): LearnedCost {
  const cost = new LearnedCost()
  for (const rows of [1, 2, 4, 8, 16]) cost.seed(0, rows, msOf(rows))
  return cost
}

const near = (actual: number, expected: number, within: number) =>
  assert.ok(Math.abs(actual / expected - 1) <= within, `${actual} instead of ${expected}`)

test('a size that is slow the first time it is seen makes neither itself nor larger ones slow', () => {
  const cost = warmedUp()
  cost.observe(0, 9, 15)
  for (const rows of [9, 12, 16]) near(cost.predict(0, rows).mean, tableMs(rows), 0.02)
})

test('a size that was slow three times and is not tried again does not lift those that are known better', () => {
  const cost = warmedUp()
  for (let i = 0; i < 30; i++) for (const rows of [8, 10, 12, 16]) cost.observe(0, rows, tableMs(rows))
  for (let i = 0; i < 3; i++) cost.observe(0, 9, 14)
  for (let i = 0; i < 30; i++) for (const rows of [8, 10, 12, 16]) cost.observe(0, rows, tableMs(rows))
  for (const rows of [10, 12, 16]) near(cost.predict(0, rows).mean, tableMs(rows), 0.06)
})

test('a step between sizes is believed when a size was slow twice', () => {
  const stepMs = (rows: number) => (rows <= 8 ? tableMs(rows) : 12.8 + 0.5 * (rows - 9))
  const cost = warmedUp(stepMs)
  for (const rows of [8, 9, 4, 16, 9, 8, 12, 4, 12, 16]) cost.observe(0, rows, stepMs(rows))
  for (const rows of [9, 16]) near(cost.predict(0, rows).mean, stepMs(rows), 0.06)
  near(cost.predict(0, 8).mean, 8, 0.06)
})

test.run()
