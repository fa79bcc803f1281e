import { channels, type BatchEvent, type RequestEvent } from '../core/channels.js'
import { isTrtError, TrtError } from '../core/errors.js'
import type { Outputs, RunOptions } from '../core/runner.js'
import { Tensor } from '../core/tensor.js'
import type { BatcherRecorder } from './batcher-stats.js'
import type { Bucket } from './bucket.js'
import type { Entry } from './entry.js'
import { codeOf, hungError, sessionClosedError, tooLateError, vanishedError } from './errors.js'
import { Batch, type Lane, type Order } from './lane.js'
import type { Slab } from './slab.js'
import { Split, type SplitContext } from './split.js'
import type { SteadyClock } from './steady-clock.js'

/** What the scheduler learns from an execution. */
export interface Measured {
  readonly bucket: number
  readonly rows: number
  readonly ms: number
}

/** Who queues requests and settles them. */
export interface ExecutorOwner {
  /** A member's answer. */
  answer(entry: Entry, outputs: Outputs): void
  fail(entry: Entry, error: unknown): void
  /** Its lane is lost; another may take it. */
  requeue(entry: Entry, error: unknown): void
  /** A lane can take the next batch. */
  freed(lane: Lane, measured: Measured | null, now: number): void
  /** A lane can take none any more; with `session`, all of its session. */
  lost(lane: Lane, error: unknown, session: boolean): void
  /** A lane that was given up can take batches again. */
  back(lane: Lane): void
  /** Milliseconds that an execution should take. */
  predict(lane: Lane, bucket: Bucket, rows: number): number
}

export interface ExecutorOptions {
  /** For events. */
  readonly runner: object
  readonly clock: SteadyClock
  readonly recorder: BatcherRecorder
  readonly split: SplitContext
  readonly executionTimeout: number
  readonly retryAlone: boolean
}

/** Puts batches together, runs them, and tells each member's answer, or why there is none. */
export class Executor {
  readonly #owner: ExecutorOwner
  readonly #options: ExecutorOptions
  #nextId = 1

  constructor(owner: ExecutorOwner, options: ExecutorOptions) {
    this.#owner = owner
    this.#options = options
  }

  /** Never throws: what goes wrong before the run reaches the members as if it had gone wrong in it. */
  send(lane: Lane, order: Order): void {
    const { clock } = this.#options
    const started = clock.now()
    const present = this.#present(order)
    if (present === null) return this.#next(lane, order, null, started)
    const batch = this.#begin(lane, present, started)
    let outcome: Promise<Outputs>
    try {
      const inputs = batch.slab.gather(present.members, batch.rows)
      batch.sent = clock.now()
      outcome = lane.target.run(inputs, runOptions(lane, present.members))
    } catch (error) {
      // Memory of a session that has been closed is detached: what fails on it says little.
      outcome = Promise.reject(lane.target.closed === true ? sessionClosedError(error) : error)
    }
    Promise.resolve(outcome).then(
      (outputs) => this.#succeeded(batch, outputs),
      (error: unknown) => this.#failed(batch, error),
    )
  }

