import type { TypedArray } from '../core/dtypes.js'
import type { Inputs } from '../core/runner.js'
import { sizeOf } from '../core/shapes.js'
import { Tensor, zeros } from '../core/tensor.js'
import { copyBox } from './box.js'
import type { Bucket } from './bucket.js'
import type { Entry } from './entry.js'
import type { RowPlan } from './row-plan.js'
import type { BatchTarget } from './target.js'

/** Up to this many bytes the memory of an input is taken for a whole batch at once; above it grows with the batches that come. */
const smallBytes = 2 ** 24

/** A Runner that does not describe its inputs may be given ever new ones. */
const mostPlans = 64

/** What slabs need to know of their batcher. */
export interface SlabContext {
  readonly batchAxis: number
  /** What the padding of an input holds. */
  fillOf(plan: RowPlan): number | bigint
}

/** Memory of one session in which a batch is put together: rows are copied here, and the device reads them from here. */
export class Slab {
  /** Whose batches it is laid out for, at the moment. */
  bucket!: Bucket
  /** Of each input: as many rows as `#capacity`. */
  #arrays: TypedArray[] = []
  #capacity = 0
  /** All it has, so that another bucket finds room in it. */
  readonly #memory = new Map<RowPlan, TypedArray>()
  /** The inputs of a run by number of rows: the same objects each time. */
  readonly #inputs = new Map<number, Inputs>()
  /** Queued entries whose rows are here, in the order of `at`; some may have left. */
  #staged: Entry[] = []
  #live = 0
  #end = 0

  constructor(
    readonly target: BatchTarget,
    readonly context: SlabContext,
  ) {}

  /** Nobody's rows are here. */
  get isEmpty(): boolean {
    return this.#live === 0
  }

  /** For batches of a bucket; nobody's rows may be here. */
  prepare(bucket: Bucket): void {
    if (this.bucket === bucket) return
    this.bucket = bucket
    this.#capacity = 0
    this.#inputs.clear()
  }

  /** Whether an entry's rows fit behind those that are here. */
  hasRoom(rows: number): boolean {
    return this.#end + rows <= this.bucket.maxRows
  }

  /** Copies an entry's rows behind the last. */
  stage(entry: Entry): void {
    this.#reserve(this.#end + entry.rows)
    this.#write(entry, this.#end)
    entry.slab = this
    this.#staged.push(entry)
    this.#live++
    this.#end += entry.rows
  }

  /** An entry's rows are not needed here any more. */
  leave(entry: Entry): void {
    entry.slab = null
    if (--this.#live === 0) this.evict()
  }

  /** Nobody's rows are here any more: those who stay queued must be copied again. */
  evict(): void {
    for (const entry of this.#staged) if (entry.slab === this) entry.slab = null
    this.#staged = []
    this.#live = this.#end = 0
  }

  /**
   * Rows of `members`, and of nobody else, from the beginning on: what is here already stays where it is if it can. Each
   * member's `at` says where its rows are.
   *
   * @returns The inputs for the run.
   */
  gather(members: readonly Entry[], rows: number): Inputs {
    const executed = this.bucket.executed(rows)
    this.#reserve(executed)
    if (this.bucket.isLeading) this.#join(members, rows)
    else this.#interleave(members, executed)
    for (const { slab } of members) if (slab !== null && slab !== this) this.#leaveOther(members, slab)
    this.evict()
    this.#padRows(rows, executed)
    return this.#inputsOf(executed)
  }

  #leaveOther(members: readonly Entry[], other: Slab): void {
    for (const member of members) if (member.slab === other) other.leave(member)
  }

  #join(members: readonly Entry[], rows: number): void {
    const stays = (entry: Entry) => entry.slab === this && entry.at + entry.rows <= rows
    const movers = members.filter((entry) => !stays(entry))
    if (movers.length === 0) return
    const gaps = gapsBetween(members.filter(stays), rows)
    for (const mover of movers) {
      const gap = gaps.find((each) => each.rows >= mover.rows)
      if (gap === undefined) return this.#rewrite(members)
      this.#write(mover, gap.at)
      gap.at += mover.rows
      gap.rows -= mover.rows
    }
  }

