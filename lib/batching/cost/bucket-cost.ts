import { highQuantile } from '../rule/chance.js'
import type { Prediction } from '../rule/types.js'
import { Level } from './level.js'
import { straighten } from './pieces.js'
import { SizeCost } from './size-cost.js'

/** Standard deviation of log times before anything is known, and how many executions that guess is worth. */
const priorSpread = 0.05
const priorWeight = 8
const leastSpread = 0.005
/** Mean absolute deviation to standard deviation. */
const perDeviation = Math.sqrt(Math.PI / 2)
/** Errors beyond so many standard deviations teach no more than this. */
const outlier = 3
/** Of the time of the one size that is known: what is taken to be the same for every other. */
const fixedShare = 0.5

/** Share of each size's error that the other sizes take on. Without it costs that creep up to twice cost 2.3 points of goodput; twice or four times as much is no better. */
const shared = 0.05

const unknownSize = { weight: 0, deviation: 0 }

/** Time by rows for one bucket. */
export class BucketCost {
  /** Ascending by rows. */
  readonly #sizes: SizeCost[] = []
  readonly #level = new Level()
  /** By size: milliseconds that never fall as rows grow, their weight in the fit, and how much more the high estimate is. */
  #ms = new Float64Array()
  #rows = new Float64Array()
  #weights = new Float64Array()
  #factor = new Float64Array()
  #pooledDeviation = 0
  #pooledWeight = 0
  #stale = true

  seed(rows: number, ms: number): void {
    const size = this.#find(rows)
    if (size === undefined) this.#insert(new SizeCost(rows, Math.log(ms), true))
    else if (size.count === 0) size.impress(Math.log(ms))
    this.#stale = true
  }

  observe(rows: number, ms: number): void {
    const log = Math.log(ms)
    const size = this.#find(rows)
    const limit = outlier * this.#spreadOf(size)
    const lasted = this.#level.next(log - this.#usual(size, rows, log), limit)
    if (lasted !== 0) for (const each of this.#sizes) each.shift(lasted)
    this.#stale = true
    // What is learned in an unusual time would still be believed when it is over.
    if (lasted !== 0 || this.#level.log !== 0) return
    if (size === undefined) return this.#insert(this.#begin(rows, log, limit))
    if (size.settled) this.#lean(Math.max(-limit, Math.min(limit, log - size.log)))
    size.learn(log, limit)
  }

  /** A size's first execution is slow by accident or because costs have a step there: what the others say is its first impression. */
  #begin(rows: number, log: number, limit: number): SizeCost {
    if (this.#sizes.length < 2) return new SizeCost(rows, log, false)
    const size = new SizeCost(rows, this.#usual(undefined, rows, log), true)
    size.learn(log, limit)
    return size
  }

  /** Logarithm of the usual time; of a size that nothing is known of, what was just measured. */
  #usual(size: SizeCost | undefined, rows: number, measured: number): number {
    if (size !== undefined) return size.log
    return this.#sizes.length < 2 ? measured : Math.log(this.predict(rows).mean) - this.#level.log
  }

  /** What moves one size moves the others a little: a device that warms up or is shared slows them all. */
  #lean(error: number): void {
    for (const each of this.#sizes) each.shift(shared * error)
  }

  predict(rows: number): Prediction {
    if (this.#stale) this.#fit()
    const sizes = this.#sizes
    if (sizes.length === 0) return { mean: 0, high: 0, usual: 0 }
    const above = this.#firstFrom(rows)
    const nearest = Math.min(above, sizes.length - 1)
    const mean = sizes[nearest]!.rows === rows ? this.#ms[nearest]! : this.#between(nearest, rows)
    const high = mean * this.#factor[nearest]!
    return { mean, high, usual: high * Math.exp(this.#level.hope - this.#level.log) }
  }

  /** `above`: index of the first size with more rows, or of the last. */
  #between(above: number, rows: number): number {
    const sizes = this.#sizes
    if (sizes.length === 1) return this.#ms[0]! * (fixedShare + ((1 - fixedShare) * rows) / sizes[0]!.rows)
    const right = Math.max(1, above)
    const x0 = sizes[right - 1]!.rows
    const y0 = this.#ms[right - 1]!
    const slope = (this.#ms[right]! - y0) / (sizes[right]!.rows - x0)
    const line = y0 + slope * (rows - x0)
    // Below the smallest size, time falls at most as rows do.
    return rows < x0 ? Math.max(line, (y0 * rows) / x0) : line
  }

  #fit(): void {
    const sizes = this.#sizes
    if (this.#ms.length !== sizes.length) {
      this.#ms = new Float64Array(sizes.length)
      this.#rows = new Float64Array(sizes.length)
      this.#weights = new Float64Array(sizes.length)
      this.#factor = new Float64Array(sizes.length)
    }
    this.#pool()
    for (let i = 0; i < sizes.length; i++) {
      const size = sizes[i]!
      const ms = Math.exp(size.log + this.#level.log)
      const spread = this.#spreadOf(size)
      this.#rows[i] = size.rows
      this.#ms[i] = ms
      this.#weights[i] = size.weight / (ms * spread) ** 2
      this.#factor[i] = Math.exp(highQuantile * spread)
    }
    straighten(this.#rows, this.#ms, this.#weights)
    this.#stale = false
  }

  /** What an average size spreads: those that are rarely seen spread like the others. */
  #pool(): void {
    this.#pooledDeviation = 0
    this.#pooledWeight = 0
    for (const { weight, deviation } of this.#sizes) {
      this.#pooledDeviation += (weight * deviation) / this.#sizes.length
      this.#pooledWeight += weight / this.#sizes.length
    }
  }

  #spreadOf({ weight, deviation }: Pick<SizeCost, 'weight' | 'deviation'> = unknownSize): number {
    const sum = (priorWeight * priorSpread) / perDeviation + this.#pooledDeviation + weight * deviation
    return Math.max(leastSpread, (perDeviation * sum) / (priorWeight + this.#pooledWeight + weight))
  }

  #find(rows: number): SizeCost | undefined {
    const size = this.#sizes[this.#firstFrom(rows)]
    return size?.rows === rows ? size : undefined
  }

  #insert(size: SizeCost): void {
    this.#sizes.splice(this.#firstFrom(size.rows), 0, size)
    this.#stale = true
  }

  /** Index of the first size with at least `rows`. */
  #firstFrom(rows: number): number {
    const sizes = this.#sizes
    let low = 0
    let high = sizes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (sizes[middle]!.rows < rows) low = middle + 1
      else high = middle
    }
    return low
  }
}
