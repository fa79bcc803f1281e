import { begin, forget, pollFor, requestHead, startRequest, startedRequests } from '../backend/completions.js'
import type { NativeSession } from '../backend/native.js'
import { toTrtError } from '../backend/status.js'
import { TrtError, isTrtError } from '../core/errors.js'
import { invalid } from '../core/options.js'
import { join } from './abort-group.js'
import { type GraphStats, readGraphStats } from './graph-stats.js'
import type { InputSet } from './input-set.js'
import { borrow, type Lender } from './loans.js'
import type { OutputSet, Wanted } from './outputs.js'
import { Run, type RunOwner, type RunResult } from './run.js'
import { checkRunOptions, type SessionRunOptions } from './run-options.js'
import type { ResolvedSessionOptions } from './session-options.js'
import { type SessionStats, StatsRecorder } from './session-stats.js'
import { aborted } from './tasks.js'

const nothing = (): void => {}
let nextResolve: (result: RunResult) => void = nothing
let nextReject: (error: unknown) => void = nothing
/** One executor for all promises: a closure for each run would cost as much as the promise. */
const capture = (resolve: (result: RunResult) => void, reject: (error: unknown) => void): void => {
  nextResolve = resolve
  nextReject = reject
}

/** Starts runs, counts them, and ends when the last has settled. */
export class SessionCore implements RunOwner, Lender {
  readonly #native: NativeSession
  readonly #options: ResolvedSessionOptions
  readonly #stats: StatsRecorder
  #inFlight = 0
  /** Runs of other sessions that use memory of this one. */
  #loans = 0
  #closing: Promise<void> | null = null
  #drained: (() => void) | null = null
  /** As they were when the session was closed. */
  #lastGraphs: GraphStats | null = null

  constructor(
    native: NativeSession,
    readonly inputs: InputSet,
    readonly outputs: OutputSet,
    options: ResolvedSessionOptions,
  ) {
    this.#native = native
    this.#options = options
    this.#stats = new StatsRecorder(options.clock)
  }

  get closed(): boolean {
    return this.#closing !== null
  }

  get native(): NativeSession {
    return this.#native
  }

  stats(): SessionStats {
    return this.#stats.summary(this.#inFlight, this.#options.lanes, readGraphStats(this.#native) ?? this.#lastGraphs)
  }

  /** Never throws: every failure rejects the promise. @param lane −1: any; a certain one warms up, and is not counted. */
  run(inputs: Readonly<Record<string, unknown>>, options: SessionRunOptions | undefined, lane: number): Promise<RunResult> {
    const run = new Run(this)
    const promise = new Promise<RunResult>(capture)
    run.resolve = nextResolve
    run.reject = nextReject
    nextResolve = nextReject = nothing // else the last result of all would never be collected
    run.counted = lane < 0
    try {
      this.#start(run, inputs, options, lane)
    } catch (error) {
      this.#stats.failed(isTrtError(error) ? error.code : 'TRT_ERR_INTERNAL')
      run.reject(error)
    }
    return promise
  }

  #start(run: Run, inputs: Readonly<Record<string, unknown>>, options: SessionRunOptions | undefined, lane: number): void {
    if (this.#closing !== null) throw closedError('session')
    if (this.#inFlight >= this.#options.maxQueue) throw overloaded(this.#options.maxQueue)
    run.started = this.#options.clock.now()
    const budgetNs = options === undefined ? 0 : this.#prepare(run, checkRunOptions(options))
    const wanted = this.outputs.select(options?.outputs)
    const request = startRequest()
    const turn = startedRequests()
    const views = this.inputs.take(inputs, request, requestHead)
    run.views = views
    run.wanted = wanted
    run.targets = options?.into === undefined ? null : this.outputs.targets(options.into, wanted)
    this.#writeOutputs(request, run, wanted)
    if (turn !== startedRequests()) throw reentered()
    this.#submit(request, run, lane, budgetNs)
  }

  /** @returns the time budget in nanoseconds, 0 for none. */
  #prepare(run: Run, { signal, deadline, into }: SessionRunOptions): number {
    if (signal !== undefined) {
      if (signal.aborted) throw aborted('run', signal)
      run.signal = signal
    }
    run.into = into ?? null
    if (deadline === undefined || deadline === Infinity) return 0
    const leftMs = deadline - run.started
    if (leftMs > 0) return Math.max(1, Math.round(leftMs * 1e6))
    const message = `The deadline passed ${(-leftMs).toFixed(3)} ms before the run was submitted. Nothing was computed.`
    throw new TrtError('TRT_ERR_DEADLINE', message, { deadline, now: run.started })
  }

