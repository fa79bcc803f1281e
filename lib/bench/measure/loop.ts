import { TrtError } from '../../core/errors.js'
import type { Inputs, RunOptions } from '../../core/runner.js'
import { picker, type ResolvedClass } from '../load/classes.js'
import type { StepControl } from './control.js'
import { outcomeName, retryAfter } from './outcomes.js'
import type { Pacer } from './pacer.js'
import { answered, type Samples } from './samples.js'

/** All a load needs of a Runner: the outputs are dropped. */
export interface Target {
  run(inputs: Inputs, options?: RunOptions): Promise<unknown>
}

/** What a request is about to be. */
export interface RequestFacts {
  /** Counts the requests of a step. */
  index: number
  rows: number
  /** Name of its class. */
  class: string
}

export interface Load {
  target: Target
  inputs: (request: RequestFacts) => Inputs
  classes: readonly ResolvedClass[]
  /** Whether `run` is told the deadline. */
  tellDeadlines: boolean
  samples: Samples
  control: StepControl
  pacer: Pacer
  /** When the step begins, on the pacer's clock. */
  origin: number
  /** Milliseconds that requests may still take after the last one was sent; then they are aborted. */
  settle: number
  signal?: AbortSignal
}

/** What all loads share: sends requests, writes down what became of them, and ends when the last one has settled. */
class Sender {
  readonly #load: Load
  readonly #controller = new AbortController()
  #inFlight = 0
  #fatal: { error: unknown } | null = null
  #onEmpty: (() => void) | null = null

  constructor(load: Load) {
    this.#load = load
    load.signal?.addEventListener('abort', this.#abort)
  }

  readonly #abort = () => this.#controller.abort(this.#load.signal?.reason)

  /** Milliseconds since the step began. */
  now(): number {
    return this.#load.pacer.now() - this.#load.origin
  }

  sleepUntil(time: number): Promise<void> {
    return this.#load.pacer.sleepUntil(this.#load.origin + time)
  }

  proceed(): boolean {
    const { signal, control } = this.#load
    return this.#fatal === null && signal?.aborted !== true && control.proceed(this.now())
  }

  /** @returns When it has settled: undefined, or the error that it was refused with. Never rejects. */
  send(intended: number, requestClass: number): Promise<unknown> {
    const { samples, control, target } = this.#load
    control.begin(intended)
    const at = samples.begin(intended, this.now(), requestClass)
    this.#inFlight++
    const { rows, name } = this.#load.classes[requestClass]!
    return this.#call(target, { index: at, rows, class: name }, this.#options(intended, requestClass)).then(
      () => this.#settled(at, undefined),
      (error: unknown) => this.#settled(at, { error }),
    )
  }

  /** A runner that throws instead of rejecting is counted all the same. */
  async #call(target: Target, request: RequestFacts, options: RunOptions): Promise<void> {
    await target.run(this.#load.inputs(request), options)
  }

  #options(intended: number, requestClass: number): RunOptions {
    const { deadline, priority } = this.#load.classes[requestClass]!
    const options: RunOptions = { signal: this.#controller.signal }
    if (priority !== 0) options.priority = priority
    if (this.#load.tellDeadlines && deadline !== Infinity) options.deadline = this.#load.origin + intended + deadline
    return options
  }

  #settled(at: number, failed: { error: unknown } | undefined): unknown {
    const { samples, control } = this.#load
    const now = this.now()
    if (failed === undefined) {
      samples.end(at, now, answered)
      control.end(now, now - samples.intended[at]!)
    } else {
      const name = outcomeName(failed.error)
      if (name === null) this.#fatal ??= failed
      samples.end(at, now, samples.outcomeOf(name ?? 'error'))
      control.end(now, null)
    }
    if (--this.#inFlight === 0) this.#onEmpty?.()
    return failed?.error
  }

  /**
   * After the last one was sent. A runner that answers neither in time nor when aborted leaves its requests pending: the
   * report tells them.
   *
   * @throws What ended the measurement.
   */
  async finish(): Promise<void> {
    const { signal, settle } = this.#load
    await this.#empty(settle)
    if (this.#inFlight > 0) this.#controller.abort(tooLong(settle))
    await this.#empty(settle)
    signal?.removeEventListener('abort', this.#abort)
    if (this.#fatal !== null) throw this.#fatal.error
    if (signal?.aborted) {
      throw new TrtError('TRT_ERR_ABORTED', 'The measurement was stopped by its signal.', {}, { cause: signal.reason })
    }
  }

  /** Until nothing is in flight, for at most `limit` milliseconds. */
  async #empty(limit: number): Promise<void> {
    const until = this.now() + limit
    const empty = new Promise<void>((resolve) => (this.#onEmpty = resolve))
    while (this.#inFlight > 0 && this.now() < until) await Promise.race([empty, this.sleepUntil(Math.min(until, this.now() + glance))])
  }
}

/** Milliseconds after which a loop looks around although nothing happened: a signal or a window's end must not wait for a runner that hangs. */
const glance = 50

function tooLong(settle: number): TrtError {
  return new TrtError('TRT_ERR_ABORTED', `Not answered within ${settle} ms after the last request was sent.`, { settle })
}

/** What is sent in an open loop: times in milliseconds, and positions in the list of classes. */
export interface Schedule {
  at: Float64Array
  /** The last request may come long before the end. */
  durationMs: number
  classes: Uint8Array
}

/** Milliseconds by which a clock's time, less its origin, may miss what it was asked for. */
const rounding = 1e-6

/**
 * Sends each request at its time whatever became of those before: the load of callers who do not know of each other.
 *
 * @throws What a run rejects with that is neither a refusal nor a failure of the device, once all have settled;
 *   `TRT_ERR_ABORTED` by the signal.
 */
export async function openLoop(load: Load, { at, classes, durationMs }: Schedule): Promise<void> {
  const sender = new Sender(load)
  let next = 0
  for (let now = sender.now(); now < durationMs && sender.proceed(); now = sender.now()) {
    while (next < at.length && at[next]! <= now + rounding) {
      void sender.send(at[next]!, classes[next]!)
      next++
    }
    await sender.sleepUntil(Math.min(at[next] ?? Infinity, now + glance))
  }
  await sender.finish()
}

/**
 * Keeps `concurrency` requests in flight: each is sent when the one before it in its slot has ended. It tells what a
 * device can do; it never sees a queue grow, so it says nothing of the latency under load that arrives by itself.
 *
 * @throws As `openLoop`.
 */
export async function closedLoop(load: Load, concurrency: number, random: () => number): Promise<void> {
  const sender = new Sender(load)
  const pick = picker(load.classes)
  const slot = async () => {
    while (sender.proceed()) {
      const error = await sender.send(sender.now(), pick(random()))
      // A refusal takes no time: without a pause the slot would ask again for ever, and nothing else would run.
      if (error !== undefined) await sender.sleepUntil(sender.now() + retryAfter(error))
    }
  }
  const slots = Promise.all(Array.from({ length: concurrency }, slot))
  while (sender.proceed()) await Promise.race([slots, sender.sleepUntil(sender.now() + glance)])
  await sender.finish()
}
