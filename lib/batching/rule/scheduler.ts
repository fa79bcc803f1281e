import { BucketQueue } from './bucket-queue.js'
import { NextBatch } from './next-batch.js'
import { type Queued, queuedOf } from './queued.js'
import { Timetable } from './timetable.js'
import type { CostModel, Decision, Refusal, Refuse, Request, SchedulerLike, SchedulerOptions } from './types.js'

/** A bucket that was never tried for so many batches, because it is too slow, is tried once. */
const probeBatches = 50
/** Milliseconds: what a timer may be early by. */
const hair = 1e-3

/**
 * The rule: what to do with queued requests, lanes and costs as they are. Holds no clock and no timer; every answer follows
 * from the calls before it. `docs/decisions/0006` says why it decides as it does.
 */
export class Scheduler implements SchedulerLike {
  readonly #options: SchedulerOptions
  readonly #timetable: Timetable
  readonly #items = new Map<number, Queued>()
  readonly #buckets = new Map<number, BucketQueue>()
  /** Those with requests, in order of their first. */
  readonly #active: BucketQueue[] = []
  readonly #nextBatch: NextBatch
  #now = -Infinity
  /** A lane is kept idle until then, or until something happens: a look in between, by a timer of before, changes nothing. */
  #heldUntil = -Infinity
  #turn = 0

  /** @param cost Of every lane; an array: of each lane, where devices differ. */
  constructor(options: SchedulerOptions, cost: CostModel | readonly CostModel[]) {
    this.#options = options
    this.#timetable = new Timetable(options.lanes, 'predict' in cost ? [cost] : cost)
    this.#nextBatch = new NextBatch(options, this.#timetable)
  }

  get depth(): number {
    return this.#items.size
  }

