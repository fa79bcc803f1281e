import { isBefore, type Queued } from './queued.js'

/** A binary heap, earliest first. What leaves from within is only marked as gone, and dropped when it comes up. */
export class Heap {
  readonly #items: Queued[] = []
  #gone = 0

  /** Without those that are gone. */
  get size(): number {
    return this.#items.length - this.#gone
  }

  push(item: Queued): void {
    const items = this.#items
    item.place = 'heap'
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(item, items[parent]!)) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = item
  }

  /** The earliest, or undefined. */
  pop(): Queued | undefined {
    for (;;) {
      const top = this.#items[0]
      if (top === undefined) return undefined
      const last = this.#items.pop()!
      if (last !== top) this.#sink(last, 0)
      if (top.place === 'heap') return top
      this.#gone--
    }
  }

  remove(item: Queued): void {
    item.place = 'gone'
    this.#gone++
    // Aborts in masses may not keep memory: each pays for half an item's way out.
    if (this.#gone > 64 && this.#gone * 2 > this.#items.length) this.#compact()
  }

  #compact(): void {
    const items = this.#items
    let kept = 0
    for (const item of items) if (item.place === 'heap') items[kept++] = item
    items.length = kept
    this.#gone = 0
    for (let at = (kept >> 1) - 1; at >= 0; at--) this.#sink(items[at]!, at)
  }

  #sink(item: Queued, from: number): void {
    const items = this.#items
    let at = from
    for (let child = 2 * at + 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && isBefore(items[child + 1]!, items[child]!)) child++
      if (!isBefore(items[child]!, item)) break
      items[at] = items[child]!
      at = child
    }
    items[at] = item
  }

  *[Symbol.iterator](): Generator<Queued> {
    for (const item of this.#items) if (item.place === 'heap') yield item
  }
}
