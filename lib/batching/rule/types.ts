/**
 * What the scheduler and its shell say to each other. All times are milliseconds on the shell's clock, rows are positions along
 * the batch axis, lanes and buckets are small integers that the shell hands out (a bucket = inputs that may share a batch).
 */

export interface Request {
  /** Unique among the queued ones. */
  readonly id: number
  /** At least 1 and at most `maxBatch`: the shell splits what is larger. */
  readonly rows: number
  readonly bucket: number
  /** When the caller asked: queueing time counts from here. */
  readonly enqueued: number
  /** Absolute. Infinity: none of its own, so `slo` after `enqueued` where that is set. */
  readonly deadline: number
  /** Larger goes first more often: a weight, never a right to starve others. 0 for everyone by default. */
  readonly priority: number
}

/** `deadline`: could no longer finish in time. `expired`: its deadline had passed. `overload`: the queue is full. */
export type RefusalReason = 'deadline' | 'overload' | 'expired'

/** Why a batch was sent: nothing more fits; waiting would endanger its head; waiting does not pay; waited `maxQueueDelay`; another shape was due. */
export type DispatchReason = 'full' | 'deadline' | 'idle' | 'delay' | 'shape'

/** Admission's no. */
export interface Refusal {
  readonly reason: RefusalReason
  /** When the request would have finished, by the high estimate: absolute, like `deadline`. */
  readonly predicted: number
  /** Milliseconds after which trying again may succeed. */
  readonly retryAfter: number
}

export interface Dispatch {
  readonly kind: 'dispatch'
  readonly lane: number
  readonly bucket: number
  /** In the order in which their rows join the batch. */
  readonly ids: readonly number[]
  readonly rows: number
  readonly reason: DispatchReason
  /** Milliseconds that the execution should take, by the mean. */
  readonly predicted: number
}

/** They have left the queue and were never executed. `predicted` as in `Refusal`, of the first of them. */
export interface Refuse {
  readonly kind: 'refuse'
  readonly ids: readonly number[]
  readonly reason: RefusalReason
  readonly predicted: number
}

export interface Wait {
  readonly kind: 'wait'
  /** Decide again then, or earlier when something happens. Infinity: only when something happens. */
  readonly until: number
}

export type Decision = Dispatch | Refuse | Wait

export interface SchedulerOptions {
  /** Most rows in one batch. */
  readonly maxBatch: number
  readonly lanes: number
  /** Most requests queued at once. */
  readonly maxQueue: number
  /** Longest time that a request may be held back for company while a lane is idle. 0: never wait. */
  readonly maxQueueDelay: number
  /** Milliseconds from `enqueued` to the deadline of requests that bring none. Default: no deadline. */
  readonly slo?: number
  /** Share of service that a row of each priority is worth, by priority. Default: 2 ** priority. */
  readonly weights?: Readonly<Record<number, number>>
  /** Batch sizes that are considered in any case (the optimum points of profiles); of large batches not every size is. */
  readonly preferred?: readonly number[]
  /** Milliseconds after which a bucket goes before others whatever is gained by them, and within which requests without a
   *  deadline should be served. Default: ten long batches. */
  readonly starvation?: number
}

export interface Prediction {
  /** Milliseconds. */
  readonly mean: number
  /** That 95 % of executions do not exceed, at least `mean`: what a deadline is checked against. */
  readonly high: number
  /** What `high` would be without a disturbance that may be over. Default: `high`. */
  readonly usual?: number
}

/** Time of one execution by bucket and rows. Scheduler and capacity simulator share it. */
export interface CostModel {
  predict(bucket: number, rows: number): Prediction
  /** A real execution of `rows` rows took `ms`. */
  observe(bucket: number, rows: number, ms: number): void
  /** A first idea, from warm-up: yields to what is observed. */
  seed(bucket: number, rows: number, ms: number): void
}

/** What the shell needs of the rule. `Scheduler` in scheduler.ts is the one implementation. */
export interface SchedulerLike {
  /** Admission: null when queued, else why not. O(log n). */
  enqueue(request: Request, now: number): Refusal | null
  /** An aborted request leaves at once; false when it is not queued (any more). O(log n). */
  remove(id: number): boolean
  /** A lane is free again; what its execution took teaches the cost model (null: it failed, nothing was learned). */
  finished(lane: number, now: number, measured: { bucket: number; rows: number; ms: number } | null): void
  /** A bucket takes fewer rows in one batch than `maxBatch`. */
  limitBucket(bucket: number, maxRows: number): void
  /** A lane is lost (false: nothing is sent there any more) or back (true: idle). */
  setLane(lane: number, usable: boolean): void
  /** Call until it says wait. A pure function of the state and `now`: no timer, no clock, no chance. */
  decide(now: number): Decision
  /** Requests queued. */
  readonly depth: number
  /** Ids of everything queued, in no order: for a shell that closes or has lost its last lane. */
  queued(): number[]
}
