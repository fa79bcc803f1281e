import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { settled, steady } from '../../../lib/engine/settle.js'

const test = suite('settle')
const repeat = (count: number, ...times: number[]) => Array.from({ length: count }, (_, i) => times[i % times.length]!)

test('long runs have settled when the last three differ by at most the tolerance; the first is not among them', () => {
  assert.not(settled([10, 10, 10], 0.1))
  assert.ok(settled([50, 10, 10, 11], 0.1))
  assert.not(settled([50, 10, 10, 11.1], 0.1))
  assert.not(settled([50, 10], 0.1))
  assert.ok(settled([50, 10, 10, 13], 0.3))
})

test('runs of 2 ms are compared by windows of five', () => {
  assert.not(settled([9, ...repeat(14, 2)], 0.1))
  assert.ok(settled([9, ...repeat(15, 2)], 0.1))
  // Every fifth run three times as long: no three runs in a row agree, the medians of five do.
  assert.ok(settled([9, ...repeat(15, 2, 2, 2, 2, 6)], 0.1))
})

test('very short runs need three windows of sixteen, and long ones before them are forgotten', () => {
  assert.not(settled([9, ...repeat(47, 0.01)], 0.1))
  assert.ok(settled([9, ...repeat(48, 0.01)], 0.1))
  assert.ok(settled([...repeat(100, 80), ...repeat(48, 0.01)], 0.1))
})

test('a clock that does not move settles too', () => {
  assert.ok(settled(repeat(49, 0), 0.1))
})

test('the steady time is the median of the last windows, without the first run', () => {
  assert.is(steady([50]), 50)
  assert.is(steady([50, 12]), 12)
  assert.is(steady([50, 30, 10, 11, 12]), 11)
  assert.is(steady([50, 10, 10, 90, 10]), 10)
})

test.run()
