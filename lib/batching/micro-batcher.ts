import { join } from '../core/abort-group.js'
import { channels } from '../core/channels.js'
import { TrtError } from '../core/errors.js'
import { toBfloat16, toFloat16 } from '../core/float16.js'
import { flag, invalid, plainObject, received, rejectUnknown } from '../core/options.js'
import type { Inputs, Outputs, Runner, RunOptions } from '../core/runner.js'
import { Admission, partsOf } from './admission.js'
import { BatcherRecorder, type BatcherStats } from './batcher-stats.js'
import { BucketRegistry, largestBatch, preferredBatches, RowLimits } from './bucket.js'
import { Dispatcher } from './dispatcher.js'
import { Entry, type EntryOwner } from './entry.js'
import { abortedError, closedError } from './errors.js'
import { Lane } from './lane.js'
import { type MicroBatcherOptions, resolveOptions, type ResolvedOptions } from './options.js'
import { cropsOf } from './padding.js'
import { learnedRule, type Rule } from './learned-rule.js'
import { Settler } from './settler.js'
import { SlabPool } from './slab-pool.js'
import { SteadyClock } from './steady-clock.js'
import { type BatchTarget, requireAlike } from './target.js'

export interface CloseOptions {
  /** True (default): what is queued is still computed. False: it is refused with `TRT_ERR_CLOSED`. */
  drain?: boolean
}

/** Two for each lane: the next batch takes shape while one is computed. */
const slabsPerLane = 2
/** Where no profile says more. */
const defaultMaxBatch = 16

const nothing = (): void => {}
let nextResolve: (outputs: Outputs) => void = nothing
let nextReject: (error: unknown) => void = nothing
/** One executor for all promises: a closure for each request would cost as much as the promise. */
const capture = (resolve: (outputs: Outputs) => void, reject: (error: unknown) => void): void => {
  nextResolve = resolve
  nextReject = reject
}

/**
 * Joins the requests that arrive one by one into batches for a session, or for several that run the same model. A Runner over
 * Runners: each request gets its own answer, or the reason why it has none.
 *
 * The sessions stay the caller's: close them after the batcher. Other runs on them are queued behind its batches, and it behind
 * theirs.
 *
 * @example
 * const batcher = new MicroBatcher(session, { slo: 30 })
 * const { y } = await batcher.run({ x: one }, { priority: 1 })
 */
export class MicroBatcher<I = Inputs, O = Outputs> implements Runner<I, O> {
  readonly #options: ResolvedOptions
  readonly #targets: readonly BatchTarget[]
  readonly #lanes: readonly Lane[]
  readonly #clock: SteadyClock
  readonly #recorder: BatcherRecorder
  readonly #settler: Settler
  readonly #dispatcher: Dispatcher
  readonly #admission: Admission
  readonly #began: number
  readonly #owner: EntryOwner = { abort: (entry) => this.#settler.fail(entry, abortedError(entry.signal!)) }
  #calls = 0
  #closing: Promise<void> | null = null
  #quiet: (() => void) | null = null