  /** Fails the members whose memory is gone. @returns What is left; null: nobody. */
  #present(order: Order): Order | null {
    const { members } = order
    if (members.every(({ isPresent }) => isPresent)) return order
    for (const member of members) if (!member.isPresent) this.#owner.fail(member, vanishedError())
    const left = members.filter(({ isPresent }) => isPresent)
    return left.length === 0 ? null : { ...order, members: left }
  }

  #begin(lane: Lane, order: Order, started: number): Batch {
    const { recorder } = this.#options
    const batch = new Batch(this.#nextId++, lane, order, started)
    if (order.reason !== 'retry') for (const { enqueued } of order.members) recorder.queued(started - enqueued, started)
    recorder.sent(order.reason, batch.rows)
    lane.begin(batch)
    if (channels.batchStart.hasSubscribers || channels.batchEnd.hasSubscribers || channels.requestEnd.hasSubscribers) {
      batch.event = this.#event(batch)
      if (channels.batchStart.hasSubscribers) channels.batchStart.publish(batch.event)
    }
    return batch
  }

  #event({ id, rows, started, lane, order }: Batch): BatchEvent {
    const { members, bucket, reason, predicted } = order
    const requests = members.flatMap((member): RequestEvent[] => {
      const event = (member.whole?.entry ?? member).event
      return event === null ? [] : [event]
    })
    const { runner } = this.#options
    const event: BatchEvent = { runner, id, lane: lane.index, bucket: bucket.label, rows, requests, reason, predicted, started }
    for (const request of requests) request.batch = event
    return event
  }

  #succeeded(batch: Batch, outputs: Outputs): void {
    const { clock, recorder, split } = this.#options
    const now = clock.now()
    if (this.#ended(batch, null, now)) return
    const { started, sent, rows, slab, order } = batch
    const { bucket, predicted } = order
    recorder.executed({ assembly: sent - started, run: now - sent, predicted }, now)
    let answers: Split
    try {
      answers = new Split(owned(outputs, slab), bucket.executed(rows), split)
    } catch (error) {
      return this.#failAll(batch, isTrtError(error) ? error : noOutputs(error), now)
    }
    // First the next batch, then the answers: the device does not wait for JavaScript.
    this.#next(batch.lane, order, { bucket: bucket.id, rows, ms: now - started }, now)
    for (const member of batch.members) this.#answer(answers, member)
    const end = clock.now()
    recorder.split(end - now, end)
  }

  #answer(answers: Split, member: Entry): void {
    if (member.state === 'settled') return
    let answer: Outputs
    try {
      answer = answers.of(member)
    } catch (error) {
      // No memory for a copy, or a crop's size() threw.
      return this.#owner.fail(member, error)
    }
    this.#owner.answer(member, answer)
  }

  #failed(batch: Batch, error: unknown): void {
    const now = this.#options.clock.now()
    if (this.#ended(batch, error, now)) return
    const { lane, order } = batch
    if (isFatal(error)) {
      this.#owner.lost(lane, error, true)
      for (const member of [...order.members, ...order.rest]) if (member.state !== 'settled') this.#owner.requeue(member, error)
      return
    }
    const alone = this.#options.retryAlone && order.reason !== 'retry' && order.members.length > 1 && mayBeInput(error)
    if (alone) this.#next(lane, { ...order, rest: order.members, cause: error }, null, now)
    else this.#failAll(batch, error, now)
  }

  #failAll(batch: Batch, error: unknown, now: number): void {
    for (const member of batch.members) this.#owner.fail(member, error)
    this.#next(batch.lane, batch.order, null, now)
  }

  /** Sends the next member that is to run alone; without one the lane is free. */
  #next(lane: Lane, { bucket, rest, cause }: Order, measured: Measured | null, now: number): void {
    for (let i = 0; i < rest.length; i++) {
      const member = rest[i]!
      if (member.state === 'settled') continue
      const predicted = this.#owner.predict(lane, bucket, member.rows)
      if (!lane.usable) this.#owner.requeue(member, cause)
      else if (now + predicted > member.deadline) this.#owner.fail(member, tooLateError(cause))
      else return this.send(lane, { bucket, members: [member], reason: 'retry', predicted, rest: rest.slice(i + 1), cause })
    }
    this.#owner.freed(lane, measured, now)
  }

  /** @returns Whether its members have been given up before. */
  #ended(batch: Batch, error: unknown, now: number): boolean {
    const { lane, event } = batch
    lane.end(now)
    if (event !== null) {
      event.ended = now
      if (error !== null) event.error = codeOf(error)
      if (channels.batchEnd.hasSubscribers) channels.batchEnd.publish(event)
    }
    if (batch.givenUp === null) return false
    if (isFatal(error)) this.#owner.lost(lane, error, true)
    else this.#owner.back(lane)
    return true
  }

  /** Stops a run that nobody waits for any more. */
  abandon(batch: Batch): void {
    if (batch.lane.batch === batch && batch.isAbandoned) batch.lane.stop()
  }

  /** When a batch will have taken too long. */
  hangsAt(lanes: readonly Lane[]): number {
    let first = Infinity
    for (const { batch } of lanes) if (batch !== null && batch.givenUp === null) first = Math.min(first, batch.started)
    return first + this.#options.executionTimeout
  }

  /** Gives up what has. */
  giveUp(lanes: readonly Lane[], now: number): void {
    const { executionTimeout } = this.#options
    for (const lane of lanes) {
      const { batch } = lane
      if (batch === null || batch.givenUp !== null) continue
      if (now < batch.started + executionTimeout) continue
      const error = hungError(lane.index, executionTimeout)
      batch.givenUp = error
      lane.stop()
      this.#owner.lost(lane, error, false)
      for (const member of [...batch.members, ...batch.order.rest]) this.#owner.fail(member, error)
    }
  }
}

/** The session cannot run anything any more. */
function isFatal(error: unknown): boolean {
  const code = error === null ? null : codeOf(error)
  return code === 'TRT_ERR_DEVICE_LOST' || code === 'TRT_ERR_CLOSED'
}

const notTheInputs: ReadonlySet<string> = new Set(['TRT_ERR_ABORTED', 'TRT_ERR_DEADLINE', 'TRT_ERR_OVERLOADED', 'TRT_ERR_UNAVAILABLE'])

/** Whether one member's values, or the size of the batch, may be the reason. */
function mayBeInput(error: unknown): boolean {
  return !notTheInputs.has(codeOf(error))
}

/** All outputs that some member wants. */
function runOptions(lane: Lane, members: readonly Entry[]): RunOptions {
  const { signal } = lane
  const first = members[0]!.outputs
  if (first === undefined || members.some(({ outputs }) => outputs === undefined)) return { signal }
  if (members.every(({ outputs }) => outputs === first)) return { signal, outputs: first }
  return { signal, outputs: [...new Set(members.flatMap(({ outputs }) => outputs!))] }
}

/** Outputs that share no memory with the inputs, which the next batch overwrites: a Runner may answer with what it was given. */
function owned(outputs: Outputs, slab: Slab): Outputs {
  const names = Object.keys(outputs)
  if (!names.some((name) => slab.owns(outputs[name]!.data.buffer))) return outputs
  return Object.fromEntries(names.map((name) => [name, copyOf(outputs[name]!)]))
}

const copyOf = ({ type, shape, data }: Tensor) => new Tensor(type, shape, data.slice())

function noOutputs(cause: unknown): TrtError {
  return new TrtError('TRT_ERR_INTERNAL', 'The Runner below the batcher gave no outputs by name, as { y: tensor }.', {}, { cause })
}
