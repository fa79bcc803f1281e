import { histogramBins } from '../kernels.js'
import type { Range, TensorStatistics } from '../types.js'
import { minmaxMagnitude, minmaxRange } from './minmax.js'

/** Shares of the whole range that are tried: 0.20, 0.21 … 1. */
const candidates = 81
const share = (candidate: number) => 1 - candidate / 100

/** The values that occur, as the middle of their bins, with how often. */
interface Points {
  readonly values: Float64Array
  readonly counts: Float64Array
}

/** The magnitude T with the least squared error of int8 codes -128 … 127 at a scale of T / 127. */
export function mseMagnitude(statistics: TensorStatistics): number {
  const points = pointsOf(statistics)
  const largest = minmaxMagnitude(statistics)
  return (
    largest *
    share(
      best((candidate, least) => squaredError(points, { scale: (largest * share(candidate)) / 127, lowest: -128, highest: 127 }, least)),
    )
  )
}

/** Both ends of the whole range drawn in by the same share, for the least squared error of uint8 codes with a zero point. */
export function mseRange(statistics: TensorStatistics): Range {
  const points = pointsOf(statistics)
  const { low, high } = minmaxRange(statistics)
  const chosen = share(
    best((candidate, least) => {
      const scale = ((high - low) * share(candidate)) / 255
      const zero = Math.round((-low * share(candidate)) / scale)
      return squaredError(points, { scale, lowest: -zero, highest: 255 - zero }, least)
    }),
  )
  return { low: low * chosen, high: high * chosen }
}

/** Of equal errors the widest range: it saturates least. */
function best(error: (candidate: number, least: number) => number): number {
  let [least, chosen] = [Infinity, 0]
  for (let candidate = 0; candidate < candidates; candidate++) {
    const next = error(candidate, least)
    if (next < least) [least, chosen] = [next, candidate]
  }
  return chosen
}

interface Codes {
  readonly scale: number
  readonly lowest: number
  readonly highest: number
}

/** Points between looks at whether it is too much already. */
const stretch = 256

/** The sum; more than `enough` where it is going to be more. */
function squaredError({ values, counts }: Points, { scale, lowest, highest }: Codes, enough: number): number {
  const inverse = 1 / scale
  let error = 0
  for (let begin = 0; begin < values.length && error <= enough; begin += stretch) {
    const end = Math.min(values.length, begin + stretch)
    for (let i = begin; i < end; i++) {
      const value = values[i]!
      const code = Math.floor(value * inverse + 0.5)
      const difference = value - scale * (code < lowest ? lowest : code > highest ? highest : code)
      error += counts[i]! * difference * difference
    }
  }
  return error
}

function pointsOf({ positive, negative, limit }: TensorStatistics): Points {
  const values: number[] = []
  const counts: number[] = []
  const width = limit / histogramBins
  for (const [bins, sign] of [
    [positive, 1],
    [negative, -1],
  ] as const) {
    // The largest first: there a range that is too small errs most, and is soon known to.
    for (let bin = bins.length - 1; bin >= 0; bin--) {
      if (bins[bin] === 0) continue
      values.push(sign * (bin + 0.5) * width)
      counts.push(bins[bin]!)
    }
  }
  return { values: Float64Array.from(values), counts: Float64Array.from(counts) }
}
