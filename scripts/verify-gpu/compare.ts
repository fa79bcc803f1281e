import { fromFloat16, type TensorType, type TypedArray } from '../../lib/index.js'

/** Which numbers count as equal: |got − want| ≤ range · max|want|, and a cosine of at least so much. 0 and 1: bit for bit. */
export interface Tolerance {
  range: number
  cosine: number
  reason: string
}

export const exact: Tolerance = { range: 0, cosine: 1, reason: 'copies and integers: bit for bit' }
/** TF32 keeps 10 bits of mantissa, so that each product is off by up to 2⁻¹¹; a sum of a few stays within twice that. */
export const oneProduct: Tolerance = { range: 1e-3, cosine: 0.999999, reason: 'one product in TF32: 2⁻¹¹ a factor' }
/** Some fifty layers of such products in another order of summation; softmax and sigmoid keep ranges of about 1. */
export const deepNetwork: Tolerance = { range: 2e-2, cosine: 0.999, reason: 'tens of layers in TF32, other orders of summation' }

export interface Difference {
  /** Largest |got − want|. */
  maxAbs: number
  /** The same as a share of the largest |want|. */
  ofRange: number
  cosine: number
  ok: boolean
  /** What is wrong besides the numbers; null: nothing. */
  problem: string | null
}

export interface Answer {
  type: TensorType
  shape: readonly number[]
  data: TypedArray
}

/** Pure: how far one output of the device is from that of the CPU. */
export function difference(got: Answer, want: Answer, tolerance: Tolerance): Difference {
  if (got.type !== want.type || got.shape.join() !== want.shape.join())
    return failed(`${got.type} [${got.shape.join(', ')}] where the CPU gives ${want.type} [${want.shape.join(', ')}]`)
  const [a, b] = [numbers(got), numbers(want)]
  let [maxAbs, maxWant, dot, aa, bb] = [0, 0, 0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!]
    // The same NaN or infinity on both sides is agreement; on one side it is not a distance but a wrong answer.
    if (Object.is(x, y)) continue
    if (!Number.isFinite(x) || !Number.isFinite(y)) return failed(`element ${i} is ${x} where the CPU gives ${y}`)
    maxAbs = Math.max(maxAbs, Math.abs(x - y))
  }
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [finite(a[i]!), finite(b[i]!)]
    maxWant = Math.max(maxWant, Math.abs(y))
    dot += x * y
    aa += x * x
    bb += y * y
  }
  const cosine = maxAbs === 0 ? 1 : aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb)
  const ofRange = maxAbs === 0 ? 0 : maxAbs / maxWant
  return { maxAbs, ofRange, cosine, ok: ofRange <= tolerance.range && cosine >= tolerance.cosine, problem: null }
}

const failed = (problem: string): Difference => ({ maxAbs: Infinity, ofRange: Infinity, cosine: 0, ok: false, problem })
const finite = (value: number) => (Number.isFinite(value) ? value : 0)

function numbers({ type, data }: Answer): ArrayLike<number> {
  if (type === 'float16') return fromFloat16(data as Uint16Array)
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number)
  return data
}
