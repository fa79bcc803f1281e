/** Observations after which a size's own history says more than its first impressions. */
const firstImpressions = 3
/** Weight of a new observation in the long run: a third or three times of it changes no goodput by more than chance does. */
const leastGain = 0.03

/** What executions of one number of rows took: natural logarithms of milliseconds, so that errors are relative. */
export class SizeCost {
  /** Typical time. */
  log: number
  /** Mean absolute error of it. */
  deviation = 0
  /** Real executions seen. */
  count = 0
  /** The first few, while an outlier among them could not be told from the rest. */
  #first: number[]

  constructor(
    readonly rows: number,
    log: number,
    seeded: boolean,
  ) {
    this.log = log
    this.#first = [log]
    if (!seeded) this.count = 1
  }

  /** Weight in the fit over sizes: old knowledge is not worth more than the window of the moving mean. */
  get weight(): number {
    return Math.min(1 + this.count, 1 / leastGain)
  }

  /** Whether errors of this size can be judged. */
  get settled(): boolean {
    return this.#first.length >= firstImpressions
  }

  learn(log: number, limit: number): void {
    this.count++
    if (this.settled) return this.#average(log, limit)
    this.deviation += (Math.min(Math.abs(log - this.log), limit) - this.deviation) / (this.count + 1)
    this.impress(log)
  }

  /** The median of the first few; of two the lower one, because disturbances only ever add time. */
  impress(log: number): void {
    if (this.settled) return
    this.#first.push(log)
    const sorted = this.#first.toSorted((a, b) => a - b)
    this.log = sorted[(sorted.length - 1) >> 1]!
  }

  #average(log: number, limit: number): void {
    const error = Math.max(-limit, Math.min(limit, log - this.log))
    const gain = Math.max(leastGain, 1 / (this.count + 1))
    this.log += gain * error
    this.deviation += gain * (Math.abs(error) - this.deviation)
  }

  shift(by: number): void {
    this.log += by
    this.#first = this.#first.map((log) => log + by)
  }
}
