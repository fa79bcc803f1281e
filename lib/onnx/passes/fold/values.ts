import { arrayTypes, type DataType, isTensorType, type TensorType, type TypedArray } from '../../../core/dtypes.js'
import { typedView } from '../../graph/values.js'
import { Weights } from '../../graph/weights.js'

/** A constant while it is computed with. */
export interface Value {
  readonly type: TensorType
  readonly dims: readonly number[]
  readonly data: TypedArray
}

/** Null: of a type that JavaScript has no array for, or in another file. */
export function toValue(weights: Weights): Value | null {
  const { type, dims, external } = weights
  if (external !== null || !isTensorType(type)) return null
  return { type, dims, data: typedView<TypedArray>(arrayTypes[type], weights.bytes()) }
}

export function toWeights(name: string, { type, dims, data }: Value): Weights {
  return Weights.of(name, type, dims, data)
}

export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1)
}

/** Zeros. */
export function allocate(type: TensorType, size: number): TypedArray {
  return new arrayTypes[type](size)
}

/** Results may be small, or no larger than what they are made of: broadcasting could ask for any amount of memory. */
const alwaysSmall = 65_536

export function isTooLarge(size: number, inputs: readonly Value[]): boolean {
  return size > inputs.reduce((sum, { data }) => sum + data.length, alwaysSmall)
}

/** Copies elements without looking at them: the same for numbers and bigints. */
export function pick({ type, data }: Value, dims: readonly number[], source: (index: number) => number): Value {
  const result = allocate(type, sizeOf(dims)) as number[] & TypedArray
  for (let i = 0; i < result.length; i++) result[i] = data[source(i)] as number
  return { type, dims, data: result }
}

/** An axis counted from the front; null: there is none such. */
export function axisOf(axis: number, rank: number): number | null {
  const counted = axis < 0 ? axis + rank : axis
  return Number.isInteger(counted) && counted >= 0 && counted < rank ? counted : null
}

/** The values of a small tensor of integers; null: of another type. */
export function integers({ type, data }: Value): number[] | null {
  return type === 'int64' || type === 'int32' ? Array.from(data as ArrayLike<number | bigint>, Number) : null
}

export function isArithmetic(type: DataType): type is 'float32' | 'int32' | 'int64' {
  return type === 'float32' || type === 'int32' || type === 'int64'
}
