import type { Queued } from './queued.js'

/** The earliest requests of a bucket as numbers: what the choice of a batch size looks at. Times count from now. */
export class Window {
  /** Of those with a deadline: how long until it, ascending. */
  slack = new Float64Array(64)
  /** Rows of all before each of them, and at [count] of all. */
  sum = new Float64Array(65)
  count = 0
  /** Rows of those without a deadline. */
  restRows = 0

  /** @param items By due time. */
  update(items: readonly Queued[], now: number): void {
    if (this.slack.length < items.length) {
      this.slack = new Float64Array(2 * items.length)
      this.sum = new Float64Array(2 * items.length + 1)
    }
    this.count = 0
    this.restRows = 0
    let rows = 0
    for (const item of items) {
      if (item.deadline === Infinity) {
        this.restRows += item.rows
        continue
      }
      this.slack[this.count] = item.deadline - now
      rows += item.rows
      this.sum[++this.count] = rows
    }
  }

  get rows(): number {
    return this.sum[this.count]! + this.restRows
  }

  /** Index of the first with at least this much time left; `count`: none has. */
  firstFrom(slack: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.slack[middle]! < slack) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Rows of those with at least this much time left. */
  rowsFrom(slack: number): number {
    return this.sum[this.count]! - this.sum[this.firstFrom(slack)]!
  }

  /** Index behind the last of those from `first` on that fit into `rows` together. */
  endOf(first: number, rows: number): number {
    const most = this.sum[first]! + rows
    let low = first
    let high = this.count
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.sum[middle]! <= most) low = middle
      else high = middle - 1
    }
    return low
  }
}
