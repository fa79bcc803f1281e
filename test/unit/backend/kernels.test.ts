import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { nativeKernels } from '../../../lib/backend/kernels.js'
import { histogramBins, type Kernels, plainKernels } from '../../../lib/onnx/calibration/kernels.js'
import { limitFor } from '../../../lib/onnx/calibration/statistics.js'
import { suite } from '../../support/suite.js'

const test = suite('native kernels')

function native(): Kernels {
  const kernels = nativeKernels()
  if (kernels === null) throw new Error('the addon is an old one: npm run build:native')
  return kernels
}

function histogramsOf(kernels: Kernels, values: Float32Array, limit: number) {
  const [positive, negative] = [new Float64Array(histogramBins), new Float64Array(histogramBins)]
  kernels.count(values, limit, positive, negative)
  return { positive, negative }
}

const floats = (options: fc.Float32ArrayConstraints) => fc.float32Array({ maxLength: 200, ...options })

test('the extent is the one in JavaScript, bit for bit, whatever the values', () => {
  fc.assert(
    fc.property(floats({}), (values) => {
      assert.equal(native().extent(values), plainKernels.extent(values))
    }),
  )
})

test('finite values are counted as in JavaScript', () => {
  fc.assert(
    fc.property(floats({ noNaN: true, noDefaultInfinity: true }), (values) => {
      const { min, max } = plainKernels.extent(values)
      const limit = limitFor(Math.max(-min, max))
      assert.equal(histogramsOf(native(), values, limit), histogramsOf(plainKernels, values, limit))
    }),
  )
})

test('many values, which take another way, are counted as in JavaScript', () => {
  const values = Float32Array.from({ length: 50_001 }, (_, i) => Math.sin(i) * (i % 7))
  assert.equal(histogramsOf(native(), values, 8), histogramsOf(plainKernels, values, 8))
})

test('both see a NaN and an infinity, and give 0 for the rest', () => {
  for (const bad of [Number.NaN, Infinity, -Infinity]) {
    for (const kernels of [native(), plainKernels])
      assert.equal(kernels.extent(Float32Array.of(1, bad, 2)), { min: 0, max: 0, finite: false })
  }
})

test('0 and -0 are one value', () => {
  for (const kernels of [native(), plainKernels]) {
    const { min, max } = kernels.extent(Float32Array.of(-0))
    assert.ok(Object.is(min, 0) && Object.is(max, 0))
  }
})

test('memory of another kind or size is refused', () => {
  const bins = new Float64Array(histogramBins)
  assert.throws(() => native().extent(new Float64Array(3) as unknown as Float32Array), /Float32Array/)
  assert.throws(() => native().count(Float32Array.of(1), 2, bins, new Float64Array(5)), /right length/)
})

test.run()