  queued(): number[] {
    return [...this.#items.keys()]
  }

  limitBucket(bucket: number, maxRows: number): void {
    if (!this.#buckets.has(bucket)) this.#buckets.set(bucket, this.#newBucket(bucket, Math.min(maxRows, this.#options.maxBatch)))
  }

  setLane(lane: number, usable: boolean): void {
    this.#heldUntil = -Infinity
    this.#timetable.setUsable(lane, usable)
  }

  enqueue(request: Request, time: number): Refusal | null {
    const now = this.#advance(time)
    const bucket = this.#bucketOf(request.bucket)
    const { enqueued, rows } = request
    const deadline = request.deadline === Infinity ? enqueued + (this.#options.slo ?? Infinity) : request.deadline
    if (deadline < now) return { reason: 'expired', predicted: now, retryAfter: 0 }
    bucket.arrivals.add(rows, deadline - now, now)
    if (this.depth >= this.#options.maxQueue) return this.#overload(bucket, rows, now)
    const due = deadline === Infinity ? enqueued + this.#nextBatch.starvation(bucket) : deadline
    const item = queuedOf(request, { deadline, due, turn: this.#turn++ })
    // Not behind all that is due before it: those may be dropped, and to drop them later serves more than to refuse this one.
    const predicted = this.#timetable.soonest(bucket.id, rows, now)
    if (predicted > deadline) {
      item.probe = this.#isProbeDue(item, bucket, predicted - now, now)
      if (!item.probe) return { reason: 'deadline', predicted, retryAfter: predicted - deadline }
    }
    this.#heldUntil = -Infinity
    if (bucket.size === 0) this.#active.push(bucket)
    bucket.insert(item, now)
    this.#items.set(item.id, item)
    return null
  }

  remove(id: number): boolean {
    const item = this.#items.get(id)
    if (item === undefined) return false
    this.#heldUntil = -Infinity
    this.#items.delete(id)
    const bucket = this.#buckets.get(item.bucket)!
    bucket.remove(item)
    if (bucket.size === 0) this.#retire(bucket)
    return true
  }

  finished(lane: number, time: number, measured: { bucket: number; rows: number; ms: number } | null): void {
    const now = this.#advance(time)
    this.#heldUntil = -Infinity
    this.#timetable.finish(lane)
    if (measured === null) return
    this.#timetable.cost(lane).observe(measured.bucket, measured.rows, measured.ms)
    this.#bucketOf(measured.bucket).lastSent = now
  }

  decide(time: number): Decision {
    const now = this.#advance(time)
    const refuse = this.#refuse(now)
    if (refuse !== null) return refuse
    if (this.#active.length === 0 || !this.#timetable.anyIdle) return { kind: 'wait', until: this.#nextRefusal(now) }
    return now < this.#heldUntil ? { kind: 'wait', until: this.#heldUntil } : this.#send(now)
  }

  /** A clock that goes backwards stands still. */
  #advance(time: number): number {
    if (time > this.#now) this.#now = time
    return this.#now
  }

  #bucketOf(id: number): BucketQueue {
    let bucket = this.#buckets.get(id)
    if (bucket === undefined) {
      bucket = this.#newBucket(id, this.#options.maxBatch)
      this.#buckets.set(id, bucket)
    }
    return bucket
  }

  #newBucket(id: number, maxRows: number): BucketQueue {
    const { preferred = [], weights } = this.#options
    const bucket = new BucketQueue(id, { maxRows, preferred, weightOf: (priority) => weights?.[priority] ?? 2 ** priority })
    bucket.lastSent = this.#now
    return bucket
  }

  #retire(bucket: BucketQueue): void {
    this.#active.splice(this.#active.indexOf(bucket), 1)
  }

  #overload(bucket: BucketQueue, rows: number, now: number): Refusal {
    const predicted = this.#timetable.behind(bucket.rows, { bucket: bucket.id, rows, maxRows: bucket.maxRows }, now)
    const soonest = this.#timetable.soonest(bucket.id, rows, now)
    return { reason: 'overload', predicted: Math.max(predicted, soonest), retryAfter: Math.max(1, soonest - now) }
  }

  /** Only executions can tell that what slowed them is over: idle lanes try what would usually be in time. */
  #isProbeDue({ rows, deadline }: Queued, bucket: BucketQueue, ms: number, now: number): boolean {
    if (!this.#timetable.allIdle || this.depth > 0) return false
    return now + this.#timetable.leastUsual(bucket.id, rows) <= deadline || now - bucket.lastSent > probeBatches * ms
  }

  #refuse(now: number): Refuse | null {
    for (const bucket of this.#active) {
      let predicted = Number.NaN
      let expired = false
      const refused = bucket.takeRefused((item) => {
        const finish = this.#timetable.soonest(bucket.id, item.rows, now)
        const isLate = !item.probe && (finish > item.deadline || (item.passedOver && !this.#timetable.anyIdle))
        // Those of one decision share the reason.
        if (!isLate || (!Number.isNaN(predicted) && expired !== item.deadline < now)) return false
        if (Number.isNaN(predicted)) {
          predicted = finish
          expired = item.deadline < now
        }
        return true
      })
      if (refused.length === 0) continue
      const ids = this.#forget(refused, bucket)
      return { kind: 'refuse', ids, reason: expired ? 'expired' : 'deadline', predicted }
    }
    return null
  }

  #forget(items: readonly Queued[], bucket: BucketQueue): number[] {
    this.#heldUntil = -Infinity
    const ids = items.map(({ id }) => id)
    for (const id of ids) this.#items.delete(id)
    if (bucket.size === 0) this.#retire(bucket)
    return ids
  }

  /** When the head of some bucket will have to be refused, should no lane be free by then. */
  #nextRefusal(now: number): number {
    let next = Infinity
    for (const bucket of this.#active) {
      const head = bucket.front()[0]!
      if (!head.probe) next = Math.min(next, head.deadline - this.#timetable.least(bucket.id, head.rows))
    }
    return Math.max(next, now) + hair
  }

  #send(now: number): Decision {
    const plan = this.#nextBatch.plan(this.#active, now)
    if (plan === null) return { kind: 'wait', until: this.#nextRefusal(now) }
    if ('until' in plan) {
      this.#heldUntil = Math.min(Math.max(plan.until, now + hair), this.#nextRefusal(now))
      return { kind: 'wait', until: this.#heldUntil }
    }
    const { lane, bucket, items, reason } = plan
    const rows = items.reduce((sum, item) => sum + item.rows, 0)
    const predicted = this.#timetable.cost(lane).predict(bucket.id, rows).mean
    this.#timetable.start(lane, now + predicted)
    return { kind: 'dispatch', lane, bucket: bucket.id, ids: this.#forget(items, bucket), rows, reason, predicted }
  }
}
