import { type BatchEvent, channels, type RequestEvent } from '../../lib/core/channels.js'
import { TrtError } from '../../lib/core/errors.js'
import { seededRandom } from '../../lib/core/random.js'
import type { Inputs, RunOptions } from '../../lib/core/runner.js'
import type { VirtualTime } from './virtual-time.js'

interface Waiting {
  event: RequestEvent
  resolve: (outputs: object) => void
  reject: (error: TrtError) => void
}

const maxBatch = 16

/**
 * The simplest batcher that tells of itself as MicroBatcher does: one lane, whatever waits goes at once, first come first
 * served; what cannot be answered in time is refused. Batches of n take 4 + n / 2 ms, give or take some noise.
 */
export class SimulatedBatcher {
  readonly #queue: Waiting[] = []
  readonly #random = seededRandom(7)
  #busy = false
  #requests = 0
  #batches = 0

  constructor(private readonly time: VirtualTime) {}

  run(_: Inputs, { deadline = Infinity, priority = 0 }: RunOptions = {}): Promise<object> {
    const event: RequestEvent = { runner: this, id: ++this.#requests, rows: 1, priority, deadline, started: this.time.now() }
    const answer = new Promise<object>((resolve, reject) => this.#queue.push({ event, resolve, reject }))
    if (!this.#busy) void this.#work()
    return answer
  }

  async #work(): Promise<void> {
    this.#busy = true
    // What arrives at the same moment shares the batch.
    await this.time.sleep(0)
    while (this.#queue.length > 0) {
      const members = this.#take()
      if (members.length > 0) await this.#execute(members)
    }
    this.#busy = false
  }

  #take(): Waiting[] {
    const taken: Waiting[] = []
    while (taken.length < maxBatch && this.#queue.length > 0) {
      const next = this.#queue.shift()!
      if (this.time.now() + serviceMs(maxBatch) <= next.event.deadline) taken.push(next)
      else next.reject(new TrtError('TRT_ERR_DEADLINE', 'too late', { reason: 'deadline' }))
    }
    return taken
  }

  async #execute(members: readonly Waiting[]): Promise<void> {
    const began = this.time.now()
    const predicted = serviceMs(members.length)
    const batch: BatchEvent = {
      runner: this,
      id: ++this.#batches,
      lane: 0,
      bucket: 'x[8]',
      rows: members.length,
      requests: members.map(({ event }) => event),
      reason: members.length === maxBatch ? 'full' : 'idle',
      predicted,
      started: began,
    }
    const compute = predicted * (0.95 + 0.1 * this.#random())
    await this.time.sleep(compute)
    batch.ended = this.time.now()
    channels.batchEnd.publish(batch)
    for (const { event, resolve } of members) {
      const queue = began - event.started
      const times = { queue, assembly: 0.1, compute, split: 0.2, total: this.time.now() - event.started }
      channels.requestEnd.publish(Object.assign(event, { outcome: 'answered', ended: this.time.now(), times, batch }))
      resolve({})
    }
  }
}

export function serviceMs(rows: number): number {
  return 4 + rows / 2
}
