/**
 * Time that passes at once: when nothing is left to do at the present moment, it jumps to the next thing that waits.
 * A clock, a pacer and timers, for whatever takes one of them.
 */
export class VirtualTime {
  #now: number
  #sequence = 0
  readonly #waiting = new Map<number, { at: number; sequence: number; wake: () => void }>()

  constructor(start = 0) {
    this.#now = start
  }

  readonly now = (): number => this.#now

  /** Of the event loop that is simulated: a later `setImmediate` of the same moment. */
  readonly setImmediate = (callback: () => void): unknown => this.setTimeout(callback, 0)

  readonly setTimeout = (callback: () => void, ms: number): unknown => this.#wakeAt(this.#now + Math.max(0, ms), callback)

  readonly clearTimeout = (handle: unknown): void => void this.#waiting.delete(handle as number)

  readonly sleepUntil = (time: number): Promise<void> => new Promise((resolve) => void this.#wakeAt(time, resolve))

  readonly sleep = (ms: number): Promise<void> => this.sleepUntil(this.#now + ms)

  /** Time that passes while nothing else can run. */
  jump(ms: number): void {
    this.#now += ms
  }

  /** Lets time pass until `work` has settled. */
  async run<T>(work: Promise<T>): Promise<T> {
    let settled = false
    const settle = () => void (settled = true)
    work.then(settle, settle)
    for (;;) {
      await turn()
      if (settled) return work
      const next = this.#next()
      if (next === undefined) throw new Error('everything waits and nothing is due')
      this.#waiting.delete(next.sequence)
      this.#now = Math.max(this.#now, next.at)
      next.wake()
    }
  }

  #wakeAt(at: number, wake: () => void): number {
    const sequence = this.#sequence++
    this.#waiting.set(sequence, { at, sequence, wake })
    return sequence
  }

  #next(): { at: number; sequence: number; wake: () => void } | undefined {
    let first: { at: number; sequence: number; wake: () => void } | undefined
    for (const each of this.#waiting.values()) {
      if (first === undefined || each.at < first.at || (each.at === first.at && each.sequence < first.sequence)) first = each
    }
    return first
  }
}

/** Promises settle first: all of them, however they hang together. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
