import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { histogramBins, plainKernels, smallestLimit } from '../../../../lib/onnx/calibration/kernels.js'
import { addValues, emptyStatistics, limitFor, mergeStatistics } from '../../../../lib/onnx/calibration/statistics.js'
import type { TensorStatistics } from '../../../../lib/onnx/calibration/types.js'
import { suite } from '../../../support/suite.js'

const test = suite('statistics of a tensor')

const add = (to: TensorStatistics, values: Float32Array) => addValues(to, values, plainKernels.extent(values), plainKernels)
function statisticsOf(...portions: readonly Float32Array[]): TensorStatistics {
  const statistics = emptyStatistics()
  for (const values of portions) add(statistics, values)
  return statistics
}
const finite = fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 20 })

test('the limit is the smallest power of two above every magnitude', () => {
  assert.equal([0.9, 1, 1.5, 2, 3].map(limitFor), [1, 2, 2, 4, 4])
  assert.is(limitFor(0), smallestLimit)
  assert.is(limitFor(3.4028234663852886e38), 2 ** 128)
})

test('values are counted on their side, in bins of limit / 4096', () => {
  const { positive, negative, limit, min, max, count } = statisticsOf(Float32Array.of(0, 0.5, 0.999, -0.25))
  assert.equal({ limit, min, max: Math.fround(0.999) === max, count }, { limit: 1, min: -0.25, max: true, count: 4 })
  assert.equal([positive[0], positive[2048], positive[4091], negative[1024]], [1, 1, 1, 1])
})

test('a larger value doubles the width of bins, and counts stay where their values belong', () => {
  const { positive, limit } = statisticsOf(Float32Array.of(0.75), Float32Array.of(3))
  assert.is(limit, 4)
  assert.equal([positive[768], positive[3072]], [1, 1])
})

test('neither order nor portions matter', () => {
  fc.assert(
    fc.property(fc.array(finite, { maxLength: 6 }), (portions) => {
      const whole = Float32Array.from(portions.flatMap((values) => [...values]))
      assert.equal(statisticsOf(...portions), statisticsOf(whole))
      assert.equal(statisticsOf(...portions.toReversed()), statisticsOf(whole.toReversed()))
    }),
  )
})

test('merged statistics are those of all values, in any order', () => {
  fc.assert(
    fc.property(finite, finite, finite, (a, b, c) => {
      const merged = (...all: Float32Array[]) => {
        const into = emptyStatistics()
        for (const values of all) mergeStatistics(into, statisticsOf(values))
        return into
      }
      assert.equal(merged(a, b, c), statisticsOf(a, b, c))
      assert.equal(merged(c, a, b), statisticsOf(a, b, c))
    }),
  )
})

test('no value is lost', () => {
  fc.assert(
    fc.property(fc.array(finite, { maxLength: 5 }), (portions) => {
      const { positive, negative, count } = statisticsOf(...portions)
      const sum = (bins: Float64Array) => bins.reduce((total, each) => total + each, 0)
      assert.is(sum(positive) + sum(negative), count)
      assert.is(positive.length, histogramBins)
    }),
  )
})

test.run()
