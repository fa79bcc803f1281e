import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { seededRandom } from '../../../../lib/core/random.js'
import { plainKernels, smallestLimit } from '../../../../lib/onnx/calibration/kernels.js'
import { entropyCandidate } from '../../../../lib/onnx/calibration/methods/entropy.js'
import { addValues, emptyStatistics } from '../../../../lib/onnx/calibration/statistics.js'
import { threshold } from '../../../../lib/onnx/calibration/thresholds.js'
import { calibrationMethods, type Range, type TensorStatistics } from '../../../../lib/onnx/calibration/types.js'
import { failure } from '../../../support/failure.js'
import { suite } from '../../../support/suite.js'

const test = suite('thresholds')

function statisticsOf(values: Float32Array): TensorStatistics {
  const statistics = emptyStatistics()
  addValues(statistics, values, plainKernels.extent(values), plainKernels)
  return statistics
}

/** About normal, by twelve uniform numbers. */
function bell(count: number, seed = 1): Float32Array {
  const random = seededRandom(seed)
  return Float32Array.from({ length: count }, () => Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6))
}

const values = fc.float32Array({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6, minLength: 1, maxLength: 60 })
const symmetric = { symmetric: true }
const asymmetric = { symmetric: false }

test('minmax keeps everything, and 0', () => {
  const statistics = statisticsOf(Float32Array.of(1, 2, 3))
  assert.equal(threshold(statistics, 'minmax', asymmetric), { low: 0, high: 3 })
  assert.equal(threshold(statistics, 'minmax', symmetric), { low: -3, high: 3 })
})

test('percentile leaves out the share that it says', () => {
  const statistics = statisticsOf(Float32Array.from({ length: 1000 }, (_, i) => i + 1))
  // 1 to 1000 in bins of a quarter: of 990 and below are 99 %.
  assert.equal(threshold(statistics, 'percentile', { symmetric: true, percentile: 99 }), { low: -990, high: 990 })
  // Half of the one percent at either end, and below 1 there is nothing.
  assert.equal(threshold(statistics, 'percentile', { symmetric: false, percentile: 99 }), { low: 0, high: 995 })
})

test('percentile is monotone: more percent, no smaller range', () => {
  const percents = fc.tuple(fc.double({ min: 0.1, max: 100, noNaN: true }), fc.double({ min: 0.1, max: 100, noNaN: true }))
  fc.assert(
    fc.property(values, percents, fc.boolean(), (given, [a, b], isSymmetric) => {
      const statistics = statisticsOf(given)
      const at = (percentile: number) => threshold(statistics, 'percentile', { symmetric: isSymmetric, percentile })
      const [less, more] = [at(Math.min(a, b)), at(Math.max(a, b))]
      assert.ok(more.high >= less.high && more.low <= less.low)
    }),
  )
})

test('a range holds 0, is never empty, and never wider than the values', () => {
  fc.assert(
    fc.property(values, fc.constantFrom(...calibrationMethods), fc.boolean(), (given, method, isSymmetric) => {
      const statistics = statisticsOf(given)
      const { low, high } = threshold(statistics, method, { symmetric: isSymmetric })
      assert.ok(low <= 0 && high >= 0 && low < high)
      if (isSymmetric) assert.is(low, -high)
      const largest = Math.max(-statistics.min, statistics.max)
      if (largest >= smallestLimit) assert.ok(high <= largest && -low <= largest)
    }),
  )
})

test('quantised and back, a value within the range is off by half a step at most; others by what was cut off', () => {
  fc.assert(
    fc.property(values, fc.constantFrom(...calibrationMethods), fc.boolean(), (given, method, isSymmetric) => {
      const range = threshold(statisticsOf(given), method, { symmetric: isSymmetric })
      for (const value of given) {
        const inside = Math.min(Math.max(value, range.low), range.high)
        const cutOff = Math.abs(value - inside)
        const step = isSymmetric ? range.high / 127 : (range.high - range.low) / 255
        const error = Math.abs(value - (isSymmetric ? asInt8(value, range) : asUint8(value, range)))
        // The zero point is rounded to a whole code, which shifts an end by half a step.
        assert.ok(error <= cutOff + step * 1.001 + 1e-12, `${value} in ${range.low} … ${range.high} is off by ${error}`)
      }
    }),
  )
})

