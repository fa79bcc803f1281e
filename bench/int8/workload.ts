import type { Tensor } from '../../lib/core/tensor.js'
import type { Sample } from '../../lib/onnx/runtime.js'

export type Outputs = Readonly<Record<string, Tensor>>

export interface Fidelity {
  readonly fidelity: number
  readonly worst: number
  /** What else the bar of this model asks, by name. */
  readonly details?: Readonly<Record<string, number>>
}

export interface Bar {
  readonly fidelity: number
  readonly worst?: number
  readonly speed1: number
  readonly speed2?: number
  /** Of the TensorRT-legal form. */
  readonly tensorrt: number
  readonly tensorrtWorst?: number
}

/** A published model with data split once and for all: what calibrates never tests. */
export interface Workload {
  readonly name: string
  readonly model: Uint8Array
  readonly calibration: readonly Sample[]
  readonly test: readonly Sample[]
  /** What `fidelity` is, for people. */
  readonly metric: string
  readonly bar: Bar
  /** @param reference Of the original float model on `test`, in order, as `candidate` is of another. */
  judge(reference: readonly Outputs[], candidate: readonly Outputs[]): Fidelity
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

export function floats(outputs: Outputs, name: string): Float32Array {
  return outputs[name]?.data as Float32Array
}

export function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number]
    dot += x * y
    aa += x * x
    bb += y * y
  }
  return dot / Math.sqrt(aa * bb)
}
