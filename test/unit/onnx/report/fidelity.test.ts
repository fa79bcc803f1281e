import * as assert from 'uvu/assert'
import { toFloat16 } from '../../../../lib/core/float16.js'
import { Tensor } from '../../../../lib/core/tensor.js'
import { Fidelity, OutputsFidelity } from '../../../../lib/onnx/report/fidelity.js'
import { suite } from '../../../support/suite.js'

const test = suite('fidelity')
const vector = (...values: number[]) => new Tensor('float32', [values.length], Float32Array.from(values))

test('cosine, largest error and signal to noise of one sample', () => {
  const y = new Fidelity('y')
  y.add(vector(3, 4), vector(4, 3))
  // 24 / 25; noise 2 against signal 25: 10.97 dB
  const { name, samples, cosine, maxError, sqnr } = y.result()
  assert.equal([name, samples, cosine, maxError, sqnr.toFixed(2)], ['y', 1, { mean: 0.96, min: 0.96 }, 1, '10.97'])
  assert.is(y.relativeError, 0.25)
})

test('over samples the cosine is averaged, the error is the largest', () => {
  const y = new Fidelity('y')
  y.add(vector(1, 0), vector(1, 0))
  y.add(vector(2, 0), vector(0, 2))
  assert.equal(y.result().cosine, { mean: 0.5, min: 0 })
  assert.is(y.relativeError, 1)
})

test('equal values have no error, zeros, NaN and infinities included', () => {
  const y = new Fidelity('y')
  const values = vector(0, Number.NaN, Number.POSITIVE_INFINITY)
  y.add(values, values)
  assert.equal([y.relativeError, y.result().sqnr, y.result().cosine.min], [0, 300, 1])
})

test('NaN on one side, another shape and no value are infinite errors', () => {
  for (const value of [vector(Number.NaN, 1), vector(1), undefined]) {
    const y = new Fidelity('y')
    y.add(vector(1, 1), value)
    assert.equal([y.relativeError, y.result().maxError, y.result().sqnr], [Infinity, Number.MAX_VALUE, -300])
  }
})

test('integers of 64 bits and float16 are numbers too', () => {
  const y = new Fidelity('y')
  y.add(new Tensor('int64', [2], BigInt64Array.of(1n, -1n)), new Tensor('int64', [2], BigInt64Array.of(1n, -1n)))
  y.add(vector(0.5), new Tensor('float16', [1], toFloat16(Float32Array.of(0.5))))
  assert.is(y.relativeError, 0)
})

test('of several outputs the worst counts', () => {
  const all = new OutputsFidelity()
  all.add({ a: vector(1), b: vector(2) }, { a: vector(1), b: vector(1) })
  assert.is(all.relativeError, 0.5)
  assert.equal(
    all.results().map(({ name }) => name),
    ['a', 'b'],
  )
})

test.run()
