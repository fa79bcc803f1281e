import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { isMet } from '../../../bench/support/bench.js'
import { parseOptions } from '../../../bench/support/options.js'
import { figure, table } from '../../../bench/support/table.js'

const test = suite('bench output')
const defaults = { rounds: 9, durationMs: 500 }

test('table puts names to the left and numbers to the right', () => {
  const text = table(
    ['side', 'ops/s'],
    [
      ['ours', '12'],
      ['a longer one', '1,234'],
    ],
  )
  assert.is(text, 'side          ops/s\n------------  -----\nours             12\na longer one  1,234')
})

test('figure keeps three significant digits, and all digits before the point', () => {
  assert.equal([1234567.8, 123.4, 12.345, 1.23456, 0.012345, 0].map(figure), ['1,234,568', '123', '12.3', '1.23', '0.0123', '0'])
})

test('a target is met at its limit', () => {
  assert.ok(isMet({ name: 'x', value: 3, bound: 'at least', limit: 3 }))
  assert.ok(isMet({ name: 'x', value: 3, bound: 'at most', limit: 3 }))
  assert.not(isMet({ name: 'x', value: 2.99, bound: 'at least', limit: 3 }))
  assert.not(isMet({ name: 'x', value: 3.01, bound: 'at most', limit: 3 }))
})

test('a ratio that is no number meets nothing', () => {
  assert.not(isMet({ name: 'x', value: Number.NaN, bound: 'at least', limit: 0 }))
  assert.not(isMet({ name: 'x', value: Number.NaN, bound: 'at most', limit: 0 }))
})

test('options: defaults, and what is given', () => {
  assert.equal(parseOptions([], defaults), { quick: false, rounds: 9, durationMs: 500, seed: 1, only: null })
  assert.equal(parseOptions(['--rounds', '3', '--duration=40', '--seed', '5'], defaults), {
    quick: false,
    rounds: 3,
    durationMs: 40,
    seed: 5,
    only: null,
  })
})

test('options: --quick means few short rounds, unless told', () => {
  assert.equal(parseOptions(['--quick'], defaults), { quick: true, rounds: 2, durationMs: 50, seed: 1, only: null })
  assert.is(parseOptions(['--quick', '--rounds', '4'], defaults)?.rounds, 4)
})

test('options: --only takes a part that the bench has', () => {
  const parts = ['simulated', 'real-time']
  assert.is(parseOptions(['--only', 'real-time'], { ...defaults, parts })?.only, 'real-time')
  assert.throws(() => parseOptions(['--only', 'real'], { ...defaults, parts }), /simulated or real-time; received "real"/)
  assert.throws(() => parseOptions(['--only', 'real-time'], defaults), /no parts/)
})

test('options: --help asks for nothing else', () => {
  assert.is(parseOptions(['--help'], defaults), null)
})

test('options: unknown ones and wrong numbers are refused', () => {
  for (const args of [['--quik'], ['extra'], ['--rounds', '0'], ['--rounds', '1.5'], ['--duration', 'long']]) {
    assert.throws(() => parseOptions(args, defaults))
  }
})

test.run()
