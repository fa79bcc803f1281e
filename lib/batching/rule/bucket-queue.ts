import { Arrivals } from './arrivals.js'
import { DueQueue } from './due-queue.js'
import { type PriorityClass, pickByWeight } from './priority-class.js'
import { isBefore, type Queued } from './queued.js'
import { Sizes } from './sizes.js'
import type { CostModel } from './types.js'
import { Window } from './window.js'

/** Batches that a decision looks ahead: so many rows of the queue it must see in order. */
const batchesSeen = 8

export interface BucketOptions {
  readonly maxRows: number
  readonly preferred: readonly number[]
  readonly weightOf: (priority: number) => number
}

/** The queue of one bucket. */
export class BucketQueue {
  readonly arrivals = new Arrivals()
  readonly sizes: Sizes
  readonly window = new Window()
  size = 0
  rows = 0
  /** Since when some request has waited and none was served. */
  since = 0
  /** Since when it has been held back for company; NaN: it has not. */
  heldSince = Number.NaN
  /** When an execution was last begun. */
  lastSent = -Infinity
  readonly #classes: PriorityClass[] = []
  readonly #options: BucketOptions
  readonly #merged: Queued[] = []

  constructor(
    readonly id: number,
    options: BucketOptions,
  ) {
    this.#options = options
    this.sizes = new Sizes(options.maxRows, options.preferred)
  }

  get maxRows(): number {
    return this.#options.maxRows
  }

  insert(item: Queued, now: number): void {
    if (this.size === 0) this.since = now
    const each = this.#classOf(item.priority)
    if (each.queue.size === 0) this.#catchUp(each)
    each.queue.insert(item)
    this.size++
    this.rows += item.rows
  }

  remove(item: Queued): void {
    this.#classOf(item.priority).queue.remove(item)
    this.#left(item)
  }

  #left(item: Queued): void {
    this.size--
    this.rows -= item.rows
    if (this.size === 0) this.heldSince = Number.NaN
  }

  /** The earliest due time of all. */
  get due(): number {
    let due = Infinity
    for (const { queue } of this.#classes) if (queue.size > 0) due = Math.min(due, queue.front[0]!.due)
    return due
  }

  /** Takes stock for a decision: fills `window` and `sizes`. */
  look(cost: CostModel, now: number): void {
    this.window.update(this.front(), now)
    this.sizes.update(cost, this.id, this.window.rows)
  }

  /** Index of the largest size that can be filled with rows that survive it, begun in `ms`; a size too large for all of them
   *  is filled by all. -1: none survives. */
  largestSurviving(ms: number): number {
    const { window, sizes } = this
    for (let size = sizes.count - 1; size >= 0; size--) {
      const rows = window.rowsFrom(ms + sizes.high[size]!) + window.restRows
      if (rows > (size > 0 ? sizes.rows[size - 1]! : 0)) return size
    }
    return -1
  }

  /** The earliest in order, as many as decisions look at. The array is reused. */
  front(): readonly Queued[] {
    let filled: PriorityClass | undefined
    let several = false
    for (const each of this.#classes) {
      if (each.queue.size === 0) continue
      several = filled !== undefined
      filled = each
      if (several) break
    }
    if (filled === undefined) return []
    return several ? this.#merge() : filled.queue.front
  }

  #merge(): readonly Queued[] {
    const merged = this.#merged
    merged.length = 0
    for (const { queue } of this.#classes) merged.push(...queue.front)
    return merged.sort((a, b) => (isBefore(a, b) ? -1 : 1))
  }

  /** Takes the heads of all classes off as long as they are to be refused. */
  takeRefused(isRefused: (item: Queued) => boolean): Queued[] {
    const refused: Queued[] = []
    for (const { queue } of this.#classes) {
      let head = queue.front[0]
      if (head === undefined || !isRefused(head)) continue
      const { front } = queue
      for (let at = 0; head !== undefined && isRefused(head); head = front[++at]) {
        head.place = 'gone'
        refused.push(head)
      }
      queue.sweep()
    }
    for (const item of refused) this.#left(item)
    return refused
  }

  /** Takes off the next batch: those that survive, in order, up to `rows`. */
  takeBatch(rows: number, survives: (item: Queued) => boolean): Queued[] {
    const batch = pickByWeight(this.#classes, rows, survives)
    for (const item of batch) item.place = 'gone'
    for (const { queue } of this.#classes) {
      markPassedOver(queue.front)
      queue.sweep()
    }
    for (const item of batch) this.#left(item)
    return batch
  }

  *[Symbol.iterator](): Generator<Queued> {
    for (const { queue } of this.#classes) yield* queue
  }

  #classOf(priority: number): PriorityClass {
    let each = this.#classes.find((one) => one.priority === priority)
    if (each === undefined) {
      each = { priority, weight: this.#options.weightOf(priority), queue: new DueQueue(batchesSeen * this.maxRows), pass: 0 }
      this.#classes.push(each)
    }
    return each
  }

  /** A class that had nothing to be served saves nothing up. */
  #catchUp(each: PriorityClass): void {
    let least = Infinity
    for (const { queue, pass } of this.#classes) if (queue.size > 0) least = Math.min(least, pass)
    if (least < Infinity) each.pass = Math.max(each.pass, least)
  }
}

/** Those that stay behind in front of one that goes. */
function markPassedOver(front: readonly Queued[]): void {
  let last = front.length - 1
  while (last >= 0 && front[last]!.place !== 'gone') last--
  for (let at = 0; at < last; at++) if (front[at]!.place !== 'gone') front[at]!.passedOver = true
}
