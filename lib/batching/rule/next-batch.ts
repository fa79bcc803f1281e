import { BatchSize } from './batch-size.js'
import { type Chosen, chooseBucket, rowsSurviving } from './bucket-choice.js'
import type { BucketQueue } from './bucket-queue.js'
import type { Queued } from './queued.js'
import type { Timetable } from './timetable.js'
import type { DispatchReason, SchedulerOptions } from './types.js'

/** Long batches after which a bucket goes before others, and that a request without a deadline waits for urgent ones. */
const starvationBatches = 10
/** Before any batch has been timed, in milliseconds. */
const unknownBatch = 10

export interface Sending {
  readonly lane: number
  readonly bucket: BucketQueue
  /** They have left the bucket. */
  readonly items: readonly Queued[]
  readonly reason: DispatchReason
}

/** What to do with idle lanes and waiting requests. */
export class NextBatch {
  readonly #options: SchedulerOptions
  readonly #timetable: Timetable
  readonly #batchSize = new BatchSize()
  readonly #free: number[] = []

  constructor(options: SchedulerOptions, timetable: Timetable) {
    this.#options = options
    this.#timetable = timetable
  }

  starvation(bucket: BucketQueue): number {
    return this.#options.starvation ?? starvationBatches * this.#longBatch(bucket)
  }

  /** Null: nothing until something happens. @param active The buckets with requests; some lane is idle. */
  plan(active: readonly BucketQueue[], now: number): Sending | { until: number } | null {
    const chosen = this.#choose(active, now)
    const { bucket } = chosen
    const { maxRows } = bucket
    const waiting = Math.min(bucket.rows, maxRows)
    const lane = this.#timetable.idleLane(bucket.id, waiting)
    if (!this.#timetable.isWorthwhile(lane, bucket.id, { rows: waiting, waiting: bucket.rows, maxRows }, now)) return null
    bucket.look(this.#timetable.cost(lane), now)
    const patience = active.length > 1 ? 0 : this.#patience(bucket, now)
    const { size, rows, least } = this.#chooseSize(active, { bucket, lane, patience }, now)
    if (rows > 0) {
      const sending = this.#take(chosen, lane, { rows, least }, now)
      // Rows that a size can hold may all belong to requests that are larger than it: nobody is cut, the head goes whole.
      return sending.items.length > 0 ? sending : this.#takeHead(chosen, lane, now)
    }
    if (size >= 0) {
      if (Number.isNaN(bucket.heldSince)) bucket.heldSince = now
      return { until: now + patience }
    }
    return this.#takeHead(chosen, lane, now)
  }

  #choose(active: readonly BucketQueue[], now: number): Chosen {
    const [only] = active
    if (active.length === 1) return { bucket: only!, overdue: false }
    const cost = this.#timetable.cost(this.#timetable.idleLane(only!.id, 1))
    return chooseBucket(active, cost, this.starvation(only!), now)
  }

  #chooseSize(active: readonly BucketQueue[], at: { bucket: BucketQueue; lane: number; patience: number }, now: number) {
    const { bucket, lane, patience } = at
    const { window, sizes, arrivals } = bucket
    const kinds = arrivals.kinds(now)
    const unit = this.#unit(bucket)
    arrivals.pace(unit)
    const others = active.length > 1 ? (ms: number) => othersSurviving(active, bucket, ms) : null
    const lanes = this.#timetable.freeIn(now, this.#free)
    return this.#batchSize.choose({ window, sizes, kinds, trend: arrivals.trend, lanes, lane, unit, others, patience })
  }

  /** What a long batch takes, or where deadlines allow no such batches what they allow. */
  #unit(bucket: BucketQueue): number {
    const { window, sizes, arrivals } = bucket
    let slack = window.count > 0 ? window.slack[window.count - 1]! : 0
    for (const kind of arrivals.current) if (kind.rate > 0) slack = Math.max(slack, kind.slack)
    return slack > 0 ? Math.min(sizes.longest, slack / 2) : sizes.longest
  }

  #longBatch({ id, maxRows }: BucketQueue): number {
    return this.#timetable.cost(0).predict(id, maxRows).mean || unknownBatch
  }

  /** How long to wait for the next request, if waiting pays: not past the head's slack with one more in the batch. */
  #patience(bucket: BucketQueue, now: number): number {
    const { window, sizes, maxRows, heldSince } = bucket
    const rate = bucket.arrivals.rate(now)
    if (this.#options.maxQueueDelay <= 0 || window.rows >= maxRows || rate <= 0) return 0
    const held = Number.isNaN(heldSince) ? 0 : now - heldSince
    const slack = window.count > 0 ? window.slack[0]! - sizes.high[sizes.indexOf(window.rows + 1)]! : Infinity
    return Math.max(0, Math.min(1 / rate, this.#options.maxQueueDelay - held, slack))
  }

  #take({ bucket, overdue }: Chosen, lane: number, batch: { rows: number; least: number }, now: number): Sending {
    const held = Number.isNaN(bucket.heldSince) ? 0 : now - bucket.heldSince
    const items = bucket.takeBatch(batch.rows, (item) => item.probe || item.deadline - now >= batch.least)
    const rows = items.reduce((sum, item) => sum + item.rows, 0)
    bucket.heldSince = Number.NaN
    bucket.since = now
    bucket.lastSent = now
    const reason = overdue ? 'shape' : reasonOf(bucket, rows, held >= this.#options.maxQueueDelay && held > 0)
    return { lane, bucket, items, reason }
  }

  /** No size that is considered survives: the head may alone. */
  #takeHead(chosen: Chosen, lane: number, now: number): Sending | null {
    const { bucket } = chosen
    const head = bucket.front()[0]!
    const { high } = this.#timetable.cost(lane).predict(bucket.id, head.rows)
    if (!head.probe && head.deadline - now < high) return null
    const batch = { rows: head.rows, least: high }
    return this.#take(chosen, lane, batch, now)
  }
}

function othersSurviving(active: readonly BucketQueue[], chosen: BucketQueue, ms: number): number {
  let rows = 0
  for (const bucket of active) if (bucket !== chosen) rows += rowsSurviving(bucket, ms)
  return rows
}

function reasonOf(bucket: BucketQueue, rows: number, delayed: boolean): DispatchReason {
  if (rows >= bucket.maxRows) return 'full'
  const next = bucket.front().find(({ passedOver }) => !passedOver)
  if (next !== undefined) return rows + next.rows > bucket.maxRows ? 'full' : 'deadline'
  return delayed ? 'delay' : 'idle'
}
