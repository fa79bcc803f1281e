import type { Clock } from '../core/clock.js'
import type { ErrorCode } from '../core/errors.js'
import { type StageSummary, WindowedRecorder } from '../core/windows.js'
import type { DispatchReason, RefusalReason } from './rule/types.js'

export interface LaneStats {
  /** Which of the batcher's sessions it belongs to. */
  readonly session: number
  readonly busy: boolean
  /** False: its session is closed or lost, or a batch on it does not end. */
  readonly usable: boolean
  readonly batches: number
  /** Share of the time since the batcher was made, 0 to 1. */
  readonly utilization: number
}

/** Since the batcher was made, and for the stages lately too. Times in milliseconds. */
export interface BatcherStats {
  /** From the call of `run` until the request's batch began to be put together. */
  readonly queue: StageSummary
  /** Of each batch: copying rows that had not been copied while they waited, and starting the run. */
  readonly assembly: StageSummary
  /** Of each batch: from the start of the run until its outputs were there. */
  readonly run: StageSummary
  /** Host to device: a part of `run`. Only where there is one session, and it tells; its other runs are among them. */
  readonly copyIn?: StageSummary
  /** As `copyIn`; where the session tells nothing, all of `run`. */
  readonly compute: StageSummary
  /** Device to host; as `copyIn`. */
  readonly copyOut?: StageSummary
  /** Of each batch: cutting out its answers. */
  readonly split: StageSummary
  /** Of each answered request: from the call of `run` until its promise was settled. */
  readonly total: StageSummary
  readonly batchSize: {
    readonly batches: number
    /** Rows over all batches. */
    readonly rows: number
    readonly mean: number
    readonly max: number
    /** Batches by their number of rows. */
    readonly counts: Readonly<Record<number, number>>
  }
  /** Batches by why they were sent then; `retry`: a member that ran alone after its batch had failed. */
  readonly dispatch: Readonly<Record<DispatchReason | 'retry', number>>
  readonly refused: Readonly<Record<RefusalReason, number>>
  /** How long executions took against what was expected of them. */
  readonly prediction: {
    /** Absolute differences. */
    readonly error: StageSummary
    /** Mean of measured − expected. */
    readonly bias: number
    /** Mean of |measured − expected| / expected. */
    readonly relative: number
  }
  /** Calls of `run`. At any time: answered + refused + failed + pending. */
  readonly requests: number
  readonly answered: number
  /** Those that were neither answered nor refused, by error code; aborted ones included. */
  readonly failed: Readonly<Partial<Record<ErrorCode, number>>>
  /** Neither answered nor failed yet. */
  readonly pending: number
  /** Waiting in the queue: a request that was cut into parts counts each of them. */
  readonly queueDepth: number
  readonly lanes: readonly LaneStats[]
}

/** A batch whose execution has succeeded. */
export interface BatchTimes {
  readonly assembly: number
  readonly run: number
  readonly predicted: number
}

/** Counts and times everything; a request costs it two additions to a histogram. */
export class BatcherRecorder {
  readonly #queue: WindowedRecorder
  readonly #assembly: WindowedRecorder
  readonly #run: WindowedRecorder
  readonly #split: WindowedRecorder
  readonly #total: WindowedRecorder
  readonly #error: WindowedRecorder
  #biasSum = 0
  #relativeSum = 0
  #predictions = 0
  readonly #sizes = new Map<number, number>()
  readonly #dispatch: Record<DispatchReason | 'retry', number> = { full: 0, deadline: 0, idle: 0, delay: 0, shape: 0, retry: 0 }
  readonly #refused: Record<RefusalReason, number> = { deadline: 0, overload: 0, expired: 0 }
  readonly #failed = new Map<ErrorCode, number>()
  #requests = 0
  #answered = 0
  #pending = 0

  constructor(clock: Clock) {
    const recorder = () => new WindowedRecorder(clock)
    this.#queue = recorder()
    this.#assembly = recorder()
    this.#run = recorder()
    this.#split = recorder()
    this.#total = recorder()
    this.#error = recorder()
  }

  get pending(): number {
    return this.#pending
  }

  called(): void {
    this.#requests++
    this.#pending++
  }

  queued(ms: number, now: number): void {
    this.#queue.record(ms, now)
  }

  sent(reason: DispatchReason | 'retry', rows: number): void {
    this.#dispatch[reason]++
    this.#sizes.set(rows, (this.#sizes.get(rows) ?? 0) + 1)
  }

  executed({ assembly, run, predicted }: BatchTimes, now: number): void {
    this.#assembly.record(assembly, now)
    this.#run.record(run, now)
    if (!(predicted > 0)) return
    const difference = assembly + run - predicted
    this.#error.record(Math.abs(difference), now)
    this.#biasSum += difference
    this.#relativeSum += Math.abs(difference) / predicted
    this.#predictions++
  }

  split(ms: number, now: number): void {
    this.#split.record(ms, now)
  }

  answered(totalMs: number, now: number): void {
    this.#answered++
    this.#pending--
    this.#total.record(totalMs, now)
  }

  refused(reason: RefusalReason): void {
    this.#refused[reason]++
    this.#pending--
  }

  failed(code: ErrorCode): void {
    this.#failed.set(code, (this.#failed.get(code) ?? 0) + 1)
    this.#pending--
  }

  /** @param session What the one session tells of itself. */
  summary(now: number, { queueDepth, lanes, session }: Surroundings): BatcherStats {
    const count = Math.max(1, this.#predictions)
    const run = this.#run.summary(now)
    return {
      queue: this.#queue.summary(now),
      assembly: this.#assembly.summary(now),
      run,
      ...deviceStages(session, run),
      split: this.#split.summary(now),
      total: this.#total.summary(now),
      batchSize: this.#batchSize(),
      dispatch: { ...this.#dispatch },
      refused: { ...this.#refused },
      prediction: { error: this.#error.summary(now), bias: this.#biasSum / count, relative: this.#relativeSum / count },
      requests: this.#requests,
      answered: this.#answered,
      failed: Object.fromEntries(this.#failed),
      pending: this.#pending,
      queueDepth,
      lanes,
    }
  }

  #batchSize(): BatcherStats['batchSize'] {
    let [batches, rows, max] = [0, 0, 0]
    for (const [size, count] of this.#sizes) {
      batches += count
      rows += size * count
      max = Math.max(max, size)
    }
    const counts = Object.fromEntries([...this.#sizes].sort(([a], [b]) => a - b))
    return { batches, rows, mean: batches === 0 ? 0 : rows / batches, max, counts }
  }
}

/** What the recorder does not know itself. */
export interface Surroundings {
  readonly queueDepth: number
  readonly lanes: readonly LaneStats[]
  readonly session: object | undefined
}

type DeviceStages = Pick<BatcherStats, 'copyIn' | 'compute' | 'copyOut'>

function deviceStages(session: object | undefined, run: StageSummary): DeviceStages {
  const { copyIn, compute, copyOut } = (session ?? {}) as Partial<Record<keyof DeviceStages, unknown>>
  return isStage(copyIn) && isStage(compute) && isStage(copyOut) ? { copyIn, compute, copyOut } : { compute: run }
}

function isStage(value: unknown): value is StageSummary {
  return typeof value === 'object' && value !== null && 'last10s' in value && 'p999' in value
}
