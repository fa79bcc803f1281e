import type { NativeSession } from '../backend/native.js'

/**
 * Why a run had no CUDA graph, or one without its copies: switched off (`cudaGraph: false`); `timings: true`, which need events
 * between the stages; inputs or outputs on the host; outputs whose shape depends on the data; an engine that streams weights; the
 * library says that it cannot be captured; a capture failed, see `failure`; more graphs in use than `graphCapacity`.
 */
export type GraphFallback =
  | 'disabled'
  | 'timings'
  | 'hostTensors'
  | 'dynamicOutputs'
  | 'weightStreaming'
  | 'notCapturable'
  | 'captureFailed'
  | 'capacity'

/** How runs were put on the device, warm-up included. */
export interface GraphStats {
  /** Runs that were one launch of a graph, with their copies. */
  readonly whole: number
  /** Runs that were a launch of a graph between copies. */
  readonly compute: number
  /** Runs without a graph: those that warm it up, and those below. */
  readonly plain: number
  /** Runs with a graph of a larger batch: see the option `padToGraph`. */
  readonly padded: number
  /** Rows that were added to them, in all. */
  readonly paddedRows: number
  readonly captured: number
  /** Captured and not given up since. */
  readonly kept: number
  /** Runs by the reason why they had no graph, or one without their copies. The first runs of a shape have no reason. */
  readonly fallbacks: Partial<Readonly<Record<GraphFallback, number>>>
  /** Why the last capture that failed did so. */
  readonly failure: string | null
}

/** Null: the session is closed, or its backend has no graphs. */
export function readGraphStats(native: NativeSession): GraphStats | null {
  const facts = native.describe?.() ?? null
  if (facts === null) return null
  const { cudaGraph } = JSON.parse(facts) as { cudaGraph?: GraphStats }
  if (cudaGraph === undefined) return null
  const { whole, compute, plain, padded, paddedRows, captured, kept, fallbacks, failure } = cudaGraph
  return { whole, compute, plain, padded, paddedRows, captured, kept, fallbacks, failure }
}
