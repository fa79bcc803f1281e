import type { TensorType, TypedArray } from './dtypes.js'
import { toBfloat16, toFloat16 } from './float16.js'

/** Uniform numbers in [0, 1), the same for the same seed (mulberry32: 32 bits of state, for data, not for secrets). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Floats in [-1, 1), bytes over their whole range, and 0 or 1 for wider integers and bool: those are mostly indices,
 * lengths and masks, for which larger values may be out of range.
 */
export function fillRandom(type: TensorType, data: TypedArray, random: () => number): void {
  const set = (next: () => number) => {
    for (let i = 0; i < data.length; i++) data[i] = next()
  }
  if (type === 'float32' || type === 'float64') set(() => random() * 2 - 1)
  else if (type === 'float16' || type === 'bfloat16') {
    const values = Float32Array.from({ length: data.length }, () => random() * 2 - 1)
    data.set((type === 'float16' ? toFloat16(values) : toBfloat16(values)) as never)
  } else if (type === 'uint8') set(() => Math.floor(random() * 256))
  else if (type === 'int8') set(() => Math.floor(random() * 256) - 128)
  else if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < data.length; i++) data[i] = random() < 0.5 ? 0n : 1n
  } else set(() => (random() < 0.5 ? 0 : 1))
}
