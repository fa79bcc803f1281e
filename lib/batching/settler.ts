import { leave } from '../core/abort-group.js'
import { channels } from '../core/channels.js'
import type { Outputs } from '../core/runner.js'
import type { BatcherRecorder } from './batcher-stats.js'
import type { Entry, Whole } from './entry.js'
import { codeOf, refusedError } from './errors.js'
import type { Refusal } from './rule/types.js'
import { concatenate } from './split.js'
import type { SteadyClock } from './steady-clock.js'

/** Where entries wait and run. */
export interface EntryHost {
  readonly depth: number
  /** A queued entry leaves. */
  withdraw(entry: Entry): void
  /** A running entry waits no longer. */
  abandon(entry: Entry): void
  /** No request is pending. */
  settledAll(): void
}

/** Settles each promise once, and counts what came of it. */
export class Settler {
  host!: EntryHost
  readonly #clock: SteadyClock
  readonly #recorder: BatcherRecorder
  readonly #batchAxis: number

  constructor(clock: SteadyClock, recorder: BatcherRecorder, batchAxis: number) {
    this.#clock = clock
    this.#recorder = recorder
    this.#batchAxis = batchAxis
  }

  answer(entry: Entry, outputs: Outputs): void {
    if (entry.state === 'settled') return
    if (entry.whole !== null) return this.#partAnswered(entry, entry.whole, outputs)
    const now = this.#clock.now()
    this.#end(entry)
    this.#recorder.answered(now - entry.enqueued, now)
    if (entry.event !== null) this.#publish(entry, 'answered', now)
    entry.resolve(outputs)
    if (this.#recorder.pending === 0) this.host.settledAll()
  }

  #partAnswered(part: Entry, whole: Whole, outputs: Outputs): void {
    part.state = 'settled'
    whole.answers[whole.parts.indexOf(part)] = outputs
    if (--whole.missing > 0) return
    let joined: Outputs
    try {
      joined = concatenate(whole.answers, this.#batchAxis)
    } catch (error) {
      return this.fail(whole.entry, error)
    }
    whole.entry.batch = part.batch
    this.answer(whole.entry, joined)
  }

  /** @param now Of the refusal. */
  refuse(entry: Entry, refusal: Refusal, now: number): void {
    const request = entry.whole?.entry ?? entry
    if (request.state === 'settled') return
    const at = (time: number) => this.#clock.toCaller(time)
    const { reason, predicted, retryAfter } = refusal
    const { depth } = this.host
    const times = { predicted: at(predicted), deadline: at(request.deadline), now: at(now) }
    const error = refusedError({ reason, retryAfter, depth, ...times })
    this.#recorder.refused(reason)
    if (request.event !== null) request.event.reason = reason
    this.#reject(request, error)
  }

  fail(entry: Entry, error: unknown): void {
    const request = entry.whole?.entry ?? entry
    if (request.state === 'settled') return
    this.#recorder.failed(codeOf(error))
    this.#reject(request, error)
  }

  #reject(request: Entry, error: unknown): void {
    this.#end(request)
    if (request.event !== null) this.#publish(request, codeOf(error), this.#clock.now())
    request.reject(error)
    if (this.#recorder.pending === 0) this.host.settledAll()
  }

  /** From here on nothing of the entry is queued, and what runs of it is for nobody. */
  #end(entry: Entry): void {
    const { state } = entry
    if (state === 'queued') this.host.withdraw(entry)
    entry.state = 'settled'
    if (entry.signal !== null) leave(entry.signal, entry)
    if (state === 'running') this.host.abandon(entry)
    if (state === 'split') for (const part of entry.parts) if (part.state !== 'settled') this.#end(part)
  }

  #publish(entry: Entry, outcome: 'answered' | ReturnType<typeof codeOf>, now: number): void {
    const event = entry.event!
    event.outcome = outcome
    event.ended = now
    event.times = { total: now - entry.enqueued }
    const { batch } = entry
    if (batch !== null) {
      event.times.queue = batch.started - entry.enqueued
      event.times.assembly = batch.sent - batch.started
      if (!Number.isNaN(batch.ended)) {
        event.times.compute = batch.ended - batch.sent
        event.times.split = now - batch.ended
      }
    }
    if (channels.requestEnd.hasSubscribers) channels.requestEnd.publish(event)
  }
}
