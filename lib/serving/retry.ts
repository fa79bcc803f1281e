import { type ErrorCode, isTrtError } from '../core/errors.js'
import type { Abortable } from '../core/abort-group.js'
import { callback, integer, number, plainObject, rejectUnknown } from '../core/options.js'
import type { Inputs, Outputs, Runner, RunOptions } from '../core/runner.js'
import { listen, type Source, sourceOf, unlisten } from './support/abort.js'
import { Counted, type Counts } from './support/counted.js'
import { abortedError } from './support/errors.js'
import { Time, timeKeys, type TimeOptions } from './support/time.js'

export interface RetryOptions<I = Inputs> extends TimeOptions {
  /** Runs of a request at most, the first one included: from 1 to 100. Default 3. */
  attempts?: number
  /** Milliseconds to the second run at most; twice as many before each further one. Chance draws from 0 to that. Default 10. */
  delay?: number
  /** Most milliseconds between two runs, unless a refusal's `retryAfter` says more. Default 1000. */
  maxDelay?: number
  /**
   * Retries for each request in the long run, from 0 to 10: a service that is down is not asked three times as much. Default 0.2.
   * `burst` of them may come at once. Default 10.
   */
  budget?: number
  burst?: number
  /** Whether running these inputs twice does no harm. Default: always, for inference only computes. */
  idempotent?: (inputs: I, options: RunOptions) => boolean
  /** Whether this error may go away by itself. Default: `isTransient`. */
  when?: (error: unknown, attempt: number) => boolean
  /** From 0 to 1. Default: `Math.random`. */
  random?: () => number
}

export interface RetryStats extends Counts {
  /** Runs after the first of their request. */
  retries: number
  /** Answered, but not by the first run. */
  recovered: number
  /** Failed although another run might have helped, by what forbade it. */
  givenUp: { attempts: number; budget: number; deadline: number }
}

export interface RetryRunner<I = Inputs, O = Outputs> extends Runner<I, O> {
  stats(): RetryStats
}

const transientCodes: ReadonlySet<string> = new Set<ErrorCode>(['TRT_ERR_OVERLOADED', 'TRT_ERR_UNAVAILABLE', 'TRT_ERR_DEVICE'])
const networkCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'UND_ERR_SOCKET'])

/** Errors that may go away by themselves: overload, an unavailable library or server, a failed execution, a broken connection. */
export function isTransient(error: unknown): boolean {
  if (isTrtError(error)) return transientCodes.has(error.code)
  return error instanceof Error && networkCodes.has(String((error as { code?: unknown }).code))
}

/**
 * Runs again what failed for a reason that may go away: only where that does no harm, never past the deadline, and only as
 * much as the budget allows. A request that is not run again fails with the last error.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`
 */
export function retry<I = Inputs, O = Outputs>(runner: Runner<I, O>, options: RetryOptions<I> = {}): RetryRunner<I, O> {
  const known = ['attempts', 'delay', 'maxDelay', 'budget', 'burst', 'idempotent', 'when', 'random', ...timeKeys]
  rejectUnknown(plainObject('options', options), known, 'retry')
  return new Retry(runner, {
    attempts: integer('attempts', options.attempts ?? 3, 1, 100),
    delay: number('delay', options.delay ?? 10, 0, 1e9),
    maxDelay: number('maxDelay', options.maxDelay ?? 1000, 0, 1e9),
    budget: number('budget', options.budget ?? 0.2, 0, 10),
    burst: number('burst', options.burst ?? 10, 0, 1e9),
    idempotent: callback('idempotent', options.idempotent ?? (() => true)),
    when: callback('when', options.when ?? isTransient),
    random: callback('random', options.random ?? Math.random),
    time: new Time(options),
  })
}

type Resolved<I> = Required<Omit<RetryOptions<I>, keyof TimeOptions>> & { time: Time }

class Retry<I, O> extends Counted<I, O> implements RetryRunner<I, O> {
  readonly #runner: Runner<I, O>
  readonly #options: Resolved<I>
  /** Retries that may be made. */
  #tokens: number
  #retries = 0
  #recovered = 0
  readonly #givenUp = { attempts: 0, budget: 0, deadline: 0 }

  constructor(runner: Runner<I, O>, options: Resolved<I>) {
    super(options.time)
    this.#runner = runner
    this.#options = options
    this.#tokens = options.burst
  }

  stats(): RetryStats {
    return { ...this.counts(), retries: this.#retries, recovered: this.#recovered, givenUp: { ...this.#givenUp } }
  }

  protected async request(inputs: I, options: RunOptions): Promise<O> {
    this.#tokens = Math.min(this.#options.burst, this.#tokens + this.#options.budget)
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#runner.run(inputs, options)
        if (attempt > 1) this.#recovered++
        return answer
      } catch (error) {
        const source = sourceOf(options)
        if (source?.aborted === true || !this.#options.when(error, attempt) || !this.#options.idempotent(inputs, options)) throw error
        const wait = this.#waitFor(error, attempt)
        if (!this.#mayRetry(attempt, this.time.now() + wait, options.deadline ?? Infinity)) throw error
        this.#retries++
        await this.#sleep(wait, source)
      }
    }
  }

  #mayRetry(attempt: number, at: number, deadline: number): boolean {
    const { attempts } = this.#options
    const forbidden = attempt >= attempts ? 'attempts' : at >= deadline ? 'deadline' : this.#tokens < 1 ? 'budget' : null
    if (forbidden !== null) {
      this.#givenUp[forbidden]++
      return false
    }
    this.#tokens--
    return true
  }

  #waitFor(error: unknown, attempt: number): number {
    const { delay, maxDelay, random } = this.#options
    const drawn = random() * Math.min(maxDelay, delay * 2 ** (attempt - 1))
    const after = isTrtError(error) ? Number(error.details['retryAfter']) : Number.NaN
    return after > 0 ? Math.max(after, drawn) : drawn
  }

  #sleep(ms: number, source: Source | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.time.ringAt(this.time.now() + ms, () => {
        unlisten(source, member)
        resolve()
      })
      const member: Abortable = {
        abort: () => {
          cancel()
          unlisten(source, member)
          reject(abortedError(source!))
        },
      }
      listen(source, member)
    })
  }
}
