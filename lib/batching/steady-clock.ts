import type { Clock } from '../core/clock.js'

/** The caller's clock as one that never goes back: after a step back it continues from where it was. */
export class SteadyClock implements Clock {
  readonly #source: Clock
  #last = -Infinity
  /** What the steps back have taken. */
  #lost = 0

  constructor(source: Clock) {
    this.#source = source
  }

  now(): number {
    const given = this.#source.now()
    const time = given + this.#lost
    if (time >= this.#last) {
      this.#last = time
      return time
    }
    // A clock that answers NaN is taken to have stopped.
    if (time < this.#last) this.#lost += this.#last - time
    return this.#last
  }

  /** An absolute time of the caller's clock, on this one. */
  fromCaller(time: number): number {
    return time + this.#lost
  }

  toCaller(time: number): number {
    return time - this.#lost
  }
}
