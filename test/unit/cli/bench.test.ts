import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { sideOf } from '../../../lib/cli/bench/compare.js'
import type { BenchFlags } from '../../../lib/cli/bench/flags.js'
import { steps } from '../../../lib/cli/bench/load.js'
import { withRows } from '../../../lib/cli/bench/subject.js'
import { numbersFlag } from '../../../lib/cli/flags/numbers.js'
import { Tensor } from '../../../lib/core/tensor.js'
import { failure } from '../../support/failure.js'

const test = suite('bench flags')

test('steps: as given, or equal ones up to the last', () => {
  assert.equal(
    [steps([1, 4], undefined), steps([800], 4), steps([2, 6], 3)],
    [
      [1, 4],
      [200, 400, 600, 800],
      [2, 4, 6],
    ],
  )
})

test('lists of numbers keep their order and know their limits', () => {
  const parse = numbersFlag('--rate', { min: 1, max: 10 })
  assert.equal(parse('4,1,2.5'), [4, 1, 2.5])
  for (const text of ['', '1,', '0', '11', 'x', '1;2']) assert.is(failure(() => parse(text)).code, 'TRT_ERR_INVALID_ARGUMENT', text)
})

test('a tensor of other rows: cut, or begun again', () => {
  const tensor = new Tensor('float32', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))
  assert.equal(
    [withRows(tensor, 1).shape, [...withRows(tensor, 1).data]],
    [
      [1, 3],
      [1, 2, 3],
    ],
  )
  assert.equal(
    [withRows(tensor, 3).shape, [...withRows(tensor, 3).data]],
    [
      [3, 3],
      [1, 2, 3, 4, 5, 6, 1, 2, 3],
    ],
  )
  const wide = new Tensor('int64', [1], BigInt64Array.of(7n))
  assert.equal([...withRows(wide, 2).data], [7n, 7n])
})

const common = { lanes: 1, threads: 4, seed: 1, compare: ['a', 'b'] } as unknown as BenchFlags

test('a side of a comparison: its own flags over the common ones, and a model of its own', () => {
  const side = sideOf('lanes=2 --batcher maxBatch=8', 'model.onnx', common)
  assert.equal([side.model, side.flags.lanes, side.flags.batcher, side.flags.maxBatch, side.flags.threads], ['model.onnx', 2, true, 8, 4])
  assert.equal(
    [sideOf('other.engine', 'model.onnx', common).model, sideOf('infStreams=3', 'm', common).flags.lanes],
    ['other.engine', undefined],
  )
  assert.is(sideOf('infStreams=3', 'm', common).flags.infStreams, 3)
})

test('a side that is not understood is refused', () => {
  for (const text of ['lanes=x', 'a.onnx b.onnx', 'lanes=1 infStreams=2'])
    assert.is(failure(() => sideOf(text, 'm', common)).code, 'TRT_ERR_INVALID_ARGUMENT', text)
})

test.run()
