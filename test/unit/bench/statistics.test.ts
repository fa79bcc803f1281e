import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { median, percentile, ratios, spread } from '../../../bench/support/statistics.js'

const test = suite('bench statistics')

test('percentile takes the sample of nearest rank', () => {
  const sorted = Float64Array.from({ length: 100 }, (_, i) => i + 1)
  assert.is(percentile(sorted, 0.5), 50)
  assert.is(percentile(sorted, 0.99), 99)
  assert.is(percentile(sorted, 1), 100)
})

test('percentile of one sample is that sample', () => {
  assert.is(percentile([7], 0), 7)
  assert.is(percentile([7], 0.99), 7)
})

test('percentile refuses no samples', () => {
  assert.throws(() => percentile([], 0.5), RangeError)
})

test('median is the middle one, or the mean of the two middle ones', () => {
  assert.is(median([9, 1, 5]), 5)
  assert.is(median([10, 2, 4, 1]), 3)
})

test('median leaves its argument in order', () => {
  const values = [3, 1, 2]
  median(values)
  assert.equal(values, [3, 1, 2])
})

test('median refuses no samples', () => {
  assert.throws(() => median([]), RangeError)
})

test('spread keeps the outermost samples', () => {
  assert.equal(spread([4, 2, 9]), { median: 4, min: 2, max: 9 })
})

test('ratios pair the samples of each round', () => {
  assert.equal(ratios([6, 10], [2, 20]), [3, 0.5])
})

test('ratios refuse sides with unequal rounds', () => {
  assert.throws(() => ratios([1], [1, 2]), RangeError)
})

test.run()
