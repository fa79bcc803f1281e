import { TrtError } from '../core/errors.js'
import { integer, invalid, number, plainObject, rejectUnknown } from '../core/options.js'
import type { Inputs, Outputs, Runner, RunOptions } from '../core/runner.js'
import { sourceOf } from './support/abort.js'
import { Counted, type Counts } from './support/counted.js'
import { RecentQuantile } from './support/recent-quantile.js'
import { Strand } from './support/strand.js'
import { Time, timeKeys, type TimeOptions } from './support/time.js'

export interface HedgeOptions<I = Inputs, O = Outputs> extends TimeOptions {
  /** Where second copies go. Default: the same runner. */
  second?: Runner<I, O>
  /** A second copy is sent when the first has taken longer than this share of the recent ones, from 0.5 to 1. Default 0.95. */
  quantile?: number
  /** Second copies for each request in the long run, from 0 to 1. Default 0.05. */
  maxExtra?: number
  /** Milliseconds that the first copy is given at least. Default 1. */
  minDelay?: number
  /** Answers before which no second copy is sent: from 1 to 512. Default 64. */
  learnFrom?: number
}

export interface HedgeStats extends Counts {
  /** Requests of which a second copy was sent. */
  hedged: number
  /** Those that the second copy answered. */
  won: number
  /** Not sent, because `maxExtra` had been used up. */
  withheld: number
  /** Milliseconds after which a second copy is sent; Infinity: not yet known. */
  after: number
}

export interface HedgeRunner<I = Inputs, O = Outputs> extends Runner<I, O> {
  stats(): HedgeStats
}

/** Second copies that may be saved up. */
const burst = 10

/**
 * Sends a second copy of a request that takes unusually long, and answers with whichever comes first; the other is aborted.
 * For inputs that may be run twice at once and runners whose slowness is chance: two sessions, two servers. A copy that was
 * aborted may still read the memory of the inputs for a while, unless the runner copies them; `into` is refused, for both
 * copies would write there.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`
 */
export function hedge<I = Inputs, O = Outputs>(runner: Runner<I, O>, options: HedgeOptions<I, O> = {}): HedgeRunner<I, O> {
  const known = ['second', 'quantile', 'maxExtra', 'minDelay', 'learnFrom', ...timeKeys]
  rejectUnknown(plainObject('options', options), known, 'hedge')
  return new Hedge(runner, {
    second: options.second ?? runner,
    quantile: number('quantile', options.quantile ?? 0.95, 0.5, 1),
    maxExtra: number('maxExtra', options.maxExtra ?? 0.05, 0, 1),
    minDelay: number('minDelay', options.minDelay ?? 1, 0, 1e9),
    learnFrom: integer('learnFrom', options.learnFrom ?? 64, 1, 512),
    time: new Time(options),
  })
}

type Resolved<I, O> = Required<Omit<HedgeOptions<I, O>, keyof TimeOptions>> & { time: Time }

class Hedge<I, O> extends Counted<I, O> implements HedgeRunner<I, O> {
  readonly #runner: Runner<I, O>
  readonly #options: Resolved<I, O>
  readonly #usual: RecentQuantile
  /** Second copies that may be sent. */
  #tokens = 0
  #hedged = 0
  #won = 0
  #withheld = 0

  constructor(runner: Runner<I, O>, options: Resolved<I, O>) {
    super(options.time)
    this.#runner = runner
    this.#options = options
    this.#usual = new RecentQuantile(options.quantile, options.learnFrom)
  }

  stats(): HedgeStats {
    const after = Math.max(this.#options.minDelay, this.#usual.value)
    return { ...this.counts(), hedged: this.#hedged, won: this.#won, withheld: this.#withheld, after }
  }

  protected async request(inputs: I, options: RunOptions): Promise<O> {
    if ('into' in options) throw invalid('Expected no into below hedge(): two copies of the request would write to the same memory.')
    this.#tokens = Math.min(burst, this.#tokens + this.#options.maxExtra)
    const began = this.time.now()
    const first = new Strand(this.#runner, inputs, options)
    const due = began + Math.max(this.#options.minDelay, this.#usual.value)
    // When the first copy is cut short, that it would have taken longer is all that is known.
    const learn = () => this.#usual.add(this.time.now() - began)
    if (due >= (options.deadline ?? Infinity)) {
      const answer = await first.answer
      learn()
      return answer
    }
    return this.#race(first, { due, learn, copy: () => this.#copy(inputs, options) })
  }

  /** Null: no second copy may be sent. */
  #copy(inputs: I, options: RunOptions): Strand<I, O> | null {
    if (sourceOf(options)?.aborted === true) return null
    if (this.#tokens < 1) {
      this.#withheld++
      return null
    }
    this.#tokens--
    this.#hedged++
    return new Strand(this.#options.second, inputs, options)
  }

  #race(first: Strand<I, O>, { due, learn, copy }: { due: number; learn: () => void; copy: () => Strand<I, O> | null }): Promise<O> {
    return new Promise((resolve, reject) => {
      let second: Strand<I, O> | null = null
      let running = 1
      let failure: unknown
      const follow = async (strand: Strand<I, O>) => {
        try {
          const answer = await strand.answer
          if (running === 0) return
          running = 0
          cancel()
          learn()
          if (strand === second) this.#won++
          const loser = strand === second ? first : second
          loser?.stop(beatenError())
          resolve(answer)
        } catch (error) {
          if (running === 0) return
          // The first copy's error is the one to tell: the second may only say that there is no room for it.
          if (strand === first || failure === undefined) failure = error
          if (--running > 0) return
          cancel()
          reject(failure)
        }
      }
      const cancel = this.time.ringAt(due, () => {
        second = copy()
        if (second === null) return
        running++
        void follow(second)
      })
      void follow(first)
    })
  }
}

function beatenError(): TrtError {
  return new TrtError('TRT_ERR_ABORTED', 'Another copy of the request was answered first.')
}
