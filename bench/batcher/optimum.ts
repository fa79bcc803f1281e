import { cost, msOf, type Trace } from './scenarios.js'

/**
 * The most requests that anybody could answer in time, who knew all arrivals beforehand and for whom executions took exactly
 * what they take on average. One lane. Exact for requests of at most two budgets.
 *
 * Of two requests with the same budget the earlier one also has the earlier deadline, so that swapping them harms neither:
 * requests of one budget are served in order, and of those between two batches the latest ones are the ones to take. All that
 * remains of a past is how far each budget has been considered, how many were answered, and when the lane is free at the
 * earliest; which is what the table holds. It need not hold everything:
 * - Who has been considered behind others of the other budget by more than that budget can no longer be answered.
 * - To have answered many fewer than the best is of no use: a lane that is free at once gains at most what one that is busy with
 *   requests until their deadlines can catch up by leaving out, `band` of them.
 */
export function optimum(trace: Trace): number {
  const budgets = [...new Set(trace.budgets)].sort((a, b) => a - b)
  if (budgets.length > 2) throw new RangeError(`${budgets.length} different budgets: the search knows two at most.`)
  const times = [0, 1].map((which) => trace.times.filter((_, i) => trace.budgets[i] === budgets[which]))
  // With one budget only the second kind is empty.
  const kinds = [0, 1].map((which) => ({ times: times[which]!, budget: budgets[which] ?? 0 }))
  return new Search(kinds[0]!, kinds[1]!).most()
}

interface Kind {
  readonly times: Float64Array
  readonly budget: number
}

/** Of so many requests considered of the second kind: the earliest times at which the lane is free, by answers from `first` on. */
interface Cell {
  first: number
  readonly free: Float64Array
}

class Search {
  readonly #a: Kind
  readonly #b: Kind
  readonly #band: number
  /** The last rows of the table, by requests considered of the first kind. */
  readonly #rows: Map<number, Cell>[] = []

  constructor(a: Kind, b: Kind) {
    this.#a = a
    this.#b = b
    // Full batches until the last deadline, and the one that runs.
    this.#band = cost.maxBatch * (2 + Math.ceil(Math.max(a.budget, b.budget) / msOf(cost.maxBatch)))
  }

  most(): number {
    const [lengthA, lengthB] = [this.#a.times.length, this.#b.times.length]
    let low = 0
    for (let a = 0; a <= lengthA; a++) {
      while (low < lengthB && this.#isPast(a, low)) low++
      if (this.#rows.length > cost.maxBatch) this.#rows.shift()
      this.#rows.push(new Map())
      for (let b = low; b <= lengthB && !this.#isEarly(a, b); b++) this.#fill(a, b)
    }
    const { first, free } = this.#rows.at(-1)!.get(lengthB)!
    return first + free.findLastIndex((time) => time < Infinity)
  }

  /** Those of the second kind up to `b` could not be answered any more when the a-th of the first came, nor the next one. */
  #isPast(a: number, b: number): boolean {
    return a > 0 && this.#b.times[b]! + this.#b.budget < this.#a.times[a - 1]!
  }

  /** The next of the first kind could no longer be answered when the b-th of the second came. */
  #isEarly(a: number, b: number): boolean {
    return b > 0 && a < this.#a.times.length && this.#a.times[a]! + this.#a.budget < this.#b.times[b - 1]!
  }

  #cell(a: number, b: number, back: number): Cell | undefined {
    return this.#rows[this.#rows.length - 1 - back]?.get(b)
  }

  /** The best when the first `a` and `b` have been considered: the last of each is left out, or the last batch ends with it. */
  #fill(a: number, b: number): void {
    const sources = [this.#cell(a, b - 1, 0), this.#cell(a - 1, b, 1)].filter((cell) => cell !== undefined)
    const first = Math.max(0, ...sources.map((cell) => cell.first))
    const cell = { first, free: new Float64Array(this.#band + cost.maxBatch).fill(Infinity) }
    if (a === 0 && b === 0) cell.free[0] = -Infinity
    for (const { first: from, free } of sources) {
      for (let k = first; k < from + free.length; k++) cell.free[k - first] = Math.min(cell.free[k - first]!, free[k - from]!)
    }
    for (let fromA = 0; fromA <= Math.min(a, cost.maxBatch); fromA++) {
      for (let fromB = fromA === 0 ? 1 : 0; fromB <= Math.min(b, cost.maxBatch - fromA); fromB++) this.#batch(cell, [a, fromA], [b, fromB])
    }
    this.#rows.at(-1)!.set(b, this.#narrow(cell))
  }

  /** A batch of the last `fromA` and `fromB` of those considered. */
  #batch(to: Cell, [a, fromA]: readonly [number, number], [b, fromB]: readonly [number, number]): void {
    const from = this.#cell(a - fromA, b - fromB, fromA)
    if (from === undefined) return
    const ready = Math.max(fromA > 0 ? this.#a.times[a - 1]! : -Infinity, fromB > 0 ? this.#b.times[b - 1]! : -Infinity)
    const dueA = fromA > 0 ? this.#a.times[a - fromA]! + this.#a.budget : Infinity
    const dueB = fromB > 0 ? this.#b.times[b - fromB]! + this.#b.budget : Infinity
    const rows = fromA + fromB
    const ms = msOf(rows)
    const latest = Math.min(dueA, dueB) - ms
    if (ready > latest) return
    const shift = from.first + rows - to.first
    for (let k = Math.max(0, -shift); k < from.free.length; k++) {
      const start = Math.max(ready, from.free[k]!)
      if (start <= latest && start + ms < to.free[k + shift]!) to.free[k + shift] = start + ms
    }
  }

  /** Forgets those who have answered too few. */
  #narrow({ first, free }: Cell): Cell {
    const best = free.findLastIndex((time) => time < Infinity)
    const drop = Math.max(0, best - this.#band + 1)
    if (drop === 0) return { first, free }
    free.copyWithin(0, drop)
    free.fill(Infinity, free.length - drop)
    return { first: first + drop, free }
  }
}
