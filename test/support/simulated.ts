import { TrtError } from '../../lib/core/errors.js'
import type { Inputs, RunOptions } from '../../lib/core/runner.js'
import type { Probes } from '../../lib/bench/options.js'
import type { VirtualTime } from './virtual-time.js'

export interface SimulatedOptions {
  /** Milliseconds of the n-th run. */
  serviceMs: number | ((n: number) => number)
  lanes?: number
  /** More in flight are refused with `TRT_ERR_OVERLOADED`, to come again after a millisecond. */
  most?: number
}

/** A runner in virtual time: first come, first served. */
export class SimulatedRunner {
  readonly seen: { at: number; inputs: Inputs; options: RunOptions }[] = []
  mostInFlight = 0
  #inFlight = 0
  readonly #freeAt: number[]

  constructor(
    private readonly time: VirtualTime,
    private readonly options: SimulatedOptions,
  ) {
    this.#freeAt = new Array<number>(options.lanes ?? 1).fill(-Infinity)
  }

  async run(inputs: Inputs, options: RunOptions = {}): Promise<object> {
    const { most = Infinity, serviceMs } = this.options
    const n = this.seen.push({ at: this.time.now(), inputs, options }) - 1
    if (this.#inFlight >= most) throw new TrtError('TRT_ERR_OVERLOADED', 'full', { reason: 'overload', retryAfter: 1 })
    this.mostInFlight = Math.max(this.mostInFlight, ++this.#inFlight)
    const lane = this.#freeAt.indexOf(Math.min(...this.#freeAt))
    const ends = Math.max(this.time.now(), this.#freeAt[lane]!) + (typeof serviceMs === 'number' ? serviceMs : serviceMs(n))
    this.#freeAt[lane] = ends
    await this.time.sleepUntil(ends)
    this.#inFlight--
    return {}
  }
}

/** CPU that is 100 µs for each simulated millisecond, and an event loop that is never late. */
export function simulatedProbes(time: VirtualTime): Probes {
  return {
    cpu: () => time.now() * 100,
    watchEventLoop: () => ({ stop: () => ({ mean: 0, p50: 0, p99: 0, max: 0 }) }),
  }
}
