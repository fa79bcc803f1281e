import type { CostModel } from './types.js'

/** Up to this many rows every size is considered; beyond, sizes this far apart in proportion. */
const everyUpTo = 16
const stepUp = 1.25

/** The batch sizes that are considered for one bucket, ascending, with what they cost. */
export class Sizes {
  readonly rows: Int32Array
  readonly mean: Float64Array
  readonly high: Float64Array
  count = 0
  readonly #grid: readonly number[]

  constructor(
    readonly maxRows: number,
    preferred: readonly number[],
  ) {
    this.#grid = gridOf(maxRows, preferred)
    const room = this.#grid.length + 1
    this.rows = new Int32Array(room)
    this.mean = new Float64Array(room)
    this.high = new Float64Array(room)
  }

  /** Looks costs up. @param all So many rows are queued: sending just those is always considered. */
  update(cost: CostModel, bucket: number, all: number): void {
    this.count = 0
    let wanted = Math.min(all, this.maxRows)
    for (const rows of this.#grid) {
      if (wanted < rows) this.#add(cost, bucket, wanted)
      if (wanted <= rows) wanted = Infinity
      this.#add(cost, bucket, rows)
    }
  }

  #add(cost: CostModel, bucket: number, rows: number): void {
    const { mean, high } = cost.predict(bucket, rows)
    const at = this.count++
    this.rows[at] = rows
    // Whatever the model says, more rows never take less time.
    this.mean[at] = at > 0 ? Math.max(mean, this.mean[at - 1]!) : mean
    this.high[at] = at > 0 ? Math.max(high, this.high[at - 1]!) : high
  }

  /** Index of the smallest size of at least `rows`, or of the largest. */
  indexOf(rows: number): number {
    let index = 0
    while (index < this.count - 1 && this.rows[index]! < rows) index++
    return index
  }

  /** Largest batch: its mean time. */
  get longest(): number {
    return this.mean[this.count - 1]!
  }
}

function gridOf(maxRows: number, preferred: readonly number[]): number[] {
  const grid = new Set(preferred.filter((rows) => rows >= 1 && rows <= maxRows))
  for (let rows = 1; rows <= maxRows; rows = rows < everyUpTo ? rows + 1 : Math.ceil(rows * stepUp)) grid.add(rows)
  grid.add(maxRows)
  return [...grid].sort((a, b) => a - b)
}