  /**
   * @param targets A session, or several of the same model on different devices. Other Runners work too: where they do not
   *   describe their inputs, requests must be tensors.
   * @param rule For tests: what decides.
   * @throws {TrtError} `TRT_ERR_UNSUPPORTED`: the model has no free batch axis. `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_NAME`,
   *   `TRT_ERR_SHAPE`: wrong options.
   */
  constructor(targets: BatchTarget<I, O> | readonly BatchTarget<I, O>[], options?: MicroBatcherOptions, rule: Rule = learnedRule) {
    this.#options = resolveOptions(options)
    this.#targets = targetsOf(targets)
    this.#clock = new SteadyClock(this.#options.clock)
    this.#began = this.#clock.now()
    this.#recorder = new BatcherRecorder(this.#clock)
    const { batchAxis } = this.#options
    const described = this.#targets.flatMap(({ inputs }) => (inputs === undefined ? [] : [inputs]))
    const maxBatch = maxBatchOf(this.#options, described)
    const limits = new RowLimits(described, maxBatch, batchAxis)
    const { inputs = null, outputs = null } = this.#targets[0]!
    const buckets = new BucketRegistry((bucket) => this.#dispatcher.register(bucket))
    this.#admission = new Admission(inputs, outputs, { batchAxis, pad: this.#options.pad, limits, buckets })
    this.#settler = new Settler(this.#clock, this.#recorder, batchAxis)
    this.#lanes = lanesOf(this.#targets, this.#options)
    this.#dispatcher = this.#makeDispatcher(rule, maxBatch, preferredBatches(described, batchAxis))
    this.#settler.host = this.#dispatcher
  }

  #makeDispatcher(rule: Rule, maxBatch: number, preferred: readonly number[]): Dispatcher {
    const { maxQueue, maxQueueDelay, slo, weights, batchAxis, timers, executionTimeout, retryAlone, copyOutputs, pad } = this.#options
    const common = { maxBatch, lanes: this.#lanes.length, maxQueue, maxQueueDelay, preferred: preferred.filter((rows) => rows <= maxBatch) }
    const limits = { ...common, ...(slo === undefined ? {} : { slo }), ...(weights === undefined ? {} : { weights }) }
    const bySession = this.#targets.map(() => rule.cost())
    const costs = this.#lanes.map(({ session }) => bySession[session]!)
    const { inputs = [], outputs = null } = this.#targets[0]!
    const crops = cropsOf(pad, { inputs, outputs, batchAxis })
    const [clock, recorder, settler] = [this.#clock, this.#recorder, this.#settler]
    return new Dispatcher(
      {
        scheduler: rule.scheduler(limits, costs),
        costs,
        lanes: this.#lanes,
        clock,
        timers,
        settler,
        maxBatch,
        batchAxis,
        onQuiet: () => this.#onQuiet(),
      },
      { runner: this, clock, recorder, split: { batchAxis, crops, copyOutputs }, executionTimeout, retryAlone },
    )
  }

  /** How many batches execute at once. */
  get lanes(): number {
    return this.#lanes.length
  }

  /** Of the session, where it describes them. */
  get inputs(): BatchTarget['inputs'] {
    return this.#targets[0]!.inputs
  }

  get outputs(): BatchTarget['outputs'] {
    return this.#targets[0]!.outputs
  }

  /** True from the first call of `close` on. */
  get closed(): boolean {
    return this.#closing !== null
  }

  /**
   * Answers a request of one row or several, as part of a batch. What it is given must neither change nor be transferred before
   * the promise settles.
   *
   * @param options `deadline`: absolute; a request that cannot be answered by then is refused at once, or as soon as that is
   *   known, and never computed. `priority`: larger ones are served more. `outputs`: default all.
   * @returns Its outputs; those of one batch are views of one buffer (unless `copyOutputs`): do not transfer it to a worker.
   * @throws {TrtError} Always by rejecting. `TRT_ERR_NAME`, `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`, `TRT_ERR_BUFFER`,
   *   `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_UNSUPPORTED`: it never joined a batch. `TRT_ERR_DEADLINE`, `TRT_ERR_OVERLOADED`:
   *   refused, see `details`. `TRT_ERR_ABORTED`, `TRT_ERR_CLOSED`, and what the session's `run` rejects with.
   */
  run(inputs: I, options?: RunOptions): Promise<O> {
    const entry = new Entry(this.#owner)
    const promise = new Promise<Outputs>(capture)
    entry.resolve = nextResolve
    entry.reject = nextReject
    nextResolve = nextReject = nothing // else the last answer of all would never be collected
    this.#recorder.called()
    try {
      this.#admit(entry, inputs, options)
    } catch (error) {
      this.#settler.fail(entry, error)
    }
    return promise as Promise<O>
  }

  #admit(entry: Entry, inputs: I, options: RunOptions | undefined): void {
    const now = this.#clock.now()
    entry.serial = ++this.#calls
    entry.enqueued = now
    try {
      if (this.#closing !== null) throw closedError()
      this.#admission.read(entry, inputs, options)
      const { slo } = this.#options
      if (entry.deadline !== Infinity) entry.deadline = this.#clock.fromCaller(entry.deadline)
      else if (slo !== undefined) entry.deadline = now + slo
    } finally {
      this.#announce(entry)
    }
    const { signal } = entry
    if (signal?.aborted === true) throw abortedError(signal)
    if (entry.deadline <= now) return this.#settler.refuse(entry, { reason: 'expired', predicted: Infinity, retryAfter: 0 }, now)
    if (entry.rows > entry.home.maxRows) this.#enqueueParts(entry, now)
    else {
      const refusal = this.#dispatcher.enqueue(entry, now)
      if (refusal !== null) return this.#settler.refuse(entry, refusal, now)
    }
    if (signal !== null && entry.state !== 'settled') join(signal, entry)
  }

  #announce(entry: Entry): void {
    if (!channels.requestStart.hasSubscribers && !channels.requestEnd.hasSubscribers) return
    const { serial, rows, priority, deadline, enqueued } = entry
    entry.event = { runner: this, id: serial, rows, priority, deadline, started: enqueued }
    if (channels.requestStart.hasSubscribers) channels.requestStart.publish(entry.event)
  }

  /** All parts are queued, or none. */
  #enqueueParts(entry: Entry, now: number): void {
    const parts = partsOf(entry, this.#options.batchAxis, this.#owner)
    const whole = { entry, parts, answers: [], missing: parts.length }
    entry.parts = parts
    entry.state = 'split'
    for (const part of parts) {
      part.whole = whole
      const refusal = this.#dispatcher.enqueue(part, now)
      if (refusal !== null) return this.#settler.refuse(entry, refusal, now)
    }
  }

  stats(): BatcherStats {
    const now = this.#clock.now()
    const elapsed = Math.max(now - this.#began, Number.EPSILON)
    const lanes = this.#lanes.map((lane) => ({
      session: lane.session,
      busy: lane.batch !== null,
      usable: lane.usable,
      batches: lane.batches,
      utilization: Math.min(1, lane.busyMs(now) / elapsed),
    }))
    const session = this.#targets.length === 1 ? this.#targets[0]!.stats?.() : undefined
    return this.#recorder.summary(now, { queueDepth: this.#dispatcher.depth, lanes, session })
  }

  /**
   * Refuses new requests and resolves once the last has settled and nothing of the batcher's runs any more. The sessions stay
   * open. May be called again: `drain: false` then refuses what an earlier call would have computed.
   */
  close(options: CloseOptions = {}): Promise<void> {
    rejectUnknown(plainObject('the options of close', options), ['drain'], 'close')
    const drain = flag('drain', options.drain ?? true)
    this.#closing ??= new Promise((resolve) => {
      this.#quiet = resolve
    })
    if (!drain) this.#dispatcher.failQueued(closedError())
    this.#onQuiet()
    return this.#closing
  }

  #onQuiet(): void {
    if (this.#quiet === null || this.#recorder.pending > 0 || !this.#dispatcher.isIdle) return
    this.#quiet()
    this.#dispatcher.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function targetsOf(given: unknown): readonly BatchTarget[] {
  const targets = (Array.isArray(given) ? [...given] : [given]) as BatchTarget[]
  const isRunner = (target: BatchTarget | null | undefined) =>
    typeof target === 'object' && target !== null && typeof target.run === 'function'
  const wrong = targets.find((target) => !isRunner(target))
  if (targets.length === 0 || wrong !== undefined) {
    throw invalid(`Expected a session, or an array of at least one, for MicroBatcher but received ${received(wrong ?? given)}.`)
  }
  const closed = targets.findIndex((target) => target.closed === true)
  if (closed >= 0) throw new TrtError('TRT_ERR_CLOSED', 'A session given to MicroBatcher has been closed.', { session: closed })
  requireAlike(targets)
  return targets
}

