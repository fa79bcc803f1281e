import { toBfloat16, toFloat16 } from '../../core/float16.js'
import { Weights } from '../graph/weights.js'

export type LowType = 'float16' | 'bfloat16'

/** The largest finite value, and the smallest that is not zero. */
export const limitsOf = { float16: { max: 65504, tiny: 2 ** -24 }, bfloat16: { max: 3.3895313892515355e38, tiny: 2 ** -133 } } as const

/** What decides whether a tensor goes into 16 bits. Magnitudes of finite values; 0: there are none, or only zeros. */
export interface Magnitudes {
  readonly max: number
  /** Of those that are not zero. */
  readonly min: number
  readonly nan: boolean
}

const infinity = 0x7f800000

export function magnitudesOf(values: Float32Array): Magnitudes {
  // The bits of positive floats are ordered as the floats are, and integers compare several times faster.
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length)
  let max = 0
  let min = infinity
  let nan = false
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i]! & 0x7fffffff
    if (magnitude >= infinity) {
      nan ||= magnitude > infinity
      continue
    }
    if (magnitude > max) max = magnitude
    if (magnitude < min && magnitude !== 0) min = magnitude
  }
  return { max: fromBits(max), min: min === infinity ? 0 : fromBits(min), nan }
}

function fromBits(bits: number): number {
  return new Float32Array(Int32Array.of(bits).buffer)[0]!
}

/**
 * The tensor in 16 bits, each value the nearest (ties to even). Finite values beyond the largest become the largest: they must
 * not turn into infinities. Values that would round to zero become the smallest of their sign: they may be divided by.
 */
export function convertWeights(weights: Weights, type: LowType, name: string, known?: Magnitudes): Weights {
  const values = weights.floats()
  const { max, min } = known ?? magnitudesOf(values)
  const limits = limitsOf[type]
  const bits = type === 'float16' ? toFloat16(values) : toBfloat16(values)
  if (max > limits.max) clamp(values, bits, type === 'float16' ? 0x7bff : 0x7f7f)
  if (min !== 0 && min <= limits.tiny / 2) raise(values, bits)
  return Weights.of(name, type, weights.dims, bits)
}

function clamp(values: Float32Array, bits: Uint16Array, largest: number): void {
  const infinite = largest + 1
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i]! & 0x7fff) === infinite && Number.isFinite(values[i]!)) bits[i] = (bits[i]! & 0x8000) | largest
  }
}

function raise(values: Float32Array, bits: Uint16Array): void {
  for (let i = 0; i < bits.length; i++) if ((bits[i]! & 0x7fff) === 0 && values[i] !== 0) bits[i] = bits[i]! | 1
}
