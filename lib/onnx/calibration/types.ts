import type { Tensor } from '../../core/tensor.js'

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

export type CalibrationMethod = 'minmax' | 'percentile' | 'mse' | 'entropy'

/** What an int8 build is made from, and what travels in the metadata of the model: by tensor of the cleaned graph. */
export interface CalibrationTable {
  readonly format: 1
  readonly method: CalibrationMethod
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
  readonly tensors: readonly string[]
  observe(values: ReadonlyMap<string, Tensor>, sample: number): void
}
