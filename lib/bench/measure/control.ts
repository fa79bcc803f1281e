import { agreeing, isStable, type WindowFacts } from './stability.js'

/** How long a load is held. Times in milliseconds. */
export interface StepLimits {
  /** What is sent before is not counted. */
  warmUp: number
  /** Measures at least this long: three windows. 0: no windows, `iterations` alone decide. */
  duration: number
  /** … and at least this many requests. */
  iterations: number
  /** Windows may differ by this share; beyond, further ones are measured. 0: not judged. */
  stability: number
  /** … up to this many. */
  maxWindows: number
}

export interface Window extends WindowFacts {
  from: number
  to: number
}

/** The part of a step that is reported. */
export interface Range {
  from: number
  to: number
  /** Null: not judged. */
  stable: boolean | null
}

/**
 * Decides when the measurement begins and when it ends. Pure but for what it is told: times are milliseconds since the
 * step began, and only grow.
 */
export class StepControl {
  readonly windows: Window[] = []
  #begun = 0
  /** Those of them that were begun when the last whole window ended. */
  #begunInWindows = 0
  #answered = 0
  #latency = 0
  #lastEnd = 0

  constructor(
    readonly limits: StepLimits,
    /** Once, when the warm-up is over. */
    private readonly onMeasuring: () => void = () => undefined,
  ) {}

  #measuring = false
  #over = false

  /** A request intended for `at` is being sent. */
  begin(at: number): void {
    if (at >= this.limits.warmUp) this.#begun++
  }

  /** A request ended now: `latency` of an answer, null of anything else. */
  end(now: number, latency: number | null): void {
    this.#roll(now)
    this.#lastEnd = Math.max(this.#lastEnd, now)
    if (latency === null || now < this.limits.warmUp) return
    this.#answered++
    this.#latency += latency
  }

  /** Whether more must be sent. Once it said no it says no, and what ends later makes no windows any more. */
  proceed(now: number): boolean {
    this.#roll(now)
    this.#over ||= this.#enough()
    return !this.#over
  }

  #enough(): boolean {
    const { duration, iterations, stability, maxWindows } = this.limits
    if (!this.#measuring) return false
    if (duration === 0) return this.#begun >= iterations
    if (this.windows.length < agreeing || this.#begunInWindows < iterations) return false
    return stability === 0 || this.windows.length >= maxWindows || isStable(this.windows, stability)
  }

  /** The last three windows, or as many more as `iterations` need; everything after the warm-up where there are no windows. */
  range(startsIn: (from: number, to: number) => number): Range {
    const { duration, warmUp, iterations, stability } = this.limits
    if (duration === 0) return { from: warmUp, to: Math.max(this.#lastEnd, warmUp), stable: null }
    let first = Math.max(0, this.windows.length - agreeing)
    const to = this.windows.at(-1)?.to ?? warmUp
    const from = () => this.windows[first]?.from ?? warmUp
    while (first > 0 && startsIn(from(), to) < iterations) first--
    return { from: from(), to, stable: stability > 0 ? isStable(this.windows, stability) : null }
  }

  #roll(now: number): void {
    const { warmUp, duration } = this.limits
    if (!this.#measuring && now >= warmUp) {
      this.#measuring = true
      this.onMeasuring()
    }
    if (duration === 0 || this.#over) return
    const length = duration / agreeing
    for (let to = this.#windowEnd(length); now >= to; to = this.#windowEnd(length)) {
      const throughput = (this.#answered * 1000) / length
      const latency = this.#answered === 0 ? 0 : this.#latency / this.#answered
      this.windows.push({ from: to - length, to, throughput, latency })
      this.#answered = this.#latency = 0
      this.#begunInWindows = this.#begun
    }
  }

  /** Counted, not added up: a sum of thirds drifts. */
  #windowEnd(length: number): number {
    return this.limits.warmUp + (this.windows.length + 1) * length
  }
}
