import type { Decision, SchedulerOptions } from '../../../lib/batching/rule/types.js'
import { QueueRule, untilSomethingHappens } from './queue-rule.js'

/** All of BentoML's own: batches that the line is fitted to, milliseconds between two fits and between two looks at the queue. */
const samplesKept = 50
const refreshMs = 5000
const tickMs = 1
const decay = 0.95
/** Its first idea of a line, as shares of the largest latency; and the least slope. */
const firstSlope = 2 / 30
const firstOffset = 1 / 30
const leastSlope = 1e-6

interface Sample {
  readonly n: number
  readonly ms: number
  /** That the oldest of the batch had waited. */
  readonly wait: number
}

/** Time of a batch as a line through the last ones, and the mean wait of their oldest. */
class Optimizer {
  slope: number
  offset: number
  wait = 0
  readonly #samples: Sample[] = []
  #next = -Infinity

  constructor(maxLatency: number) {
    this.slope = Math.min(2, maxLatency * firstSlope)
    this.offset = Math.min(1, maxLatency * firstOffset)
  }

  add(sample: Sample, now: number): void {
    this.#samples.push(sample)
    if (this.#samples.length > samplesKept) this.#samples.shift()
    if (now < this.#next) return
    this.#next = now + refreshMs
    this.#fit()
  }

  #fit(): void {
    const samples = this.#samples
    const mean = (of: (sample: Sample) => number) => samples.reduce((sum, each) => sum + of(each), 0) / samples.length
    const [n, ms] = [mean((each) => each.n), mean((each) => each.ms)]
    const variance = mean((each) => (each.n - n) ** 2)
    // Where all were of one size, the least squares solution of least norm, as numpy.linalg.lstsq gives it.
    const slope = variance > 0 ? mean((each) => (each.n - n) * (each.ms - ms)) / variance : (ms * n) / (n * n + 1)
    this.slope = Math.max(leastSlope, slope)
    this.offset = Math.max(0, variance > 0 ? ms - slope * n : ms / (n * n + 1))
    this.wait = mean((each) => each.wait)
  }
}

/**
 * BentoML's adaptive batching (its dispatcher of version 1.2), except that its training batches are the warm-up's: cancels the
 * oldest while the whole queue, as one batch, would be late; waits for more while that costs those in the queue less than
 * requests have been waiting; takes the newest first.
 */
export class BentoRule extends QueueRule {
  readonly #optimizer: Optimizer
  readonly #maxLatency: number
  #tick = -Infinity
  #sent = { n: 0, at: 0, wait: 0 }

  constructor(options: SchedulerOptions, maxLatency: number) {
    super(options)
    this.#maxLatency = maxLatency
    this.#optimizer = new Optimizer(maxLatency)
  }

  /** A training batch. */
  train(n: number, ms: number): void {
    this.#optimizer.add({ n, ms, wait: 0 }, -Infinity)
  }

  override finished(lane: number, now: number, measured: { bucket: number; rows: number; ms: number } | null): void {
    super.finished(lane, now, measured)
    const { n, at, wait } = this.#sent
    this.#optimizer.add({ n, ms: now - at, wait }, now)
  }

  decide(now: number): Decision {
    const { queue, maxBatch } = this
    const { slope, offset, wait } = this.#optimizer
    const n = queue.length
    if (n === 0) return untilSomethingHappens
    if (now < this.#tick) return { kind: 'wait', until: this.#tick }
    const oldest = now - queue[0]!.enqueued
    if (n > 1 && oldest + slope * n + offset >= this.#maxLatency) return this.refuse([queue.shift()!], now)
    if (!this.isIdle) {
      if (n === 1 && oldest >= this.#maxLatency) return this.refuse([queue.shift()!], now)
      return this.#sleep(now)
    }
    const newest = now - queue[n - 1]!.enqueued
    if (n < maxBatch && n * (newest + tickMs + slope) <= decay * wait) return this.#sleep(now)
    const members = queue.splice(-maxBatch, maxBatch).toReversed()
    this.#sent = { n: members.length, at: now, wait: now - members.at(-1)!.enqueued }
    return this.send(members, members.length === maxBatch ? 'full' : 'idle')
  }

  #sleep(now: number): Decision {
    this.#tick = now + tickMs
    return { kind: 'wait', until: this.#tick }
  }
}
