import type { ArrivalKind, Trend } from './arrivals.js'
import type { Sizes } from './sizes.js'
import type { Window } from './window.js'

/**
 * Rows count in full when they are served within so many long batches, and nothing after so many. Where loads stay the same a
 * longer look is a little better (0.2 points at mixed deadlines against half of it) and costs as much more to compute.
 */
const nearBatches = 4
export const farBatches = 24
/** Services looked ahead at most, and the least that time moves on at each, in milliseconds. */
const mostSteps = 64
const leastStep = 1e-3
const rounding = 1e-6

/** The first batch of a future. */
export interface FirstBatch {
  readonly lane: number
  /** Rows that should be in time; 0: none is sent, the lane just stays idle for `ms`. */
  readonly expected: number
  readonly ms: number
  /** Slack of the last one taken: those before it are served or lost. */
  readonly cut: number
  /** Rows without a deadline among them. */
  readonly rest: number
}

/** What a future depends on. */
export interface Prospect {
  readonly window: Window
  readonly sizes: Sizes
  readonly kinds: readonly ArrivalKind[]
  readonly trend: Trend
  /** Milliseconds of a long batch: the horizon is a few of them. */
  readonly unit: number
}

/**
 * What the next moments bring, in expected values: requests keep arriving at their rates, until the trend ends and then at what is usual, and each lane that is free takes as
 * many as survive. Requests are served in the order of their deadlines, so all that remains of a queue is where it is cut: a
 * point in this future is a time, and one cut for the queue and for each kind of arrivals. All times count from now.
 */
export class Outlook {
  #window!: Window
  #sizes!: Sizes
  #near = 0
  #far = 0
  /** By kind of arrival with a deadline. */
  readonly #slack: number[] = []
  readonly #rate: number[] = []
  #restRate = 0
  #totalRate = 0
  /** Arrivals keep their rates so long; then `after` times those. */
  #lasts = Infinity
  #after = 1
  /** Where the future has got to. */
  readonly #free: number[] = []
  readonly #cut: number[] = []
  #queueCut = 0
  #lost = 0
  #restServed = 0

  prepare({ window, sizes, kinds, trend, unit }: Prospect): void {
    this.#window = window
    this.#sizes = sizes
    this.#lasts = trend.lasts
    this.#after = trend.after
    this.#near = nearBatches * unit
    this.#far = farBatches * unit
    this.#slack.length = 0
    this.#rate.length = 0
    this.#restRate = 0
    this.#totalRate = 0
    for (const { slack, rate } of kinds) {
      this.#totalRate += rate
      if (slack === Infinity) this.#restRate += rate
      else {
        this.#slack.push(slack)
        this.#rate.push(rate)
      }
    }
  }

  /** Rows served in a future that begins with `first`, later ones counting less. @param lanes When each is free. */
  value(lanes: readonly number[], first: FirstBatch): number {
    const free = this.#free
    free.length = 0
    for (const at of lanes) free.push(at)
    free[first.lane]! += first.ms
    this.#cut.length = 0
    for (let i = 0; i < this.#slack.length; i++) this.#cut.push(0)
    this.#queueCut = first.cut
    this.#restServed = first.rest
    this.#lost = 0
    let value = first.expected * this.#worth(first.ms / 2)
    for (let step = 0; step < mostSteps; step++) {
      const lane = earliest(free)
      const at = free[lane]!
      if (at >= this.#far) break
      const chosen = this.#mostThatSurvive(at)
      if (chosen < 0) free[lane] = at + this.#untilNext(at)
      else {
        const rows = this.#sizes.rows[chosen]!
        const ms = this.#sizes.mean[chosen]!
        this.#serve(rows, at, at + this.#sizes.high[chosen]!)
        value += rows * this.#worth(at + ms / 2)
        free[lane] = at + Math.max(leastStep, ms)
      }
    }
    return value
  }

  /** Rows that no batch of the future valued last could take in time. */
  get lost(): number {
    return this.#lost
  }

  #worth(at: number): number {
    if (at <= this.#near) return 1
    return at >= this.#far ? 0 : (this.#far - at) / (this.#far - this.#near)
  }

  /** Index of the largest size that enough rows would survive when begun `at`; -1: none. */
  #mostThatSurvive(at: number): number {
    const { rows, high, count } = this.#sizes
    const rest = this.#restAt(at)
    let low = -1
    let end = count - 1
    while (low < end) {
      const middle = (low + end + 1) >> 1
      if (this.#dueFrom(at + high[middle]!, at) + rest >= rows[middle]! - rounding) low = middle
      else end = middle - 1
    }
    return low
  }

  /** Milliseconds until the smallest batch has come together. */
  #untilNext(at: number): number {
    const missing = this.#sizes.rows[0]! - this.#dueFrom(at + this.#sizes.high[0]!, at) - this.#restAt(at)
    return this.#totalRate < rounding ? Infinity : Math.max(leastStep, missing / this.#totalRate)
  }

  /** Rows without a deadline that wait. */
  #restAt(at: number): number {
    return this.#window.restRows + this.#restRate * this.#arrived(at) - this.#restServed
  }

