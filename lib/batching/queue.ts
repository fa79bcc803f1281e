import type { Entry } from './entry.js'

/*
 * No Map and no Set here: theirs grow and shrink with every request, and each table that is thrown away points to the next
 * one. Once the first has reached the old generation no scavenge can free what hangs on it: measured, half of all CPU time.
 */

/** Queued entries by number. Numbers are used again, so that they stay small. */
export class EntryTable {
  readonly #entries: (Entry | null)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#entries.length - this.#free.length
  }

  /** Gives the entry its `id`. */
  add(entry: Entry): void {
    const free = this.#free.pop()
    entry.id = free ?? this.#entries.length
    this.#entries[entry.id] = entry
  }

  get(id: number): Entry | null {
    return this.#entries[id] ?? null
  }

  delete({ id }: Entry): void {
    this.#entries[id] = null
    this.#free.push(id)
  }

  /** Those that are queued now, in no order. */
  all(): Entry[] {
    return this.#entries.filter((entry) => entry !== null)
  }
}

/** Entries in the order they came, linked through themselves. */
export class EntryList {
  first: Entry | null = null
  #last: Entry | null = null

  add(entry: Entry): void {
    entry.previous = this.#last
    if (this.#last === null) this.first = entry
    else this.#last.next = entry
    this.#last = entry
  }

  delete(entry: Entry): void {
    const { previous, next } = entry
    if (previous === null) this.first = next
    else previous.next = next
    if (next === null) this.#last = previous
    else next.previous = previous
    // What has left must not hold on to those that came after it.
    entry.previous = entry.next = null
  }
}
