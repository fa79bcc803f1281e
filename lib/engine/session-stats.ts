import type { Clock } from '../core/clock.js'
import type { ErrorCode } from '../core/errors.js'
import type { GraphStats } from './graph-stats.js'
import { type StageSummary, WindowedRecorder } from '../core/windows.js'

/** All since the session was created, the stages lately too. Times in milliseconds. */
export interface SessionStats {
  /** From submission until a lane took the run. */
  queue: StageSummary
  /** Host to device. */
  copyIn: StageSummary
  compute: StageSummary
  /** Device to host. */
  copyOut: StageSummary
  /** In the lane: the three before together. */
  run: StageSummary
  /** From the call of `run` until its promise is settled. */
  total: StageSummary
  /** Runs that gave a result. Only these are in the latencies. */
  completed: number
  /** Runs that did not, by error code; refusals before submission included. */
  failed: Partial<Record<ErrorCode, number>>
  /** Staging copies between the caller's memory and the backend's own. */
  copies: number
  /** Submitted and not settled. */
  inFlight: number
  /** Those of them that wait for a lane. */
  queueDepth: number
  lanes: number
  lanesBusy: number
  /** CUDA graphs. Null: the backend has none. */
  graphs: GraphStats | null
}

/** Positions in a run's report: see `NativeChannel` of lib/backend/native.ts. */
const position = { queue: 2, copyIn: 3, compute: 4, copyOut: 5, copies: 7 } as const

/** What is timed; the keys of the recorders. */
const stages = ['queue', 'copyIn', 'compute', 'copyOut', 'run', 'total'] as const
type Stage = (typeof stages)[number]

export class StatsRecorder {
  readonly #clock: Clock
  readonly #stages: Readonly<Record<Stage, WindowedRecorder>>
  readonly #failed = new Map<ErrorCode, number>()
  #completed = 0
  #copies = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#stages = byStage(() => new WindowedRecorder(clock))
  }

  /**
   * @param at Where the run's numbers begin in `report`, in nanoseconds.
   * @param totalMs Since the call of `run`.
   */
  succeeded(report: Float64Array, at: number, totalMs: number): void {
    this.#completed++
    this.#copies += report[at + position.copies]!
    const now = this.#clock.now()
    const copyIn = report[at + position.copyIn]! / 1e6
    const compute = report[at + position.compute]! / 1e6
    const copyOut = report[at + position.copyOut]! / 1e6
    const recorders = this.#stages
    recorders.queue.record(report[at + position.queue]! / 1e6, now)
    recorders.copyIn.record(copyIn, now)
    recorders.compute.record(compute, now)
    recorders.copyOut.record(copyOut, now)
    recorders.run.record(copyIn + compute + copyOut, now)
    recorders.total.record(totalMs, now)
  }

  failed(code: ErrorCode): void {
    this.#failed.set(code, (this.#failed.get(code) ?? 0) + 1)
  }

  summary(inFlight: number, lanes: number, graphs: GraphStats | null): SessionStats {
    const now = this.#clock.now()
    return {
      ...byStage((stage) => this.#stages[stage].summary(now)),
      completed: this.#completed,
      failed: Object.fromEntries(this.#failed),
      copies: this.#copies,
      inFlight,
      queueDepth: Math.max(0, inFlight - lanes),
      lanes,
      lanesBusy: Math.min(inFlight, lanes),
      graphs,
    }
  }
}

function byStage<T>(make: (stage: Stage) => T): Record<Stage, T> {
  return Object.fromEntries(stages.map((stage) => [stage, make(stage)])) as Record<Stage, T>
}
