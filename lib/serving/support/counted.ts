import { number } from '../../core/options.js'
import type { Runner, RunOptions } from '../../core/runner.js'
import { sourceOf } from './abort.js'
import { abortedError, pastError } from './errors.js'
import type { Time } from './time.js'

/** What every wrapper counts. `requests` is always `answered + failed + pending`. */
export interface Counts {
  requests: number
  answered: number
  /** Rejected, for whatever reason. */
  failed: number
  pending: number
}

/**
 * A wrapper around a Runner: counts what comes and how it ends. What is aborted or too late already is never begun, and
 * whatever a runner below does (throws, answers without a promise) ends in the one promise of the request.
 */
export abstract class Counted<I, O> implements Runner<I, O> {
  #answered = 0
  #failed = 0
  #pending = 0

  constructor(protected readonly time: Time) {}

  async run(inputs: I, options: RunOptions = {}): Promise<O> {
    this.#pending++
    try {
      this.#check(options)
      const answer = await this.request(inputs, options)
      this.#answered++
      return answer
    } catch (error) {
      this.#failed++
      throw error
    } finally {
      this.#pending--
    }
  }

  /** @param options Neither aborted nor too late. */
  protected abstract request(inputs: I, options: RunOptions): Promise<O>

  protected counts(): Counts {
    const [answered, failed, pending] = [this.#answered, this.#failed, this.#pending]
    return { requests: answered + failed + pending, answered, failed, pending }
  }

  #check(options: RunOptions): void {
    const source = sourceOf(options)
    if (source?.aborted === true) throw abortedError(source)
    const { deadline } = options
    if (deadline === undefined) return
    number('deadline', deadline, -Infinity, Infinity)
    const now = this.time.now()
    if (deadline <= now) throw pastError(deadline, now)
  }
}