test('mse cuts off an outlier that costs more codes than it is worth', () => {
  const given = Float32Array.of(...bell(20_000), 8)
  const { high } = threshold(statisticsOf(given), 'mse', symmetric)
  assert.ok(high > 6 && high < 8, String(high))
})

test('mse errs less than minmax, on both sides', () => {
  const given = Float32Array.of(...bell(5000), 12, -9)
  const statistics = statisticsOf(given)
  for (const [options, code] of [
    [symmetric, asInt8],
    [asymmetric, asUint8],
  ] as const) {
    const error = (range: Range) => given.reduce((sum, value) => sum + (value - code(value, range)) ** 2, 0)
    assert.ok(error(threshold(statistics, 'mse', options)) < error(threshold(statistics, 'minmax', options)))
  }
})

test('entropy takes the candidate with the least divergence, as computed bin by bin', () => {
  const bins = fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 1000 })), { minLength: 140, maxLength: 200 })
  fc.assert(
    fc.property(bins, (counts) => {
      counts.push(1)
      const chosen = entropyCandidate(Float64Array.from(counts))
      const divergences = Array.from({ length: counts.length - 127 }, (_, i) => divergence(counts, i + 128))
      const found = divergence(counts, chosen)
      assert.ok(found <= Math.min(...divergences) + 1e-9, `${chosen}: ${found} against ${Math.min(...divergences)}`)
    }),
    { numRuns: 40 },
  )
})

test('entropy cuts off a long thin tail', () => {
  const given = Float32Array.of(...bell(50_000), ...Array.from({ length: 20 }, (_, i) => 10 + i))
  const { high } = threshold(statisticsOf(given), 'entropy', symmetric)
  assert.ok(high > 2 && high < 10, String(high))
})

test('a tensor of zeros, or of no values, gets a range that is not empty', () => {
  for (const statistics of [emptyStatistics(), statisticsOf(new Float32Array(10)), statisticsOf(Float32Array.of(1e-30, -1e-30))]) {
    for (const method of calibrationMethods) {
      assert.equal(threshold(statistics, method, asymmetric), { low: 0, high: 1 })
      assert.equal(threshold(statistics, method, symmetric), { low: -1, high: 1 })
    }
  }
})

test('a tensor of one value keeps it', () => {
  const statistics = statisticsOf(new Float32Array(1000).fill(3))
  for (const method of calibrationMethods) {
    const { high } = threshold(statistics, method, symmetric)
    assert.ok(high >= 2.999 && high <= 3, `${method}: ${high}`)
  }
})

test('unknown methods and options are refused', () => {
  const statistics = emptyStatistics()
  assert.match(failure(() => threshold(statistics, 'kl' as never, symmetric)).message, "Expected one of 'minmax'")
  assert.match(failure(() => threshold(statistics, 'percentile', { symmetric: true, percentile: 101 })).message, 'percentile')
  assert.match(failure(() => threshold(statistics, 'mse', { symmetric: true, percent: 3 } as never)).message, 'Unknown option "percent"')
})

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high)

function asInt8(value: number, { high }: Range): number {
  const scale = high / 127
  return clamp(Math.round(value / scale), -128, 127) * scale
}

function asUint8(value: number, { low, high }: Range): number {
  const scale = (high - low) / 255
  const zero = Math.round(-low / scale)
  return (clamp(Math.round(value / scale) + zero, 0, 255) - zero) * scale
}

/** As the papers write it. */
function divergence(counts: readonly number[], size: number): number {
  const inside = counts.slice(0, size)
  const p = [...inside]
  p[size - 1]! += counts.slice(size).reduce((sum, each) => sum + each, 0)
  const q = inside.map(() => 0)
  for (let level = 0; level < 128; level++) {
    const bins = inside.map((_, bin) => bin).filter((bin) => Math.floor((bin * 128) / size) === level && inside[bin]! > 0)
    const mass = bins.reduce((sum, bin) => sum + inside[bin]!, 0)
    for (const bin of bins) q[bin] = mass / bins.length
  }
  const total = (list: readonly number[]) => list.reduce((sum, each) => sum + each, 0)
  const [sumP, sumQ] = [total(p), total(q)]
  if (sumQ === 0) return Infinity
  return p.reduce((sum, each, bin) => (each === 0 ? sum : sum + (each / sumP) * Math.log(each / sumP / (q[bin]! / sumQ))), 0)
}

test.run()
