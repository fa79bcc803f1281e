import type { Range, TensorStatistics } from '../types.js'

/** Nothing saturates. */
export function minmaxRange({ min, max }: TensorStatistics): Range {
  return { low: Math.min(0, min), high: Math.max(0, max) }
}

export function minmaxMagnitude({ min, max }: TensorStatistics): number {
  return Math.max(-min, max)
}
