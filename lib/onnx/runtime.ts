import type { Tensor } from '../core/tensor.js'
import type { Kernels } from './calibration/kernels.js'
import type { RoundingKernels } from './int8/kernels.js'

/** Inputs of one inference, by name. */
export type Sample = Readonly<Record<string, Tensor>>

export interface OpenOptions {
  /** Of ONNX Runtime inside of one inference. Default 1. */
  readonly threads?: number
  /** How far ONNX Runtime may rewrite the graph. Default 'all'. */
  readonly optimize?: 'none' | 'basic' | 'all'
  readonly signal?: AbortSignal | undefined
}

export interface OpenModel {
  /**
   * Idle threads never spin: timings of several open models stay comparable.
   *
   * @param into Memory for outputs, by name and in the shape that they will have: what an earlier run gave, written over.
   */
  run(inputs: Sample, into?: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>
  close(): Promise<void>
}

/**
 * How the passes run a model, given to them by whoever can: engine/precision with the CPU backend, a test with a few lines.
 * The passes themselves know no backend.
 */
export interface Runtime {
  open(model: Uint8Array, options?: OpenOptions): Promise<OpenModel>
  /** The graph after ONNX Runtime's own rewriting at that level: for constant folding ('basic') and for a census of kernels ('all'). */
  optimized(model: Uint8Array, level: 'basic' | 'all'): Promise<Uint8Array>
  /** Native code for what is done with each element of a tensor. Default: JavaScript, with the same results. */
  readonly kernels?: Kernels | undefined
  /** The same for the weights of a large layer, off the JS thread. Single codes may differ where two are equally good. */
  readonly rounding?: RoundingKernels | undefined
}
