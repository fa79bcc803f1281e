/** Smallest and largest value; 0 where there are none, never -0. Not `finite`: a NaN or an infinity is among them, and both mean nothing. */
export interface Extent {
  readonly min: number
  readonly max: number
  readonly finite: boolean
}

/** What is done for each element of each tensor of each sample: in native code where there is any. Results are equal bit for bit. */
export interface Kernels {
  extent(values: Float32Array): Extent
  /**
   * Adds each value to a bin of equal width over [0, limit): those >= 0 (and -0) to `positive`, the magnitudes of the others to
   * `negative`.
   *
   * @param limit A power of two from `smallestLimit` to 2^128, above every magnitude: so a value's bin is exact.
   * @param positive `histogramBins` long, as is `negative`.
   */
  count(values: Float32Array, limit: number, positive: Float64Array, negative: Float64Array): void
}

/** Of each of the two histograms of a tensor. */
export const histogramBins = 4096

/** Values below count as zeros: a scale of less could not be told from zero in float32 arithmetic. */
export const smallestLimit = 2 ** -64

/** In JavaScript: some five times as slow as the native ones. */
export const plainKernels: Kernels = {
  extent(values) {
    let [min, max, finite] = [Infinity, -Infinity, true]
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!
      if (value < min) min = value
      if (value > max) max = value
      // NaN, and what neither comparison sees: an infinity makes it, too.
      if (value - value !== 0) finite = false
    }
    // + 0 makes 0 of -0.
    if (!finite) return { min: 0, max: 0, finite }
    return values.length === 0 ? { min: 0, max: 0, finite } : { min: min + 0, max: max + 0, finite }
  },
  count(values, limit, positive, negative) {
    const scale = histogramBins / limit
    const mask = histogramBins - 1
    for (let i = 0; i < values.length; i++) {
      const scaled = values[i]! * scale
      if (scaled < 0) negative[-scaled & mask]!++
      else positive[scaled & mask]!++
    }
  },
}
