import type { NativeProfileRange } from '../../backend/native.js'

/** What the child is to build. Bytes travel in files: through the channel they would be copied twice, on the JS thread. */
export interface IsolatedRequest {
  readonly backend: { readonly name: string } | { readonly library: string }
  /** Where the model's bytes are. */
  readonly model: string
  /** The model's own path, which leads to its external data; null: it was given as bytes. */
  readonly modelPath: string | null
  readonly externals: readonly { readonly location: string; readonly file: string }[]
  readonly profiles: readonly (readonly NativeProfileRange[])[]
  readonly options: Readonly<Record<string, string>>
  /** Where the engine's bytes go. */
  readonly payload: string
  /** Removed by the child, if it outlives its parent. */
  readonly folder: string
  /** The highest level of log lines that is sent: 0 errors … 3 all. */
  readonly logLevel: number
}

export type ToChild = { readonly kind: 'build'; readonly request: IsolatedRequest } | { readonly kind: 'cancel' }

export type FromChild =
  | { readonly kind: 'progress'; readonly phase: string; readonly parent: string | null; readonly step: number; readonly steps: number }
  | { readonly kind: 'log'; readonly level: number; readonly text: string }
  | { readonly kind: 'built'; readonly facts: string }
  /** `status`: of native/include/backend.h; null: it failed outside of native code. */
  | { readonly kind: 'failed'; readonly status: number | null; readonly message: string }
