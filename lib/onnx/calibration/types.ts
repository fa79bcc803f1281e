import type { Tensor } from '../../core/tensor.js'
import type { Extent } from './kernels.js'

/** What is told of one tensor's values over all samples: enough for every method, of a size that does not grow. */
export interface TensorStatistics {
  min: number
  max: number
  /** Elements counted into the histograms. */
  count: number
  /** Bins of equal width over [0, limit), of the values >= 0 and of the magnitudes of those < 0; limit is a power of two. */
  limit: number
  positive: Float64Array
  negative: Float64Array
}

/** Values from `low` to `high` are kept, others saturate; low <= 0 <= high. */
export interface Range {
  readonly low: number
  readonly high: number
}

export const calibrationMethods = ['minmax', 'percentile', 'mse', 'entropy'] as const

export type CalibrationMethod = (typeof calibrationMethods)[number]

/** A method with what it is told. */
export interface MethodChoice {
  readonly method: CalibrationMethod
  /** Percent of the values that are kept, above 0 to 100; 'percentile' alone. */
  readonly percentile?: number
}

/** What an int8 build is made from, and what travels in the metadata of the model: by tensor of the cleaned graph. */
export interface CalibrationTable extends MethodChoice {
  readonly format: 1
  readonly samples: number
  /** Samples left out for a NaN or an infinity. */
  readonly dropped: number
  readonly tensors: ReadonlyMap<string, CalibratedTensor>
}

export interface CalibratedTensor {
  readonly min: number
  readonly max: number
  /** For uint8 with a zero point. */
  readonly asymmetric: Range
  /** For int8 around zero: low = -high. */
  readonly symmetric: Range
}

/** Sees chosen tensors of every sample once, in order: histograms, patch means and covariances, error of layers. */
export interface Observer {
  /** Given together: what needs no company is better off as an observer of its own, which memory limits can then keep apart. */
  readonly tensors: readonly string[]
  /**
   * @param values Valid during the call. All are finite: other samples are left out.
   * @param sample Counts those that are not left out, from 0.
   * @param extents Smallest and largest value of each tensor of a float type.
   */
  observe(values: ReadonlyMap<string, Tensor>, sample: number, extents: ReadonlyMap<string, Extent>): void
}
