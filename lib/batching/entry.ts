import type { Abortable } from '../core/abort-group.js'
import type { RequestEvent } from '../core/channels.js'
import type { TypedArray } from '../core/dtypes.js'
import type { Outputs } from '../core/runner.js'
import type { Bucket } from './bucket.js'
import type { Batch } from './lane.js'
import type { Request } from './rule/types.js'
import type { Slab } from './slab.js'

/** Told when an entry's signal aborts. */
export interface EntryOwner {
  abort(entry: Entry): void
}

/** `split`: stands for parts that are queued in its place. */
export type EntryState = 'new' | 'queued' | 'running' | 'split' | 'settled'

const none: readonly Entry[] = []

/** One call of `run`, or a part of one that was too large. One object and no closure for each: this is the hot path. */
export class Entry implements Request, Abortable {
  /** Its number while it is queued. */
  id = -1
  /** Its number for as long as it lives. */
  serial = 0
  rows = 0
  enqueued = 0
  deadline = Infinity
  priority = 0
  state: EntryState = 'new'
  home!: Bucket
  /** Of each input of its bucket, in that order. */
  data: TypedArray[] = []
  /** Of each input; null: rows of the bucket's own shape. */
  shapes: readonly (readonly number[])[] | null = null
  /** Names of the outputs wanted; undefined: all. */
  outputs: readonly string[] | undefined = undefined
  signal: AbortSignal | null = null
  /** Where its rows have been copied to while it waits. */
  slab: Slab | null = null
  /** Its first row there, and later in the batch. */
  at = 0
  /** The last one that it was in. */
  batch: Batch | null = null
  /** It has been in a batch that failed. */
  retried = false
  /** The request that it is a part of. */
  whole: Whole | null = null
  /** Those that are queued in its place. */
  parts: readonly Entry[] = none
  event: RequestEvent | null = null
  /** Its neighbours among those of its bucket that wait. */
  previous: Entry | null = null
  next: Entry | null = null
  resolve!: (outputs: Outputs) => void
  reject!: (error: unknown) => void

  constructor(readonly owner: EntryOwner) {}

  /** For the scheduler. */
  get bucket(): number {
    return this.home.id
  }

  /** Called by its signal. */
  abort(): void {
    this.owner.abort(this)
  }

  /** Whether its inputs still have their memory: the caller may have transferred a buffer, or closed the session it was from. */
  get isPresent(): boolean {
    return this.data.every((array) => array.length > 0)
  }
}

/** A request with more rows than one batch takes: it is answered when all its parts are. */
export interface Whole {
  readonly entry: Entry
  readonly parts: Entry[]
  /** By part, once it is answered. */
  readonly answers: Outputs[]
  missing: number
}
