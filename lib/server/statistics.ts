import type { StageSummary } from '../core/windows.js'

/** Counts and total times since the start, as the statistics extension has them. */
interface Total {
  readonly count: number
  /** Nanoseconds. */
  readonly ns: number
}

/** @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_statistics.md */
export interface ModelStatistics {
  readonly name: string
  readonly version: string
  /** Milliseconds since 1970; 0: none yet. */
  readonly last_inference: number
  /** Rows that were computed. */
  readonly inference_count: number
  readonly execution_count: number
  readonly inference_stats: Readonly<Record<'success' | 'fail' | 'queue' | 'compute_input' | 'compute_infer' | 'compute_output', Total>>
}

/** What the server itself counts of a model; the stages inside come from its Runner. */
export class RequestCounter {
  #success = { count: 0, ns: 0 }
  #fail = { count: 0, ns: 0 }
  #rows = 0
  #last = 0

  succeeded(ms: number, rows: number): void {
    this.#success = { count: this.#success.count + 1, ns: this.#success.ns + Math.round(ms * 1e6) }
    this.#rows += rows
    this.#last = Date.now()
  }

  failed(ms: number): void {
    this.#fail = { count: this.#fail.count + 1, ns: this.#fail.ns + Math.round(ms * 1e6) }
  }

  /** @param stats Of a session or a batcher; another Runner's are left aside. */
  summary(name: string, version: string, stats: object | undefined): ModelStatistics {
    const inner = (stats ?? {}) as Inner
    const nothing = { count: 0, ns: 0 }
    return {
      name,
      version,
      last_inference: this.#last,
      inference_count: inner.batchSize?.rows ?? this.#rows,
      execution_count: inner.batchSize?.batches ?? inner.completed ?? this.#success.count,
      inference_stats: {
        success: this.#success,
        fail: this.#fail,
        queue: total(inner.queue) ?? nothing,
        compute_input: total(inner.copyIn) ?? nothing,
        compute_infer: total(inner.compute) ?? this.#success,
        compute_output: total(inner.copyOut) ?? nothing,
      },
    }
  }
}

/** Of SessionStats and BatcherStats, what is used here. */
interface Inner {
  readonly queue?: StageSummary
  readonly copyIn?: StageSummary
  readonly compute?: StageSummary
  readonly copyOut?: StageSummary
  readonly completed?: number
  readonly batchSize?: { readonly rows: number; readonly batches: number }
}

function total(stage: StageSummary | undefined): Total | undefined {
  return stage === undefined ? undefined : { count: stage.count, ns: Math.round(stage.mean * stage.count * 1e6) }
}
