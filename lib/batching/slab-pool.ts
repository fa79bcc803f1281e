import type { Bucket } from './bucket.js'
import { Slab, type SlabContext } from './slab.js'
import type { BatchTarget } from './target.js'

/** The slabs of one session. */
export class SlabPool {
  readonly #free: Slab[] = []
  readonly #open = new Set<Slab>()
  #made = 0

  constructor(
    readonly target: BatchTarget,
    readonly context: SlabContext,
    /** How many there may be. */
    readonly most: number,
  ) {}

  /** One to put the next batch of a bucket together in; null: all are in use. */
  open(bucket: Bucket): Slab | null {
    const slab = this.#spare()
    if (slab === null) return null
    slab.prepare(bucket)
    this.#open.add(slab)
    bucket.open = slab
    return slab
  }

  /** One for a batch that is sent now: the bucket's own where it has one, else the least loss. */
  take(bucket: Bucket): Slab {
    const { open } = bucket
    if (open !== null && this.#open.delete(open)) {
      bucket.open = null
      return open
    }
    const slab = this.#spare() ?? this.#rob()
    slab.prepare(bucket)
    return slab
  }

  #spare(): Slab | null {
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.#made < this.most) {
      this.#made++
      return new Slab(this.target, this.context)
    }
    for (const slab of this.#open) if (slab.isEmpty) return this.#withdraw(slab)
    return null
  }

  /** Takes the one that was opened first from its bucket: its rows are copied again when their turn comes. */
  #rob(): Slab {
    const [slab] = this.#open
    if (slab === undefined) throw new Error('a lane was given more batches than it has slabs')
    return this.#withdraw(slab)
  }

  #withdraw(slab: Slab): Slab {
    slab.evict()
    slab.bucket.open = null
    this.#open.delete(slab)
    return slab
  }

  give(slab: Slab): void {
    this.#free.push(slab)
  }
}
