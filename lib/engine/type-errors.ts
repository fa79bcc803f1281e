import { arrayTypes, type TensorType, type TypedArray } from '../core/dtypes.js'
import { TrtError } from '../core/errors.js'
import { received } from '../core/options.js'

/** How to make the array of this type from numbers. */
export function conversionHint(type: TensorType): string {
  switch (type) {
    case 'float16':
      return 'Convert with toFloat16(Float32Array.from(values)).'
    case 'bfloat16':
      return 'Convert with toBfloat16(Float32Array.from(values)).'
    case 'int64':
    case 'uint64':
      return `Convert with ${arrayTypes[type].name}.from(values, BigInt).`
    case 'bool':
      return 'Convert with Uint8Array.from(values, Number): 1 is true, 0 is false.'
    default:
      return `Convert with ${arrayTypes[type].name}.from(values).`
  }
}

function tell(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return received(value)
  const { type } = value as { type?: unknown }
  if (typeof type === 'string') return `a tensor of ${type}`
  return ArrayBuffer.isView(value) ? `a ${value.constructor.name} of ${(value as TypedArray).length ?? value.byteLength}` : received(value)
}

/** @param what Begins the message: `Input "x"`. */
export function typeError(what: string, type: TensorType, value: unknown): TrtError {
  const expected = `${type}: a ${arrayTypes[type].name}, a Buffer of its bytes, a tensor or an ndarray`
  const message = `${what} takes ${expected}; received ${tell(value)}. ${conversionHint(type)}`
  return new TrtError('TRT_ERR_TYPE', message, { expected: type, received: tell(value) })
}