  /** What arrives until then, per unit of the present rate. */
  #arrived(until: number): number {
    return until <= this.#lasts ? until : this.#lasts + this.#after * (until - this.#lasts)
  }

  /** Rows waiting with a deadline from `due` on. */
  #dueFrom(due: number, at: number): number {
    return this.#window.rowsFrom(Math.max(this.#queueCut, due)) + this.#arrivedBetween(due, Infinity, at)
  }

  /** Of the waiting ones that are yet to arrive, the rows with a deadline between. */
  #arrivedBetween(from: number, to: number, at: number): number {
    let rows = 0
    for (let i = 0; i < this.#slack.length; i++) {
      const slack = this.#slack[i]!
      const last = Math.min(to - slack, at)
      const first = Math.max(from, slack, this.#cut[i]!) - slack
      if (last > first) rows += this.#rate[i]! * (this.#arrived(last) - this.#arrived(first))
    }
    return rows
  }

  /** Takes `rows` from those with a deadline from `due` on, the earliest first, and then from those without one. */
  #serve(rows: number, at: number, due: number): void {
    const waiting = this.#dueFrom(due, at)
    this.#lost += this.#dueFrom(-Infinity, at) - waiting
    if (waiting < rows) this.#restServed += rows - waiting
    const cut = waiting <= rows ? Infinity : this.#cutBehind(rows, due, at)
    this.#queueCut = Math.max(this.#queueCut, cut)
    // Those of a kind that arrive later still come.
    for (let i = 0; i < this.#slack.length; i++) this.#cut[i] = Math.max(this.#cut[i]!, Math.min(cut, this.#slack[i]! + at))
  }

  /** The deadline up to which `rows` wait, counted from `due`. */
  #cutBehind(rows: number, due: number, at: number): number {
    const { slack, sum, count } = this.#window
    const first = this.#window.firstFrom(Math.max(this.#queueCut, due))
    // The queued request within or before which the last row is.
    let low = first
    let high = count
    while (low < high) {
      const middle = (low + high) >> 1
      if (sum[middle + 1]! - sum[first]! + this.#arrivedBetween(due, slack[middle]!, at) < rows) low = middle + 1
      else high = middle
    }
    const from = low > first ? slack[low - 1]! : due
    const left = rows - (sum[low]! - sum[first]!) - this.#arrivedBetween(due, from, at)
    return Math.min(this.#cutAmongArrivals(left, from, at), low < count ? slack[low]! + rounding : Infinity)
  }

  /** The same among arrivals alone. */
  #cutAmongArrivals(rows: number, from: number, at: number): number {
    let cut = from
    let left = rows
    for (;;) {
      let rate = 0
      let next = Infinity
      for (let i = 0; i < this.#slack.length; i++) {
        const begin = Math.max(this.#slack[i]!, this.#cut[i]!)
        const end = this.#slack[i]! + at
        if (cut < begin && begin < end) next = Math.min(next, begin)
        else if (cut >= begin && cut < end) {
          const turn = this.#slack[i]! + this.#lasts
          rate += cut < turn ? this.#rate[i]! : this.#rate[i]! * this.#after
          next = Math.min(next, cut < turn ? Math.min(turn, end) : end)
        }
      }
      if (rate * (next - cut) >= left && rate > 0) return cut + left / rate
      if (next === Infinity) return Infinity
      left -= rate * (next - cut)
      cut = next
    }
  }
}

function earliest(free: readonly number[]): number {
  let best = 0
  for (let lane = 1; lane < free.length; lane++) if (free[lane]! < free[best]!) best = lane
  return best
}
