import { Heap } from './heap.js'
import { isBefore, type Queued } from './queued.js'

/**
 * Requests by due time, ties by arrival. Decisions look at the earliest few in order, so those lie sorted in an array of
 * bounded length; everything behind them is in a heap. Entering and leaving are O(log n).
 */
export class DueQueue {
  /** Sorted; nothing in the heap is before any of them. */
  readonly front: Queued[] = []
  readonly #rest = new Heap()
  readonly #most: number

  /** @param most The front holds at least so many, as long as there are. */
  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.front.length + this.#rest.size
  }

  insert(item: Queued): void {
    const { front } = this
    const last = front.at(-1)
    if (this.#rest.size > 0 && (last === undefined || isBefore(last, item))) return this.#rest.push(item)
    let at = front.length
    if (last !== undefined && isBefore(item, last)) at = this.#rank(item)
    if (at === front.length) front.push(item)
    else front.splice(at, 0, item)
    item.place = 'front'
    if (front.length > 2 * this.#most) this.#spill()
  }

  remove(item: Queued): void {
    if (item.place === 'heap') return this.#rest.remove(item)
    this.front.splice(this.#rank(item), 1)
    item.place = 'gone'
    this.#refill()
  }

  /** Those of the front that are marked as gone leave it. */
  sweep(): void {
    const { front } = this
    let kept = 0
    for (const item of front) if (item.place === 'front') front[kept++] = item
    front.length = kept
    this.#refill()
  }

  *[Symbol.iterator](): Generator<Queued> {
    yield* this.front
    yield* this.#rest
  }

  /** Index in the front of the first that is not before `item`. */
  #rank(item: Queued): number {
    const { front } = this
    let low = 0
    let high = front.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(front[middle]!, item)) low = middle + 1
      else high = middle
    }
    return low
  }

  #spill(): void {
    for (const item of this.front.splice(this.#most)) this.#rest.push(item)
  }

  #refill(): void {
    if (this.front.length >= this.#most || this.#rest.size === 0) return
    while (this.front.length < this.#most) {
      const item = this.#rest.pop()
      if (item === undefined) return
      item.place = 'front'
      this.front.push(item)
    }
  }
}
