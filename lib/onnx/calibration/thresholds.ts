import { choice, flag, number, rejectUnknown } from '../../core/options.js'
import { smallestLimit } from './kernels.js'
import { entropyMagnitude } from './methods/entropy.js'
import { minmaxMagnitude, minmaxRange } from './methods/minmax.js'
import { mseMagnitude, mseRange } from './methods/mse.js'
import { percentileMagnitude, percentileRange } from './methods/percentile.js'
import { type CalibrationMethod, calibrationMethods, type MethodChoice, type Range, type TensorStatistics } from './types.js'

/** What int8.md §2 found best alone, and ONNX Runtime's default. */
export const defaultPercentile = 99.999

export interface ThresholdOptions {
  /** -T … T for int8 around zero; else the two ends on their own, for uint8 with a zero point. */
  symmetric: boolean
  /** Percent of the values that are kept, above 0 to 100; 'percentile' alone. Default 99.999. */
  percentile?: number
}

/** Of a tensor of nothing but zeros: a scale must not be 0, and a bias over a tiny one would not fit its int32. */
const rangeOfZeros = 1

interface Method {
  magnitude(statistics: TensorStatistics, percentile: number): number
  /** Left out: what the magnitude cuts off at either end. */
  range?(statistics: TensorStatistics, percentile: number): Range
}

const methods: Readonly<Record<CalibrationMethod, Method>> = {
  minmax: { magnitude: minmaxMagnitude, range: minmaxRange },
  percentile: { magnitude: percentileMagnitude, range: percentileRange },
  mse: { magnitude: mseMagnitude, range: mseRange },
  entropy: { magnitude: entropyMagnitude },
}

/**
 * The range of a tensor that codes of 8 bits are spread over; values outside saturate.
 *
 * Always holds 0, and never is of no width: -1 … 1 or 0 … 1 for a tensor of zeros alone, or of none.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`
 */
export function threshold(statistics: TensorStatistics, method: CalibrationMethod, options: ThresholdOptions): Range {
  rejectUnknown(options, ['symmetric', 'percentile'], 'threshold')
  const { magnitude, range } = methods[choice('method', method, calibrationMethods)]
  const symmetric = flag('symmetric', options.symmetric)
  const percentile = number('percentile', options.percentile ?? defaultPercentile, Number.MIN_VALUE, 100)
  if (isZeros(statistics)) return zeros[symmetric ? 'symmetric' : 'asymmetric']
  return symmetric
    ? around(magnitude(statistics, percentile))
    : (range?.(statistics, percentile) ?? within(statistics, magnitude(statistics, percentile)))
}

/** Both forms, for less than twice the time. As `threshold`. */
export function thresholds(statistics: TensorStatistics, { method, percentile = defaultPercentile }: MethodChoice): Ranges {
  const { magnitude, range } = methods[choice('method', method, calibrationMethods)]
  number('percentile', percentile, Number.MIN_VALUE, 100)
  if (isZeros(statistics)) return zeros
  const high = magnitude(statistics, percentile)
  return { symmetric: around(high), asymmetric: range?.(statistics, percentile) ?? within(statistics, high) }
}

export interface Ranges {
  readonly symmetric: Range
  readonly asymmetric: Range
}

const zeros: Ranges = { symmetric: { low: -rangeOfZeros, high: rangeOfZeros }, asymmetric: { low: 0, high: rangeOfZeros } }
const isZeros = (statistics: TensorStatistics) => minmaxMagnitude(statistics) < smallestLimit
const around = (high: number): Range => ({ low: -high, high })

/** A magnitude is cut off at either end; an end that is nearer stays. */
function within({ min, max }: TensorStatistics, magnitude: number): Range {
  return { low: Math.max(-magnitude, Math.min(0, min)), high: Math.min(magnitude, Math.max(0, max)) }
}
