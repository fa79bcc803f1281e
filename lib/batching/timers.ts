import { longestTimeout, type Timers } from '../core/timers.js'

export { systemTimers, type Timers } from '../core/timers.js'

/** One timer for everything that a batcher waits for: it fires at the earliest time asked for, and is told anew each time. */
export class Alarm {
  readonly #timers: Timers
  readonly #ring: () => void
  #handle: unknown = null
  #at = Infinity

  constructor(timers: Timers, ring: () => void) {
    this.#timers = timers
    this.#ring = ring
  }

  /**
   * Rings at `at` at the latest; Infinity: not at all. A timer that is set for an earlier time stays: setting one for each
   * batch costs more than a call in vain.
   */
  set(at: number, now: number): void {
    if (at === Infinity) return this.clear()
    if (this.#handle !== null) {
      if (this.#at <= at && this.#at > now) return
      this.clear()
    }
    this.#at = at
    this.#handle = this.#timers.setTimeout(
      () => {
        this.#handle = null
        this.#ring()
      },
      Math.min(longestTimeout, Math.max(0, at - now)),
    )
  }

  clear(): void {
    if (this.#handle === null) return
    this.#timers.clearTimeout(this.#handle)
    this.#handle = null
  }
}
