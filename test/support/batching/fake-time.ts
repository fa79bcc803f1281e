import type { Clock } from '../../../lib/core/clock.js'
import type { Timers } from '../../../lib/batching/timers.js'

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** A clock and its timers that stand still until a test moves them. */
export class FakeTime implements Clock, Timers {
  #now: number
  #order = 0
  readonly #timers = new Set<Timer>()
  #immediates: (() => void)[] = []

  constructor(now = 1000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  /** Timers that wait to fire: a batcher may have one at most. */
  get armed(): number {
    return this.#timers.size
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const timer = { at: this.#now + ms, order: this.#order++, callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as Timer)
  }

  setImmediate(callback: () => void): void {
    this.#immediates.push(callback)
  }

  /** The clock jumps, backwards too, without a timer noticing. */
  jump(ms: number): void {
    this.#now += ms
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    do {
      const due = this.#immediates
      this.#immediates = []
      for (const callback of due) callback()
      await new Promise((resolve) => setImmediate(resolve))
    } while (this.#immediates.length > 0)
  }

  /** Moves the clock, stopping wherever a timer fires. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.settle()
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await this.settle()
    }
    this.#now = end
    await this.settle()
  }

  /** Moves the clock to where the next timer fires. */
  async ring(): Promise<void> {
    const next = this.#next(Infinity)
    if (next !== undefined) await this.advance(Math.max(0, next.at - this.#now))
  }

  #next(end: number): Timer | undefined {
    let best: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at > end) continue
      if (best === undefined || timer.at < best.at || (timer.at === best.at && timer.order < best.order)) best = timer
    }
    return best
  }
}
