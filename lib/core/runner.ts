import type { Tensor, TensorInput } from './tensor.js'

/** Inputs by name. */
export type Inputs = Readonly<Record<string, TensorInput>>
/** Outputs by name. */
export type Outputs = Readonly<Record<string, Tensor>>

export interface RunOptions {
  /** Rejects with `TRT_ERR_ABORTED`. When the promise has settled, native code touches no buffer of the run any more. */
  signal?: AbortSignal
  /** Absolute, in milliseconds on `performance.now()`'s clock: not begun by then, it is refused with `TRT_ERR_DEADLINE`. */
  deadline?: number
  /** Larger goes first where a queue can choose. Default 0. */
  priority?: number
  /** The outputs to compute. Default: all. */
  outputs?: readonly string[]
}

/** The one seam of the library: a session, a batcher, a cache, a breaker, tiers and a remote server are all Runners. */
export interface Runner<I = Inputs, O = Outputs> {
  run(inputs: I, options?: RunOptions): Promise<O>
}
