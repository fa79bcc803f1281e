import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { costSeeds } from '../../../lib/core/cost-seeds.js'

const test = suite('cost seeds')
const entry = (rows: number, steadyMs: number, runs = 4) => ({ shapes: { x: [rows, 4] }, rows, steadyMs, runs })

test('there is one for each set of shapes: the median over the lanes', () => {
  const report = { entries: [entry(1, 5), entry(1, 9), entry(1, 6), entry(8, 7), entry(8, 8)] }
  assert.equal(costSeeds(report), [
    { shapes: { x: [1, 4] }, rows: 1, ms: 6 },
    { shapes: { x: [8, 4] }, rows: 8, ms: 7 },
  ])
})

test('a lane that ran only once tells nothing', () => {
  assert.equal(costSeeds({ entries: [entry(1, 500, 1), entry(1, 5, 2), entry(8, 900, 1)] }), [{ shapes: { x: [1, 4] }, rows: 1, ms: 5 }])
})

test('the order of the names makes no difference', () => {
  const one = { shapes: { x: [1], m: [2] }, rows: 1, steadyMs: 5, runs: 4 }
  assert.is(costSeeds({ entries: [one, { ...one, shapes: { m: [2], x: [1] } }] }).length, 1)
})

test('no entries, no seeds', () => {
  assert.equal(costSeeds({ entries: [] }), [])
})

test.run()
