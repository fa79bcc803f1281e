import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { describe } from '../../../lib/bench/statistics.js'

const test = suite('distribution')

test('percentiles are values that were measured, by nearest rank', () => {
  const thousand = Array.from({ length: 1000 }, (_, i) => 1000 - i)
  const { count, min, mean, max, percentiles } = describe(thousand, [0, 50, 99.9, 100])
  assert.equal([count, min, mean, max], [1000, 1, 500.5, 1000])
  assert.equal(
    percentiles.map(({ value }) => value),
    [1, 500, 999, 1000],
  )
})

test('no values have a distribution of zeros', () => {
  assert.equal(describe([], [50]), { count: 0, min: 0, mean: 0, max: 0, percentiles: [{ percentile: 50, value: 0 }] })
})

test.run()
