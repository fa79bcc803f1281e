import * as assert from 'uvu/assert'
import { isTransformed, precisionText, resolvePrecision } from '../../../../lib/engine/precision/options.js'
import { failure } from '../../../support/failure.js'
import { suite } from '../../../support/suite.js'

const test = suite('precision-options')
const any = (value: unknown) => value as never
const refused = (options: object, message: RegExp) => {
  const error = failure(() => resolvePrecision(any(options)))
  assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.match(error.message, message)
}
const calibration = [{ x: new Float32Array(1) }]

test('without options it is fp32, and the backend gets the model itself', () => {
  const resolved = resolvePrecision({})
  assert.equal(resolved, { precision: 'fp32', calibration: null, given: {} })
  assert.equal([isTransformed(resolved), precisionText(resolved)], [false, 'fp32'])
})

test('what is given is kept, what is not is left out', () => {
  const { given } = resolvePrecision({ precision: 'int8', calibration, calibrationMethod: 'percentile', percentile: 99.9, fast: true })
  assert.equal(given, { calibrationMethod: 'percentile', percentile: 99.9, fast: true })
})

test('every precision but as-is and fp32 goes through the passes, and fp32 with pictures too', () => {
  const transformed = (options: object) => isTransformed(resolvePrecision(any(options)))
  assert.equal(
    [{ precision: 'as-is' }, { precision: 'fp16' }, { precision: 'int8', calibration }, { preprocess: { mean: 0.5 } }].map(transformed),
    [false, true, true, true],
  )
})

test('int8 needs calibration', () => {
  refused({ precision: 'int8' }, /Precision 'int8' needs calibration/)
  refused({ precision: 'int8+fp16' }, /Precision 'int8\+fp16' needs calibration/)
  refused({ precision: 'int8', calibration: 7 }, /Expected samples for calibration/)
  assert.ok(resolvePrecision({ precision: 'int8', calibration: Promise.resolve(calibration) }).calibration)
})

test('an option that the precision has no use for is refused, with those that have', () => {
  refused({ calibration }, /The option calibration is for precision 'fp16', 'int8', 'int8\+fp16', and precision is 'fp32'/)
  refused({ precision: 'fp16', fast: true }, /The option fast is for precision 'int8', 'int8\+fp16'/)
  refused({ precision: 'int8', calibration, keepIOTypes: true }, /The option keepIOTypes is for precision 'fp16', 'bf16', 'int8\+fp16'/)
  refused({ precision: 'as-is', preprocess: {} }, /The option preprocess is for/)
})

test('each option is checked, and named when wrong', () => {
  const int8 = { precision: 'int8', calibration }
  refused({ precision: 'fp64' }, /for precision but received "fp64"/)
  refused({ ...int8, calibrationMethod: 'max' }, /for calibrationMethod but received "max"/)
  refused({ ...int8, percentile: 99 }, /percentile is for calibrationMethod 'percentile'/)
  refused({ ...int8, calibrationMethod: 'percentile', percentile: 101 }, /percentile/)
  refused({ ...int8, minCosine: 2 }, /minCosine/)
  refused({ ...int8, maxOutputError: -1 }, /maxOutputError/)
  refused({ ...int8, metric: () => 1 }, /metric and minMetric belong together/)
  refused({ ...int8, metric: 1, minMetric: 1 }, /metric/)
  refused({ ...int8, exclude: 'Conv' }, /an array of names of nodes or operators for exclude/)
  refused({ ...int8, exclude: [7] }, /exclude\[0\]/)
  refused({ ...int8, fast: 1 }, /fast/)
  refused({ preprocess: { std: 0 } }, /preprocess\.std/)
})

test('a cache tells all options apart, and refuses what it cannot tell apart', () => {
  const text = (options: object) => precisionText(resolvePrecision(any({ precision: 'int8', calibration, ...options })))
  assert.is(new Set([{}, { fast: true }, { fast: false }, { minCosine: 0.9 }, { exclude: ['Conv'] }].map(text)).size, 5)
  assert.match(failure(() => text({ metric: () => 1, minMetric: 1 })).message, /Leave out cacheDir or metric/)
})

test.run()
