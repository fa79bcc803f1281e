import type { Dispatch, RefusalReason, SchedulerLike } from '../../batching/rule/types.js'
import { BusyLanes } from './lanes.js'

/** The requests of a simulation; all arrays are as long as there are requests, times in milliseconds from 0. */
export interface Trace {
  /** Ascending. */
  readonly arrivals: Float64Array
  readonly rows: Int32Array
  /** Absolute; Infinity: none. */
  readonly deadlines: Float64Array
  readonly priorities: Float64Array
}

export interface SimulatedMachine {
  readonly lanes: number
  readonly maxBatch: number
  /** Real time of an execution that begins `now`, which the rule only predicts: milliseconds. */
  executionMs(rows: number, now: number): number
}

/** What became of each request: its latency, or minus the number of the reason why there was none. */
export interface SimulationResult {
  /** From arrival to answer. NaN: refused. */
  readonly latencyMs: Float64Array
  /** Index in `refusalReasons`; 255: answered. */
  readonly refusal: Uint8Array
  readonly batches: number
  readonly rowsRun: number
  readonly busyMs: number
  /** From 0 to the last event. */
  readonly elapsedMs: number
  readonly dispatched: Readonly<Partial<Record<Dispatch['reason'], number>>>
}

export const refusalReasons: readonly RefusalReason[] = ['deadline', 'overload', 'expired']
const answered = 255
/** A rule that asks to wait until now would be asked again for ever. */
const leastWaitMs = 1e-6

/**
 * What the rule makes of a trace of arrivals: the batcher's loop without its clock, timers, copies and promises. Requests
 * larger than `maxBatch` are split as the batcher splits them.
 */
export function simulate(scheduler: SchedulerLike, trace: Trace, machine: SimulatedMachine): SimulationResult {
  return new Simulation(scheduler, trace, machine).run()
}

class Simulation {
  readonly #scheduler: SchedulerLike
  readonly #trace: Trace
  readonly #machine: SimulatedMachine
  readonly #lanes: BusyLanes<{ decision: Dispatch; ms: number }>
  readonly #latency: Float64Array
  readonly #refusal: Uint8Array
  /** Pieces of each request that have no answer yet. */
  readonly #open: Int32Array
  /** First id of each request; those of its pieces follow. */
  readonly #firstId: Int32Array
  /** The request that a piece is of, by id. */
  readonly #owner: number[] = []
  readonly #dispatched: Partial<Record<Dispatch['reason'], number>> = {}
  #batches = 0
  #rowsRun = 0
  #wake = Infinity
  #now = 0
  #elapsed = 0

  constructor(scheduler: SchedulerLike, trace: Trace, machine: SimulatedMachine) {
    this.#scheduler = scheduler
    this.#trace = trace
    this.#machine = machine
    this.#lanes = new BusyLanes(machine.lanes)
    const count = trace.arrivals.length
    this.#latency = new Float64Array(count).fill(Number.NaN)
    this.#refusal = new Uint8Array(count).fill(answered)
    this.#open = new Int32Array(count)
    this.#firstId = new Int32Array(count)
  }

  run(): SimulationResult {
    const { arrivals } = this.#trace
    let arrived = 0
    for (;;) {
      this.#now = Math.min(this.#lanes.end(this.#lanes.next()), arrivals[arrived] ?? Infinity, this.#wake)
      if (this.#now === Infinity) break
      // All of one moment before the rule is asked, answers first: as in one turn of the event loop.
      for (let lane = this.#lanes.next(); this.#lanes.end(lane) === this.#now; lane = this.#lanes.next()) this.#finish(lane)
      while (arrivals[arrived] === this.#now) this.#arrive(arrived++)
      this.#decide()
      this.#elapsed = this.#now
    }
    return {
      latencyMs: this.#latency,
      refusal: this.#refusal,
      batches: this.#batches,
      rowsRun: this.#rowsRun,
      busyMs: this.#lanes.busyMs,
      elapsedMs: this.#elapsed,
      dispatched: this.#dispatched,
    }
  }

  #arrive(request: number): void {
    const { arrivals, rows, deadlines, priorities } = this.#trace
    const { maxBatch } = this.#machine
    this.#firstId[request] = this.#owner.length
    for (let left = rows[request]!; left > 0; left -= maxBatch) {
      const id = this.#owner.push(request) - 1
      this.#open[request]!++
      const piece = { rows: Math.min(left, maxBatch), bucket: 0, enqueued: arrivals[request]!, deadline: deadlines[request]! }
      const refusal = this.#scheduler.enqueue({ id, ...piece, priority: priorities[request]! }, this.#now)
      if (refusal === null) continue
      this.#refuse(request, refusal.reason)
      return
    }
  }

  /** One piece refused is the whole refused: the others leave the queue. */
  #refuse(request: number, reason: RefusalReason): void {
    if (this.#refusal[request] !== answered) return
    this.#refusal[request] = refusalReasons.indexOf(reason)
    for (let id = this.#firstId[request]!; this.#owner[id] === request; id++) this.#scheduler.remove(id)
  }

  #finish(lane: number): void {
    const { decision, ms } = this.#lanes.free(lane)
    for (const id of decision.ids) {
      const request = this.#owner[id]!
      if (--this.#open[request]! === 0 && this.#refusal[request] === answered) {
        this.#latency[request] = this.#now - this.#trace.arrivals[request]!
      }
    }
    this.#scheduler.finished(lane, this.#now, { bucket: decision.bucket, rows: decision.rows, ms })
  }

  #decide(): void {
    for (;;) {
      const decision = this.#scheduler.decide(this.#now)
      if (decision.kind === 'wait') {
        this.#wake = Math.max(decision.until, this.#now + leastWaitMs)
        return
      }
      if (decision.kind === 'refuse') for (const id of decision.ids) this.#refuse(this.#owner[id]!, decision.reason)
      else this.#dispatch(decision)
    }
  }

  #dispatch(decision: Dispatch): void {
    const { lane, rows, reason } = decision
    const ms = this.#machine.executionMs(rows, this.#now)
    this.#lanes.begin(lane, this.#now, ms, { decision, ms })
    this.#batches++
    this.#rowsRun += rows
    this.#dispatched[reason] = (this.#dispatched[reason] ?? 0) + 1
  }
}
