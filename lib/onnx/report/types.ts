/** What a build with a precision tells: JSON-safe. Text, JSON and HTML are made from it. */
export interface PrecisionReport {
  readonly format: 1
  readonly precision: string
  /** Of the model file. */
  readonly bytes: { readonly before: number; readonly after: number }
  readonly coverage: Coverage
  /** Of each output on samples that were not calibrated on; empty: nothing to compare with. */
  readonly outputs: readonly OutputFidelity[]
  /** Worst first. */
  readonly layers: readonly LayerReport[]
  /** Layers left float against error and speed; int8 alone. */
  readonly curve: readonly CurvePoint[]
  /** What each calibration method gave; int8 alone. */
  readonly methods: readonly { readonly method: string; readonly error: number; readonly chosen: boolean }[]
  /** Milliseconds of one inference on this machine, interleaved; null: not measured. */
  readonly latency: { readonly threads: number; readonly before: number; readonly after: number } | null
  /** Sentences for people: what was left aside and why, warnings. */
  readonly notes: readonly string[]
}

export interface Coverage {
  /** Nodes by the type that they compute in. */
  readonly operators: Readonly<Record<'float32' | 'float16' | 'bfloat16' | 'int8' | 'other', number>>
  /** Share of multiply-adds in the lower type, 0 … 1; null: shapes unknown. */
  readonly macs: number | null
}

export interface OutputFidelity {
  readonly name: string
  readonly samples: number
  readonly cosine: { readonly mean: number; readonly min: number }
  readonly maxError: number
  /** Signal to quantisation noise, dB. */
  readonly sqnr: number
}

export interface LayerReport {
  readonly node: string
  readonly opType: string
  /** Among the nodes of the graph, from 0; left out: not known. */
  readonly position?: number
  /** What it computes in now. */
  readonly type: string
  /** Relative error of its output: noise power over signal power; null: not measured. */
  readonly error: number | null
  /** Why it was left in float; null: it was not. */
  readonly reason: string | null
}

export interface CurvePoint {
  readonly float: number
  readonly error: number
  /** Against the cleaned FP32 graph in the same rounds; null: not timed. */
  readonly speed: number | null
  readonly chosen: boolean
}
