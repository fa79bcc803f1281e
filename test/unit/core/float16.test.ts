import fc from 'fast-check'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../../../lib/core/float16.js'

const test = suite('float16')
const all = Uint16Array.from({ length: 65536 }, (_, i) => i)
const half = (value: number) => toFloat16(Float32Array.of(value))[0]
const brain = (value: number) => toBfloat16(Float32Array.of(value))[0]
const isNanHalf = (bits: number) => (bits & 0x7fff) > 0x7c00
const isNanBrain = (bits: number) => (bits & 0x7fff) > 0x7f80

/** The definition, in double precision: sign × mantissa × 2^exponent. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const mantissa = bits & 1023
  if (exponent === 31) return mantissa ? NaN : sign * Infinity
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25)
}

test('every float16 becomes the value that the standard defines', () => {
  const values = fromFloat16(all)
  for (const bits of all) assert.ok(Object.is(values[bits], halfValue(bits)), `0x${bits.toString(16)}`)
})

test('every float16 survives the way to float32 and back, NaN payloads included', () => {
  assert.equal(toFloat16(fromFloat16(all)), all)
})

test('every bfloat16 survives the way to float32 and back', () => {
  assert.equal(toBfloat16(fromBfloat16(all)), all)
})

test('every bfloat16 is the upper half of its float32', () => {
  const bits = new Uint32Array(fromBfloat16(all).buffer)
  for (const brain of all) if (bits[brain] !== brain * 65536) assert.unreachable(`0x${brain.toString(16)}`)
})

test('halfway between two neighbours, the even one is taken; beside it, the nearer', () => {
  // Exhaustive over the finite positive half: neighbours b and b + 1, their midpoint, and its neighbours in float32.
  const step = new Float32Array(1)
  const bits = new Uint32Array(step.buffer)
  for (let b = 0; b < 0x7bff; b++) {
    step[0] = (halfValue(b) + halfValue(b + 1)) / 2
    const middle = bits[0]!
    if (half(step[0]) !== b + (b & 1)) assert.unreachable(`middle after 0x${b.toString(16)}`)
    bits[0] = middle - 1
    if (half(step[0]) !== b) assert.unreachable(`below the middle after 0x${b.toString(16)}`)
    bits[0] = middle + 1
    if (half(step[0]) !== b + 1) assert.unreachable(`above the middle after 0x${b.toString(16)}`)
  }
})

test('the edges of float16', () => {
  assert.is(half(65504), 0x7bff)
  assert.is(half(65519.99), 0x7bff)
  assert.is(half(65520), 0x7c00)
  assert.is(half(-Infinity), 0xfc00)
  assert.is(half(2 ** -24), 1)
  assert.is(half(2 ** -25), 0)
  assert.is(half(-(2 ** -26)), 0x8000)
  assert.is(half(-0), 0x8000)
})

test('a NaN whose payload is cut off stays a NaN', () => {
  const nan = new Float32Array(Uint32Array.of(0x7f800001, 0xff800001).buffer)
  assert.equal([...toFloat16(nan)].map(isNanHalf), [true, true])
  assert.equal([...toBfloat16(nan)].map(isNanBrain), [true, true])
})

test('the edges of bfloat16', () => {
  assert.is(brain(1), 0x3f80)
  assert.is(brain(1 + 2 ** -8), 0x3f80) // tie: down to even
  assert.is(brain(1 + 3 * 2 ** -8), 0x3f82) // tie: up to even
  assert.is(brain(3.4028234e38), 0x7f80) // largest float32 rounds to infinity
})

test('no other float16 is nearer than the one chosen', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, min: -65504, max: 65504 }), (value) => {
      const bits = half(value)!
      const distance = Math.abs(halfValue(bits) - value)
      for (const other of [bits - 1, bits + 1]) {
        const candidate = halfValue(other & 0xffff)
        if (Number.isFinite(candidate)) assert.ok(Math.abs(candidate - value) >= distance)
      }
    }),
    { seed: 16, numRuns: 2000 },
  )
})

test('views with an offset are read where they lie', () => {
  assert.equal([...toFloat16(Float32Array.of(9, 1, 2).subarray(1))], [0x3c00, 0x4000])
})

test.run()
