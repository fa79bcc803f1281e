import { thresholds } from './thresholds.js'
import type { CalibratedTensor, CalibrationTable, MethodChoice, Range, TensorStatistics } from './types.js'

/** What the ranges of a table come from, besides the statistics. */
export interface TableSource {
  readonly samples: number
  readonly dropped: number
  /** Ranges that are known without looking, by tensor: see `knownRanges`. */
  readonly known?: ReadonlyMap<string, Range>
}

/**
 * Ranges of all tensors by one method.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`
 */
export function makeTable(statistics: ReadonlyMap<string, TensorStatistics>, choice: MethodChoice, source: TableSource): CalibrationTable {
  const tensors = new Map([...statistics].map(([name, each]) => [name, calibrated(each, choice, source.known?.get(name))]))
  return { format: 1, ...choice, samples: source.samples, dropped: source.dropped, tensors }
}

function calibrated(statistics: TensorStatistics, method: MethodChoice, known: Range | undefined): CalibratedTensor {
  const { min, max } = statistics
  if (known === undefined) return { min, max, ...thresholds(statistics, method) }
  const high = Math.max(-known.low, known.high)
  return { min, max, asymmetric: known, symmetric: { low: -high, high } }
}
