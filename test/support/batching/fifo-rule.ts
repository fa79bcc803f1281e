import type { Rule } from '../../../lib/batching/learned-rule.js'
import type {
  CostModel,
  Decision,
  Prediction,
  Refusal,
  Request,
  SchedulerLike,
  SchedulerOptions,
} from '../../../lib/batching/rule/types.js'

/** The last measurement of each size, else 0. */
export class LastCost implements CostModel {
  readonly known = new Map<string, number>()

  predict(bucket: number, rows: number): Prediction {
    const mean = this.known.get(`${bucket}:${rows}`) ?? 0
    return { mean, high: mean }
  }
  observe(bucket: number, rows: number, ms: number): void {
    this.known.set(`${bucket}:${rows}`, ms)
  }
  seed(bucket: number, rows: number, ms: number): void {
    this.observe(bucket, rows, ms)
  }
}

/** The simplest rule there is, so that tests of the shell depend on nothing cleverer: first come, first served, no waiting. */
export class FifoScheduler implements SchedulerLike {
  readonly #options: SchedulerOptions
  readonly #costs: readonly CostModel[]
  readonly #queue: Request[] = []
  readonly #idle: Set<number>
  readonly #usable: Set<number>
  readonly #limits = new Map<number, number>()

  constructor(options: SchedulerOptions, costs: readonly CostModel[]) {
    this.#options = options
    this.#costs = costs
    this.#idle = new Set(Array.from({ length: options.lanes }, (_, lane) => lane))
    this.#usable = new Set(this.#idle)
  }

  get depth(): number {
    return this.#queue.length
  }

  queued(): number[] {
    return this.#queue.map(({ id }) => id)
  }

  enqueue(request: Request, now: number): Refusal | null {
    if (this.#queue.length >= this.#options.maxQueue) return { reason: 'overload', predicted: now + 8, retryAfter: 8 }
    const predicted = now + this.#costs[0]!.predict(request.bucket, request.rows).high
    if (predicted > request.deadline) return { reason: 'deadline', predicted, retryAfter: 0 }
    this.#queue.push(request)
    return null
  }

  remove(id: number): boolean {
    const at = this.#queue.findIndex((request) => request.id === id)
    if (at >= 0) this.#queue.splice(at, 1)
    return at >= 0
  }

  finished(lane: number, _now: number, measured: { bucket: number; rows: number; ms: number } | null): void {
    if (measured !== null) this.#costs[lane]!.observe(measured.bucket, measured.rows, measured.ms)
    if (this.#usable.has(lane)) this.#idle.add(lane)
  }

  limitBucket(bucket: number, maxRows: number): void {
    this.#limits.set(bucket, maxRows)
  }

  setLane(lane: number, usable: boolean): void {
    const sets = [this.#idle, this.#usable]
    for (const set of sets) {
      if (usable) set.add(lane)
      else set.delete(lane)
    }
  }

  decide(now: number): Decision {
    const late = this.#queue.filter(({ deadline }) => deadline <= now)
    for (const { id } of late) this.remove(id)
    if (late.length > 0) return { kind: 'refuse', ids: late.map(({ id }) => id), reason: 'expired', predicted: now }
    const [head] = this.#queue
    const [lane] = this.#idle
    if (head === undefined || lane === undefined) return { kind: 'wait', until: Math.min(...this.#queue.map(({ deadline }) => deadline)) }
    const ids: number[] = []
    let rows = 0
    for (const request of this.#queue) {
      if (request.bucket !== head.bucket) continue
      if (rows + request.rows > (this.#limits.get(head.bucket) ?? this.#options.maxBatch)) break
      rows += request.rows
      ids.push(request.id)
    }
    for (const id of ids) this.remove(id)
    this.#idle.delete(lane)
    const predicted = this.#costs[lane]!.predict(head.bucket, rows).mean
    return { kind: 'dispatch', lane, bucket: head.bucket, ids, rows, reason: rows === this.#options.maxBatch ? 'full' : 'idle', predicted }
  }
}

export const fifoRule: Rule = { cost: () => new LastCost(), scheduler: (options, costs) => new FifoScheduler(options, costs) }
