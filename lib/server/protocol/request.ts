import type { TensorType } from '../../core/dtypes.js'

/** A parameter of the protocol. */
export type Parameter = string | number | boolean | bigint

/** An inference request whose head has been read and found sound; its tensors may still be on their way. */
export interface InferRequest {
  /** '': none was given. */
  readonly id: string
  readonly inputs: readonly RequestInput[]
  /** Null: all of the model's. */
  readonly outputs: readonly RequestOutput[] | null
  /** For outputs that do not say it themselves. */
  readonly binaryOutput: boolean
  /** Triton's: 1 goes first; 0 and undefined: no matter. */
  readonly priority: number | undefined
  /** Milliseconds from the arrival of the request; undefined: no limit. */
  readonly timeout: number | undefined
}

export interface RequestInput {
  readonly name: string
  readonly type: TensorType
  readonly shape: readonly number[]
  /** Elements by the shape. */
  readonly size: number
  /** Values in JSON, nested or flat; undefined: they follow as bytes. */
  readonly data: readonly unknown[] | undefined
}

export interface RequestOutput {
  readonly name: string
  readonly binary: boolean
  /** How many of the largest values to give, with their labels; 0: the tensor itself. */
  readonly classification: number
}
