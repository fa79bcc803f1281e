import { type Clock, systemClock } from '../../core/clock.js'
import { longestTimeout, systemTimers, type Timers } from '../../core/timers.js'

/** Where time comes from; tests inject their own. */
export interface TimeOptions {
  /** Deadlines are absolute on it. Default: `performance.now()`. */
  clock?: Clock
  /** Default: Node's. */
  timers?: Timers
}

export const timeKeys = ['clock', 'timers'] as const

/** A clock with its timers. */
export class Time {
  readonly #clock: Clock
  readonly #timers: Timers

  constructor({ clock = systemClock, timers = systemTimers }: TimeOptions) {
    this.#clock = clock
    this.#timers = timers
  }

  now(): number {
    return this.#clock.now()
  }

  /** Rings once the clock says `at`; Infinity: never. @returns What cancels it. */
  ringAt(at: number, ring: () => void): () => void {
    if (at === Infinity) return () => {}
    let handle: unknown
    const arm = (now: number) => {
      handle = this.#timers.setTimeout(again, Math.min(longestTimeout, Math.max(0, at - now)))
    }
    // Timers may be early, and cannot wait for more than some weeks.
    const again = () => {
      const now = this.now()
      if (now >= at) ring()
      else arm(now)
    }
    arm(this.now())
    return () => this.#timers.clearTimeout(handle)
  }
}
