import type { Decision, Refusal, Request, SchedulerLike, SchedulerOptions } from '../../../lib/batching/rule/types.js'

/** What published batchers are made of: one queue in order of arrival, one lane. They know no deadlines and refuse nothing on arrival. */
export abstract class QueueRule implements SchedulerLike {
  protected readonly queue: Request[] = []
  protected readonly maxBatch: number
  protected isIdle = true

  constructor({ maxBatch, lanes }: SchedulerOptions) {
    if (lanes !== 1) throw new RangeError(`The baselines know one lane, not ${lanes}.`)
    this.maxBatch = maxBatch
  }

  abstract decide(now: number): Decision

  get depth(): number {
    return this.queue.length
  }

  queued(): number[] {
    return this.queue.map(({ id }) => id)
  }

  enqueue({ id, rows, bucket, enqueued, deadline, priority }: Request, _now: number): Refusal | null {
    this.queue.push({ id, rows, bucket, enqueued, deadline, priority })
    return null
  }

  remove(id: number): boolean {
    const at = this.queue.findIndex((request) => request.id === id)
    if (at >= 0) this.queue.splice(at, 1)
    return at >= 0
  }

  finished(_lane: number, _now: number, _measured: { bucket: number; rows: number; ms: number } | null): void {
    this.isIdle = true
  }

  limitBucket(): void {}

  setLane(_lane: number, usable: boolean): void {
    this.isIdle = usable
  }

  protected send(members: readonly Request[], reason: 'full' | 'idle' | 'delay'): Decision {
    this.isIdle = false
    const ids = members.map(({ id }) => id)
    return { kind: 'dispatch', lane: 0, bucket: members[0]!.bucket, ids, rows: ids.length, reason, predicted: 0 }
  }

  protected refuse(members: readonly Request[], now: number): Decision {
    return { kind: 'refuse', ids: members.map(({ id }) => id), reason: 'deadline', predicted: now }
  }
}

export const untilSomethingHappens: Decision = { kind: 'wait', until: Infinity }
