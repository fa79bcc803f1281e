import type { CostModel, Decision, Request, SchedulerOptions } from '../../../lib/batching/rule/types.js'
import { QueueRule, untilSomethingHappens } from './queue-rule.js'

/**
 * Earliest deadline first, as it is usually written down: as many as wait, up to the largest batch, the most urgent first; who
 * would be late in a batch of that size is dropped. It is told the true costs.
 */
export class EdfRule extends QueueRule {
  readonly #cost: CostModel

  constructor(options: SchedulerOptions, cost: CostModel) {
    super(options)
    this.#cost = cost
  }

  decide(now: number): Decision {
    const { queue, maxBatch } = this
    if (!this.isIdle) return untilSomethingHappens
    queue.sort((a, b) => a.deadline - b.deadline || a.id - b.id)
    const size = Math.min(maxBatch, queue.length)
    const late = queue.filter((request) => !this.#survives(request, size, now))
    if (late.length > 0) {
      for (const { id } of late) this.remove(id)
      return this.refuse(late, now)
    }
    if (size === 0) return untilSomethingHappens
    return this.send(queue.splice(0, size), size === maxBatch ? 'full' : 'idle')
  }

  #survives({ deadline, bucket }: Request, rows: number, now: number): boolean {
    return now + this.#cost.predict(bucket, rows).high <= deadline
  }
}