function maxBatchOf({ maxBatch, batchAxis }: ResolvedOptions, described: Parameters<typeof largestBatch>[0]): number {
  const largest = largestBatch(described, batchAxis)
  if (maxBatch === undefined) return largest ?? defaultMaxBatch
  if (largest === undefined || maxBatch <= largest) return maxBatch
  const message = `maxBatch is ${maxBatch}, but the largest batch that a profile of the engine takes is ${largest}. Build it with a larger one.`
  throw invalid(message, { maxBatch, largest })
}

function lanesOf(targets: readonly BatchTarget[], { lanes, batchAxis, pad }: ResolvedOptions): Lane[] {
  const fillOf = ({ name, type }: { name: string; type: string }) => {
    const value = pad[name]?.[0]?.value ?? 0
    if (type === 'int64' || type === 'uint64') return BigInt(value)
    const convert = type === 'float16' ? toFloat16 : type === 'bfloat16' ? toBfloat16 : null
    return convert === null ? Number(value) : convert(Float32Array.of(Number(value)))[0]!
  }
  const all: Lane[] = []
  targets.forEach((target, session) => {
    const count = lanes ?? target.lanes ?? 1
    const slabs = new SlabPool(target, { batchAxis, fillOf }, slabsPerLane * count)
    for (let i = 0; i < count; i++) all.push(new Lane(all.length, session, target, slabs))
  })
  return all
}
