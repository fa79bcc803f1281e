import { type CostSeed, costSeeds, type MeasuredEntries } from '../core/cost-seeds.js'
import type { Outputs } from '../core/runner.js'
import type { Bucket } from './bucket.js'
import type { Entry } from './entry.js'
import { noLaneError } from './errors.js'
import { Executor, type ExecutorOptions, type ExecutorOwner, type Measured } from './executor.js'
import type { Lane } from './lane.js'
import { EntryTable } from './queue.js'
import type { CostModel, Dispatch, Refusal, SchedulerLike } from './rule/types.js'
import type { EntryHost, Settler } from './settler.js'
import type { SteadyClock } from './steady-clock.js'
import { Alarm, type Timers } from './timers.js'

export interface DispatcherOptions {
  readonly scheduler: SchedulerLike
  /** By lane; those of one session share theirs. */
  readonly costs: readonly CostModel[]
  readonly lanes: readonly Lane[]
  readonly clock: SteadyClock
  readonly timers: Timers
  readonly settler: Settler
  /** So many rows fill a batch whatever comes next. */
  readonly maxBatch: number
  readonly batchAxis: number
  /** No request is pending any more, or a lane has become free. */
  readonly onQuiet: () => void
}

/** Carries out what the scheduler decides: it owns the queue's entries and the one timer, and decides nothing itself. */
export class Dispatcher implements ExecutorOwner, EntryHost {
  readonly #options: DispatcherOptions
  readonly #executor: Executor
  readonly #alarm: Alarm
  readonly #queue = new EntryTable()
  readonly #buckets: Bucket[] = []
  /** By cost model: the warm-up that it knows of, and what that measured. */
  readonly #seeds = new Map<CostModel, { readonly report: MeasuredEntries; readonly seeds: readonly CostSeed[] }>()
  #queuedRows = 0
  #pumping = false
  #scheduled = false
  /** Why no lane can be used. */
  #dead: { readonly cause: unknown } | null = null

