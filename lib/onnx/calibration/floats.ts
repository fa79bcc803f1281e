import { fromBfloat16, fromFloat16 } from '../../core/float16.js'
import type { Tensor } from '../../core/tensor.js'

/** The values of a tensor of a float type: its own memory where that is float32. Null: of another type. */
export function floatValues({ type, data }: Tensor): Float32Array | null {
  if (data instanceof Float32Array) return data
  if (data instanceof Float64Array) return Float32Array.from(data)
  if (type === 'float16') return fromFloat16(data as Uint16Array)
  return type === 'bfloat16' ? fromBfloat16(data as Uint16Array) : null
}
