import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import { costPoints, CostTable } from '../../../../lib/bench/capacity/cost-table.js'
import { failure } from '../../../support/failure.js'

const test = suite('cost table')

test('times lie on a line between the points, and are those of the first below it', () => {
  const table = new CostTable([
    { rows: 8, ms: 8 },
    { rows: 2, ms: 5 },
    { rows: 16, ms: 12 },
  ])
  assert.equal(
    [1, 2, 4, 8, 10, 16].map((rows) => table.ms(rows)),
    [5, 5, 6, 8, 9, 12],
  )
  assert.is(table.maxRows, 16)
})

test('of several shapes with the same batch the slowest counts', () => {
  const table = new CostTable([
    { rows: 1, ms: 4 },
    { rows: 1, ms: 6 },
  ])
  assert.equal(table.points, [{ rows: 1, ms: 6 }])
})

test('capacity is that of the best batch', () => {
  const table = new CostTable([
    { rows: 1, ms: 5 },
    { rows: 8, ms: 8 },
    { rows: 9, ms: 20 },
  ])
  assert.is(table.capacity(9), 1000)
  assert.is(table.capacity(1), 200)
})

test('points are checked', () => {
  for (const points of [
    [],
    [{ rows: 0, ms: 1 }],
    [{ rows: 1.5, ms: 1 }],
    [{ rows: 1, ms: 0 }],
    [{ rows: 1, ms: NaN }],
    [5],
    'x',
    undefined,
  ]) {
    assert.is(failure(() => new CostTable(points as never)).code, 'TRT_ERR_INVALID_ARGUMENT')
  }
})

test('points are read from a report of a warm-up, its seeds, or a list of costs', () => {
  const points = [{ rows: 4, ms: 7 }]
  const entries = [{ shapes: { x: [4, 2] }, rows: 4, steadyMs: 7, runs: 5, lane: 0 }]
  for (const json of [points, { costs: points }, { entries }, { warmUp: { entries } }, [{ ...points[0], shapes: {} }]]) {
    assert.equal(costPoints(json), points)
  }
  for (const json of [null, 5, 'x', {}, { warmUp: null }, { entries: 5 }]) {
    assert.is(failure(() => costPoints(json)).code, 'TRT_ERR_INVALID_ARGUMENT')
  }
})

test.run()
