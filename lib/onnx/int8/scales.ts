import type { Range } from '../calibration/types.js'

/** Of uint8 codes: value = scale · (code - zero). */
export interface CodeScale {
  readonly scale: number
  /** From 0 to 255. */
  readonly zero: number
}

/** The smallest scale that is used: below it float32 loses digits, and a tensor of zeros needs some scale. */
const smallestScale = 1e-30

/**
 * The uint8 codes that keep the values of a range, zero being one of them exactly.
 *
 * @param range low <= 0 <= high; both 0 for a tensor of zeros.
 */
export function codeScale({ low, high }: Range): CodeScale {
  const from = Math.min(low, 0)
  const width = Math.max(high, 0) - from
  const scale = Math.fround(width / 255)
  if (!(scale > smallestScale)) return { scale: 1, zero: 0 }
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-from / scale))) }
}

/** What the codes can tell apart at their ends: every value is clamped to it. */
export function codeRange({ scale, zero }: CodeScale): Range {
  return { low: -zero * scale, high: (255 - zero) * scale }
}