  /** Where an output's shape is known before the run, the backend may write to the caller's memory directly. */
  #writeOutputs(request: Float64Array, run: Run, { plans, indexes }: Wanted): void {
    let at = this.inputs.end
    for (let i = 0; i < plans.length; i++) {
      const plan = plans[i]!
      const target = run.into === null ? undefined : run.into[plan.name]
      const shape = target === undefined ? undefined : plan.targetShape(target)
      request[at++] = indexes[i]!
      request[at++] = shape === undefined ? -1 : shape.length
      if (shape === undefined) continue
      for (const dim of shape) request[at++] = dim
    }
  }

  #submit(request: Float64Array, run: Run, lane: number, budgetNs: number): void {
    const views = run.views!
    run.id = begin(run)
    run.borrowed = borrow(run.targets, this, borrow(views, this, null))
    request[0] = run.id
    request[1] = lane
    request[2] = budgetNs
    request[3] = views.length
    request[4] = run.wanted!.plans.length
    try {
      if (run.targets !== null) this.#native.submit(...views, ...run.targets)
      else if (views.length === 1)
        this.#native.submit(views[0]!) // twice as fast as a spread of one
      else this.#native.submit(...views)
    } catch (error) {
      forget(run.id)
      returnLoans(run)
      throw toTrtError(error)
    }
    this.#inFlight++
    if (this.#options.poll > 0) pollFor(this.#options.poll)
    if (run.signal !== null) join(run.signal, run)
  }

  cancel(id: number): void {
    this.#native.cancel(id)
  }

  finished(run: Run, error: TrtError | null, report: Float64Array, at: number): void {
    if (run.counted) {
      if (error === null) this.#stats.succeeded(report, at, this.#options.clock.now() - run.started)
      else this.#stats.failed(error.code)
    }
    returnLoans(run)
    this.#inFlight--
    this.#signalDrained()
  }

  retain(): void {
    this.#loans++
  }

  release(): void {
    this.#loans--
    this.#signalDrained()
  }

  #signalDrained(): void {
    if (this.#drained !== null && this.#inFlight === 0 && this.#loans === 0) this.#drained()
  }

  /** Refuses new runs, waits for those in flight and for others that use its memory, frees. Always the same promise. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#inFlight > 0 || this.#loans > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve
      })
    }
    this.#lastGraphs = readGraphStats(this.#native)
    await this.#native.close()
  }
}

function returnLoans({ borrowed }: Run): void {
  if (borrowed === null) return
  for (const lender of borrowed) lender.release()
}

export function closedError(what: 'session' | 'engine'): TrtError {
  const remedy = what === 'session' ? 'Create another with engine.createSession().' : 'Load it again with Engine.load().'
  return new TrtError('TRT_ERR_CLOSED', `The ${what} has been closed. ${remedy}`)
}

/** The request is written in memory that all runs share. */
function reentered(): TrtError {
  return invalid('A getter among the inputs or options of run started another run. Read its value first, and give run the value.')
}

function overloaded(maxQueue: number): TrtError {
  const message = `${maxQueue} runs are in flight, as many as maxQueue allows. Wait for some to settle, or create the session with a larger maxQueue or more lanes.`
  return new TrtError('TRT_ERR_OVERLOADED', message, { maxQueue })
}
