import type { BatchEvent } from '../core/channels.js'
import type { TrtError } from '../core/errors.js'
import type { Bucket } from './bucket.js'
import type { Entry } from './entry.js'
import type { DispatchReason } from './rule/types.js'
import type { Slab } from './slab.js'
import type { SlabPool } from './slab-pool.js'
import type { BatchTarget } from './target.js'

/** What is to be executed. */
export interface Order {
  readonly bucket: Bucket
  readonly members: readonly Entry[]
  readonly reason: DispatchReason | 'retry'
  /** Milliseconds that it should take. */
  readonly predicted: number
  /** Members of a batch that failed, which run alone after this one. */
  readonly rest: readonly Entry[]
  /** Why it failed. */
  readonly cause: unknown
}

/** One execution, from the moment its members leave the queue until the run has settled. */
export class Batch {
  /** Of the members; more may be executed. */
  readonly rows: number
  readonly slab: Slab
  /** When the run began: all before is assembly. */
  sent: number
  /** When the run settled. NaN: it has not. */
  ended = NaN
  /** Why its members wait no longer. */
  givenUp: TrtError | null = null
  event: BatchEvent | null = null

  constructor(
    readonly id: number,
    readonly lane: Lane,
    readonly order: Order,
    readonly started: number,
  ) {
    let rows = 0
    for (const member of order.members) {
      rows += member.rows
      member.state = 'running'
      member.batch = this
    }
    this.rows = rows
    this.sent = started
    this.slab = lane.slabs.take(order.bucket)
  }

  get members(): readonly Entry[] {
    return this.order.members
  }

  /** Nobody waits for it any more. */
  get isAbandoned(): boolean {
    return this.order.members.every(isSettled) && this.order.rest.every(isSettled)
  }
}

const isSettled = ({ state }: Entry) => state === 'settled'

/** One execution at a time on one session. */
export class Lane {
  batch: Batch | null = null
  usable = true
  batches = 0
  #busyMs = 0
  #controller: AbortController | null = null

  constructor(
    /** What the scheduler knows it by. */
    readonly index: number,
    /** Which of the batcher's sessions. */
    readonly session: number,
    readonly target: BatchTarget,
    readonly slabs: SlabPool,
  ) {}

  /** Stops its run: one for many runs, as long as it is not used. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  stop(): void {
    this.#controller?.abort()
    this.#controller = null
  }

  begin(batch: Batch): void {
    this.batch = batch
    this.batches++
  }

  /** Its run has settled: nobody uses the slab any more. */
  end(now: number): void {
    const batch = this.batch!
    batch.ended = now
    this.#busyMs += now - batch.started
    this.batch = null
    this.slabs.give(batch.slab)
  }

  /** Milliseconds that it has been busy. */
  busyMs(now: number): number {
    return this.#busyMs + (this.batch === null ? 0 : now - this.batch.started)
  }
}
