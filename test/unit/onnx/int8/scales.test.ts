import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { codeRange, codeScale } from '../../../../lib/onnx/int8/scales.js'
import { suite } from '../../../support/suite.js'

const test = suite('int8 scales')

test('spreads 255 steps over the range, zero being a code', () => {
  assert.equal(codeScale({ low: 0, high: 255 }), { scale: 1, zero: 0 })
  assert.equal(codeScale({ low: -127.5, high: 382.5 }), { scale: 2, zero: 64 })
})

test('takes zero into a range that leaves it out', () => {
  assert.equal(codeScale({ low: 100, high: 255 }), { scale: 1, zero: 0 })
  assert.equal(codeScale({ low: -255, high: -10 }), { scale: 1, zero: 255 })
})

test('gives a tensor of zeros some scale', () => {
  assert.equal(codeScale({ low: 0, high: 0 }), { scale: 1, zero: 0 })
  assert.equal(codeScale({ low: 0, high: 1e-40 }), { scale: 1, zero: 0 })
})

test('keeps every value of the range to a step', () => {
  const ends = fc.tuple(fc.float({ min: -1000, max: 0, noNaN: true }), fc.float({ min: Math.fround(0.01), max: 1000, noNaN: true }))
  fc.assert(
    fc.property(ends, fc.double({ min: 0, max: 1, noNaN: true }), ([low, high], share) => {
      const { scale, zero } = codeScale({ low, high })
      const value = low + (high - low) * share
      const code = Math.max(0, Math.min(255, Math.round(value / scale) + zero))
      assert.ok(Math.abs((code - zero) * scale - value) <= scale * 1.001)
    }),
  )
})

test('tells what the codes can tell apart', () => {
  assert.equal(codeRange({ scale: 2, zero: 64 }), { low: -128, high: 382 })
})

test.run()
