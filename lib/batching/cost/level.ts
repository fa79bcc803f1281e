/** Executions that are looked at, and the least that say anything. */
const memory = 5
const enough = 3
/** Executions in a row after which the unusual is the usual. */
const lasting = 30

/**
 * How much slower or faster everything is than usual: a clock throttled, a neighbour came. It is what most of the last few
 * executions have in common, of whatever size, so that one accident says nothing and three executions end what is over.
 */
export class Level {
  /** Errors of the last executions; 0 for what is usual. */
  #unusual: number[] = []
  #recent: number[] = []
  #since = 0
  #log = 0

  /** Logarithm of the factor; 0: as usual. */
  get log(): number {
    return this.#log
  }

  /** The same for somebody who hopes: as usual, or as the fastest of the last executions if that was faster. */
  get hope(): number {
    return Math.min(0, ...this.#unusual)
  }

  /**
   * @param error Logarithm of an execution's time to its usual one.
   * @param limit Errors up to this are usual.
   * @returns What has lasted so long that it is to be added to all usual times; mostly 0.
   */
  next(error: number, limit: number): number {
    this.#remember(error, limit)
    const median = this.#recent.toSorted((a, b) => a - b)[this.#recent.length >> 1]!
    this.#log = this.#recent.length < enough || Math.abs(median) <= limit ? 0 : median
    this.#since = this.#log === 0 ? 0 : this.#since + 1
    if (this.#since < lasting) return 0
    const lasted = this.#log
    this.#recent = []
    this.#unusual = []
    this.#log = this.#since = 0
    return lasted
  }

  #remember(error: number, limit: number): void {
    this.#recent.push(error)
    this.#unusual.push(Math.abs(error) <= limit ? 0 : error)
    if (this.#recent.length <= memory) return
    this.#recent.shift()
    this.#unusual.shift()
  }
}
