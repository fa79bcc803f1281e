import type { CostSeed } from '../core/cost-seeds.js'
import { formatShape, sizeOf, within } from '../core/shapes.js'
import { EntryList } from './queue.js'
import type { RowPlan } from './row-plan.js'
import type { Slab } from './slab.js'
import type { BatchIo } from './target.js'

/** Inputs that may share a batch: names, types and every dimension but the batch axis agree, once padded. */
export class Bucket {
  /** Elements of a row of each input. */
  readonly rowSizes: readonly number[]
  /** Rows that are executed for as many as the index says: a profile may take none so small. 0: none takes so many. */
  readonly #executed: Uint32Array
  /** Most rows in one batch. */
  readonly maxRows: number
  /** For people and for diagnostics: the shapes with N for the batch axis. */
  readonly label: string
  /** Rows lie one behind the other in memory. */
  readonly isLeading: boolean
  /** Queued requests, oldest first. */
  readonly waiting = new EntryList()
  /** Where the next batch is being put together. */
  open: Slab | null = null

  /** What the scheduler knows it by. −1: nothing yet, or no more. */
  id = -1

  constructor(
    readonly plans: readonly RowPlan[],
    /** Of each input; the batch axis is −1. */
    readonly dims: readonly (readonly number[])[],
    limits: RowLimits,
  ) {
    this.rowSizes = dims.map((each) => Math.abs(sizeOf(each)))
    this.#executed = limits.table(dims)
    this.maxRows = this.#executed.findLastIndex((rows) => rows > 0)
    this.isLeading = dims.every((each) => sizeOf(each.slice(0, limits.batchAxis)) === 1)
    this.label = plans.map(({ name }, i) => `${name} ${formatShape(dims[i]!).replace('-1', 'N')}`).join(', ')
  }

  /** Rows to execute for `rows` of requests, from 1 to `maxRows`. */
  executed(rows: number): number {
    return this.#executed[rows]!
  }

  /** Whether a measurement of the session's is one of this bucket. */
  holds({ shapes }: CostSeed, batchAxis: number): boolean {
    return this.plans.every(({ name }, i) => {
      const shape = shapes[name]
      const dims = this.dims[i]!
      return shape !== undefined && shape.length === dims.length && dims.every((dim, axis) => axis === batchAxis || dim === shape[axis])
    })
  }
}

/** Beyond this many shapes, those that were seen first make room: what is learned of a shape must not pile up for ever. */
const mostBuckets = 1024

/** All buckets of a batcher. */
export class BucketRegistry {
  readonly #byKey = new Map<string, Bucket>()
  readonly #onNew: (bucket: Bucket) => void

  constructor(onNew: (bucket: Bucket) => void) {
    this.#onNew = onNew
  }

  get(key: string): Bucket | undefined {
    return this.#byKey.get(key)
  }

  /** Gives it a number; where there are too many buckets, that of one for which nobody waits. */
  add(key: string, bucket: Bucket): void {
    bucket.id = this.#byKey.size < mostBuckets ? this.#byKey.size : this.#retire()
    this.#byKey.set(key, bucket)
    this.#onNew(bucket)
  }

  #retire(): number {
    for (const [key, bucket] of this.#byKey) {
      if (bucket.waiting.first !== null) continue
      const { id } = bucket
      bucket.id = -1
      this.#byKey.delete(key)
      return id
    }
    return this.#byKey.size
  }
}

/** How many rows the sessions take, by the shapes of the rest: each must have a profile that does. */
export class RowLimits {
  readonly #targets: readonly (readonly BatchIo[])[]

  constructor(
    targets: readonly (readonly BatchIo[])[],
    readonly maxBatch: number,
    readonly batchAxis: number,
  ) {
    this.#targets = targets.filter((inputs) => inputs.some(({ ranges }) => ranges.length > 0))
  }

  /** For each number of rows the least that can be executed instead; 0: none. */
  table(dims: readonly (readonly number[])[]): Uint32Array {
    const table = new Uint32Array(this.maxBatch + 1)
    let above = 0
    for (let rows = this.maxBatch; rows >= 1; rows--) {
      if (this.#targets.every((inputs) => someProfile(inputs, dims, { rows, batchAxis: this.batchAxis }))) above = rows
      table[rows] = above
    }
    return table
  }
}

function someProfile(inputs: readonly BatchIo[], dims: readonly (readonly number[])[], at: { rows: number; batchAxis: number }): boolean {
  const profiles = Math.max(...inputs.map(({ ranges }) => ranges.length))
  const shapes = dims.map((each) => each.with(at.batchAxis, at.rows))
  for (let profile = 0; profile < profiles; profile++) {
    const fits = inputs.every(({ ranges }, i) => {
      const range = ranges[profile]
      return range === undefined || within(shapes[i]!, range)
    })
    if (fits) return true
  }
  return false
}

/** The largest batch that some profile takes, the least over all sessions; undefined: none has bounds. */
export function largestBatch(targets: readonly (readonly BatchIo[])[], batchAxis: number): number | undefined {
  const largest = targets.flatMap((inputs) => {
    const bounds = inputs.flatMap(({ ranges }) => ranges.map(({ max }) => max[batchAxis]!))
    return bounds.length === 0 ? [] : [Math.max(...bounds)]
  })
  return largest.length === 0 ? undefined : Math.min(...largest)
}

/** The batches that profiles are made for: where costs are equal, those are the better ones. */
export function preferredBatches(targets: readonly (readonly BatchIo[])[], batchAxis: number): number[] {
  return [...new Set(targets.flatMap((inputs) => inputs.flatMap(({ ranges }) => ranges.map(({ opt }) => opt[batchAxis]!))))].sort(
    (a, b) => a - b,
  )
}
