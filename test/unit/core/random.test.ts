import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import type { TensorType, TypedArray } from '../../../lib/core/dtypes.js'
import { fillRandom, seededRandom } from '../../../lib/core/random.js'
import { zeros } from '../../../lib/core/tensor.js'

const test = suite('random')
const filled = (type: TensorType) => {
  const data: TypedArray = zeros(type, 1000)
  fillRandom(type, data, seededRandom(1))
  return Array.from(data as Iterable<number | bigint>, Number)
}

test('numbers repeat with their seed, and lie in [0, 1)', () => {
  const take = (seed: number) => Array.from({ length: 1000 }, seededRandom(seed))
  assert.equal(take(1), take(1))
  assert.not.equal(take(1), take(2))
  assert.ok(take(3).every((value) => value >= 0 && value < 1))
  assert.ok(Math.abs(take(4).reduce((sum, value) => sum + value) / 1000 - 0.5) < 0.05)
})

test('floats fill [-1, 1), bytes their range', () => {
  for (const type of ['float32', 'float64'] as const) {
    const values = filled(type)
    assert.ok(Math.min(...values) < -0.9 && Math.min(...values) >= -1 && Math.max(...values) > 0.9 && Math.max(...values) < 1, type)
  }
  assert.ok(Math.min(...filled('int8')) < -100 && Math.max(...filled('int8')) > 100)
  assert.ok(Math.min(...filled('uint8')) < 20 && Math.max(...filled('uint8')) > 230)
})

test('half floats are bits of such numbers: none is infinite or no number', () => {
  assert.ok(filled('float16').every((bits) => (bits & 0x7c00) < 0x7c00))
  assert.ok(filled('bfloat16').every((bits) => (bits & 0x7f80) < 0x7f80))
})

test('wider integers and bool are 0 or 1, for they are mostly indices and masks', () => {
  for (const type of ['int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'bool'] as const) {
    assert.equal([...new Set(filled(type))].sort(), [0, 1], type)
  }
})

test.run()
