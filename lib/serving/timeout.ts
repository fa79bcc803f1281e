import { TrtError } from '../core/errors.js'
import { flag, invalid, number, plainObject, rejectUnknown } from '../core/options.js'
import type { Inputs, Outputs, Runner, RunOptions } from '../core/runner.js'
import { Counted, type Counts } from './support/counted.js'
import { Strand } from './support/strand.js'
import { Time, timeKeys, type TimeOptions } from './support/time.js'

export interface TimeoutOptions extends TimeOptions {
  /** Milliseconds that a request may take at most, above 0. A deadline that is earlier counts instead. */
  ms: number
  /**
   * Answer only when the run below has let go of its buffers. Default false: the answer comes in time, and a run that has been
   * given up may still read the memory of its inputs for a while, unless it copies them as a batcher does.
   */
  awaitRelease?: boolean
}

export interface TimeoutStats extends Counts {
  /** Of the failed ones, those that took too long. */
  timedOut: number
}

export interface TimeoutRunner<I = Inputs, O = Outputs> extends Runner<I, O> {
  stats(): TimeoutStats
}

/**
 * Bounds how long a request takes: when `ms` or the deadline has passed it is rejected with `TRT_ERR_DEADLINE`, and the run
 * below is aborted. The run below is given the earlier of both as its deadline.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`
 */
export function timeout<I = Inputs, O = Outputs>(runner: Runner<I, O>, options: TimeoutOptions): TimeoutRunner<I, O> {
  rejectUnknown(plainObject('options', options), ['ms', 'awaitRelease', ...timeKeys], 'timeout')
  if (number('ms', options.ms, 0, Infinity) === 0) throw invalid('Expected a number above 0 for ms but received 0.')
  flag('awaitRelease', options.awaitRelease ?? false)
  return new Timeout(runner, options)
}

class Timeout<I, O> extends Counted<I, O> implements TimeoutRunner<I, O> {
  readonly #runner: Runner<I, O>
  readonly #ms: number
  readonly #awaitRelease: boolean
  #timedOut = 0

  constructor(runner: Runner<I, O>, options: TimeoutOptions) {
    super(new Time(options))
    this.#runner = runner
    this.#ms = options.ms
    this.#awaitRelease = options.awaitRelease ?? false
  }

  stats(): TimeoutStats {
    return { ...this.counts(), timedOut: this.#timedOut }
  }

  protected request(inputs: I, options: RunOptions): Promise<O> {
    const began = this.time.now()
    const limit = Math.min(began + this.#ms, options.deadline ?? Infinity)
    if (limit === Infinity) return this.#runner.run(inputs, options)
    return new Promise((resolve, reject) => {
      const strand = new Strand(this.#runner, inputs, options, limit)
      let late: TrtError | null = null
      const cancel = this.time.ringAt(limit, () => {
        late = lateError(limit - began)
        this.#timedOut++
        strand.stop(late)
        if (!this.#awaitRelease) reject(late)
      })
      const released = async () => {
        try {
          const answer = await strand.answer
          if (late === null) return answer
        } catch (error) {
          if (late === null) throw error
        } finally {
          cancel()
        }
        throw late
      }
      released().then(resolve, reject)
    })
  }
}

function lateError(ms: number): TrtError {
  return new TrtError('TRT_ERR_DEADLINE', `No answer came within ${ms.toFixed(3)} ms; the run was aborted.`, { limit: ms })
}