  /** All of them anew, one behind the other: no gap was large enough. */
  #rewrite(members: readonly Entry[]): void {
    let at = 0
    for (const member of members) {
      this.#write(member, at)
      at += member.rows
    }
  }

  #write(entry: Entry, at: number): void {
    const { rowSizes, dims, plans } = this.bucket
    entry.at = at
    for (let i = 0; i < rowSizes.length; i++) {
      const [size, from, to] = [rowSizes[i]!, entry.data[i]!, this.#arrays[i]!]
      if (from.length === entry.rows * size) {
        to.set(from as never, at * size)
        continue
      }
      const own = entry.shapes![i]!
      to.fill(this.context.fillOf(plans[i]!) as never, at * size, (at + entry.rows) * size)
      const place = { data: to, dims: dims[i]!.with(this.context.batchAxis, entry.rows), start: at * size }
      copyBox({ data: from, dims: own, start: 0 }, place, own)
    }
  }

  /** Where a member's rows do not lie one behind the other, because other dimensions come before the batch axis. */
  #interleave(members: readonly Entry[], executed: number): void {
    const { batchAxis, fillOf } = this.context
    const { dims, plans } = this.bucket
    this.#arrays.forEach((data, i) => {
      const whole = dims[i]!.with(batchAxis, executed)
      const inner = sizeOf(whole.slice(batchAxis + 1))
      data.fill(fillOf(plans[i]!) as never, 0, sizeOf(whole))
      let at = 0
      for (const member of members) {
        const own = member.shapes?.[i] ?? dims[i]!.with(batchAxis, member.rows)
        copyBox({ data: member.data[i]!, dims: own, start: 0 }, { data, dims: whole, start: at * inner }, own)
        member.at = at
        at += member.rows
      }
    })
  }

  /** Rows that nobody asked for, where the engine takes no batch so small: zeros, not what was there before. */
  #padRows(rows: number, executed: number): void {
    if (rows === executed || !this.bucket.isLeading) return
    this.#arrays.forEach((data, i) => {
      const size = this.bucket.rowSizes[i]!
      data.fill((typeof data[0] === 'bigint' ? 0n : 0) as never, rows * size, executed * size)
    })
  }

  #inputsOf(executed: number): Inputs {
    const known = this.#inputs.get(executed)
    if (known !== undefined) return known
    const { rowSizes, dims, plans } = this.bucket
    const tensors = plans.map(({ name, type }, i) => {
      const data = this.#arrays[i]!.subarray(0, executed * rowSizes[i]!)
      return [name, new Tensor(type, dims[i]!.with(this.context.batchAxis, executed), data)] as const
    })
    const inputs: Inputs = Object.fromEntries(tensors)
    this.#inputs.set(executed, inputs)
    return inputs
  }

  /** Room for `rows`; what is here stays. */
  #reserve(rows: number): void {
    if (rows <= this.#capacity) return
    const { plans, rowSizes, maxRows } = this.bucket
    const small = plans.every(({ array }, i) => maxRows * rowSizes[i]! * array.BYTES_PER_ELEMENT <= smallBytes)
    const capacity = small ? maxRows : Math.min(maxRows, Math.max(rows, 2 * this.#capacity))
    const arrays = plans.map((plan, i) => this.#room(plan, i, capacity))
    if (this.#end > 0) {
      arrays.forEach((array, i) => {
        const before = this.#arrays[i]!
        if (array !== before) array.set(before.subarray(0, this.#end * rowSizes[i]!) as never)
      })
    }
    this.#arrays = arrays
    this.#capacity = capacity
    this.#inputs.clear()
  }

  #room(plan: RowPlan, i: number, capacity: number): TypedArray {
    const size = capacity * this.bucket.rowSizes[i]!
    const known = this.#memory.get(plan)
    if (known !== undefined && known.length >= size) return known
    const shape = this.bucket.dims[i]!.with(this.context.batchAxis, capacity)
    const array = this.target.alloc?.(plan.name, shape).data ?? zeros(plan.type, size)
    if (this.#memory.size >= mostPlans) this.#memory.clear()
    this.#memory.set(plan, array)
    return array
  }

  /** Whether a buffer is its memory. */
  owns(buffer: ArrayBufferLike): boolean {
    return this.#arrays.some((array) => array.buffer === buffer)
  }
}

interface Gap {
  at: number
  rows: number
}

/** What `entries` leave free of the first `rows` rows. */
function gapsBetween(entries: readonly Entry[], rows: number): Gap[] {
  const gaps: Gap[] = []
  let at = 0
  for (const entry of [...entries].sort((a, b) => a.at - b.at)) {
    if (entry.at > at) gaps.push({ at, rows: entry.at - at })
    at = entry.at + entry.rows
  }
  if (at < rows) gaps.push({ at, rows: rows - at })
  return gaps
}