  constructor(options: DispatcherOptions, executor: ExecutorOptions) {
    this.#options = options
    this.#executor = new Executor(this, executor)
    this.#alarm = new Alarm(options.timers, () => {
      this.#executor.giveUp(options.lanes, options.clock.now())
      this.#pump()
    })
  }

  get depth(): number {
    return this.#queue.size
  }

  /** A bucket is about to be used: what warm-up knows of it becomes its first cost. */
  register(bucket: Bucket): void {
    this.#buckets[bucket.id] = bucket
    this.#options.scheduler.limitBucket(bucket.id, bucket.maxRows)
    for (const [cost, { seeds }] of this.#seeds) this.#sow(cost, bucket, seeds)
  }

  /** Warm-ups that have ended since the last look. */
  #seed(): void {
    const { lanes, costs } = this.#options
    for (const { index, target } of lanes) {
      const report = target.warmUpReport
      const cost = costs[index]!
      if (report === undefined || report === null || this.#seeds.get(cost)?.report === report) continue
      const seeds = costSeeds(report)
      this.#seeds.set(cost, { report, seeds })
      for (const bucket of this.#buckets) this.#sow(cost, bucket, seeds)
    }
  }

  #sow(cost: CostModel, bucket: Bucket, seeds: readonly CostSeed[]): void {
    const { batchAxis } = this.#options
    for (const seed of seeds) if (bucket.holds(seed, batchAxis)) cost.seed(bucket.id, seed.rows, seed.ms)
  }

  /** @returns Null: it is queued. @throws {TrtError} No lane can be used. */
  enqueue(entry: Entry, now: number): Refusal | null {
    if (this.#dead !== null) throw noLaneError(this.#dead.cause)
    this.#queue.add(entry)
    const refusal = this.#options.scheduler.enqueue(entry, now)
    if (refusal !== null) {
      this.#queue.delete(entry)
      return refusal
    }
    entry.state = 'queued'
    this.#queuedRows += entry.rows
    entry.home.waiting.add(entry)
    this.#stage(entry)
    this.#soon()
    return null
  }

  withdraw(entry: Entry): void {
    this.#options.scheduler.remove(entry.id)
    this.#drop(entry)
    entry.slab?.leave(entry)
    this.#soon()
  }

  /** It is not queued any more, and nothing else yet. */
  #drop(entry: Entry): void {
    entry.state = 'new'
    this.#queue.delete(entry)
    this.#queuedRows -= entry.rows
    entry.home.waiting.delete(entry)
  }

  abandon({ batch }: Entry): void {
    if (batch !== null) this.#executor.abandon(batch)
  }

  /** Copies an entry's rows to where the next batch of its bucket grows, while others are being computed. */
  #stage(entry: Entry): boolean {
    const { home } = entry
    if (!home.isLeading) return false
    const slab = home.open ?? this.#nextLane().slabs.open(home)
    if (slab === null || !slab.hasRoom(entry.rows) || !entry.isPresent) return false
    try {
      slab.stage(entry)
    } catch {
      // Out of memory, or the session has been closed: its batch will meet the same, and tell.
      return false
    }
    return true
  }

  /** The lane that will probably take the next batch: an idle one, else the one that has been busy longest. */
  #nextLane(): Lane {
    const { lanes } = this.#options
    let best = lanes[0]!
    for (const lane of lanes) {
      if (!lane.usable) continue
      if (lane.batch === null) return lane
      if (!best.usable || lane.batch.started < best.batch!.started) best = lane
    }
    return best
  }

  /** Once in this turn of the event loop, after the requests that it still brings. */
  #soon(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#options.timers.setImmediate(() => {
      this.#scheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    const { scheduler, clock } = this.#options
    let until = Infinity
    try {
      this.#seed()
      for (;;) {
        const now = clock.now()
        const decision = scheduler.decide(now)
        if (decision.kind === 'dispatch') this.#dispatch(decision)
        else if (decision.kind === 'refuse') this.#refuse(decision.ids, { ...decision, retryAfter: 0 }, now)
        else {
          until = decision.until
          break
        }
      }
    } finally {
      this.#pumping = false
    }
    this.#watch(until)
  }

  /** The one timer: for the scheduler's next decision, or for a batch that hangs. */
  #watch(until: number): void {
    const { lanes, clock } = this.#options
    this.#alarm.set(Math.min(until, this.#executor.hangsAt(lanes)), clock.now())
  }

  #dispatch({ lane, bucket, ids, reason, predicted }: Dispatch): void {
    const members = ids.map((id) => this.#queue.get(id)!)
    for (const member of members) this.#drop(member)
    const home = this.#buckets[bucket]!
    this.#executor.send(this.#options.lanes[lane]!, { bucket: home, members, reason, predicted, rest: [], cause: null })
    // While that is computed, the next batch takes shape.
    for (let entry = home.waiting.first; entry !== null; entry = entry.next) {
      if (entry.slab === null && !this.#stage(entry)) break
    }
  }

  #refuse(ids: readonly number[], refusal: Refusal, now: number): void {
    for (const id of ids) {
      const entry = this.#queue.get(id)
      if (entry === null) continue
      this.#drop(entry)
      entry.slab?.leave(entry)
      this.#options.settler.refuse(entry, refusal, now)
    }
  }

  answer(entry: Entry, outputs: Outputs): void {
    this.#options.settler.answer(entry, outputs)
  }

  fail(entry: Entry, error: unknown): void {
    this.#options.settler.fail(entry, error)
  }

  requeue(entry: Entry, error: unknown): void {
    if (entry.state === 'settled') return
    if (this.#dead !== null || entry.retried) return this.fail(entry, error)
    entry.retried = true
    entry.state = 'new'
    const now = this.#options.clock.now()
    const refusal = this.enqueue(entry, now)
    if (refusal !== null) this.#options.settler.refuse(entry, refusal, now)
  }

  freed(lane: Lane, measured: Measured | null, now: number): void {
    if (lane.usable) this.#options.scheduler.finished(lane.index, now, measured)
    // A batch that is full already leaves before the answers of the last are cut out. Else those who wait for the answers
    // may have something to add.
    if (this.#queuedRows >= this.#options.maxBatch) this.#pump()
    else if (this.#queue.size > 0) this.#soon()
    else this.#watch(Infinity)
    this.#options.onQuiet()
  }

  lost(lane: Lane, error: unknown, session: boolean): void {
    const { lanes, scheduler } = this.#options
    for (const each of lanes) {
      if (!each.usable || (session ? each.session !== lane.session : each !== lane)) continue
      each.usable = false
      scheduler.setLane(each.index, false)
    }
    if (lanes.some(({ usable }) => usable)) return this.#soon()
    this.#dead = { cause: error }
    this.failQueued(noLaneError(error))
  }

  back(lane: Lane): void {
    if (lane.target.closed === true) return
    lane.usable = true
    this.#dead = null
    this.#options.scheduler.setLane(lane.index, true)
    this.#soon()
    this.#options.onQuiet()
  }

  predict(lane: Lane, bucket: Bucket, rows: number): number {
    return this.#options.costs[lane.index]!.predict(bucket.id, rows).mean
  }

  failQueued(error: unknown): void {
    for (const entry of this.#queue.all()) this.fail(entry, error)
  }

  settledAll(): void {
    this.#options.onQuiet()
  }

  /** Nothing runs but what has been given up. */
  get isIdle(): boolean {
    return this.#options.lanes.every(({ batch }) => batch === null || batch.givenUp !== null)
  }

  stop(): void {
    this.#alarm.clear()
  }
}
