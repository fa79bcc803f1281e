import type { Decision, Request, SchedulerOptions } from '../../../lib/batching/rule/types.js'
import { QueueRule, untilSomethingHappens } from './queue-rule.js'

export interface FifoOptions {
  /** Milliseconds that the oldest may be held back for company while the lane is idle. */
  readonly delay: number
  /** Milliseconds in the queue after which a request is refused. */
  readonly timeout: (request: Request) => number
}

/**
 * First come, first served. With a delay of 0 and time-outs it is Triton's dynamic batcher as its source has it for one model
 * instance without preferred sizes: while the instance is busy nothing is formed; then those whose queue time-out has passed
 * are rejected, and the rest goes, oldest first, up to the largest batch. Its time-outs know nothing of how long executions take.
 */
export class FifoRule extends QueueRule {
  readonly #fifo: FifoOptions

  constructor(options: SchedulerOptions, fifo: FifoOptions) {
    super(options)
    this.#fifo = fifo
  }

  decide(now: number): Decision {
    const { queue, maxBatch } = this
    if (!this.isIdle) return untilSomethingHappens
    const expired = queue.filter((request) => now - request.enqueued >= this.#fifo.timeout(request))
    if (expired.length > 0) {
      for (const { id } of expired) this.remove(id)
      return this.refuse(expired, now)
    }
    if (queue.length === 0) return untilSomethingHappens
    const due = queue[0]!.enqueued + this.#fifo.delay
    if (queue.length < maxBatch && now < due) return { kind: 'wait', until: due }
    const reason = queue.length >= maxBatch ? 'full' : this.#fifo.delay > 0 ? 'delay' : 'idle'
    return this.send(queue.splice(0, maxBatch), reason)
  }
}
