import type { DataType, TensorType } from '../../core/dtypes.js'

/**
 * Element types as the Open Inference Protocol names them. BYTES (strings) is missing: no session takes them.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#tensor-data-types
 */
const types = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  // Triton's addition.
  BF16: 'bfloat16',
} as const satisfies Record<string, TensorType>

export type ProtocolType = keyof typeof types
export const protocolTypes = Object.keys(types) as readonly ProtocolType[]

const byTensorType: ReadonlyMap<string, ProtocolType> = new Map(protocolTypes.map((name) => [types[name], name]))

export function tensorTypeOf(name: string): TensorType | undefined {
  return Object.hasOwn(types, name) ? types[name as ProtocolType] : undefined
}

/** Undefined: the protocol has no name for it. */
export function protocolTypeOf(type: DataType): ProtocolType | undefined {
  return byTensorType.get(type)
}
