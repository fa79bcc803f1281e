import { integer, number, rejectUnknown } from '../../core/options.js'

export interface SplitOptions<T> {
  /** One of so many is held out at first, from 2. Default 4. */
  readonly every?: number
  /** Most that are held out, from 1. Default 32. */
  readonly most?: number
  /** Bytes that those may take, and `bytesOf` one. Default: no limit. */
  readonly mostBytes?: number
  readonly bytesOf?: (sample: T) => number
}

/**
 * Divides a stream while it is walked through: samples to calibrate on, and some to judge by, kept. Which ones depends on nothing but
 * their order: 1, 5, 9 … of 0, 1, 2 …; when they get too many, every other one goes back to the calibration and from then on half as
 * many are held out, so that they are spread over all of the data and memory is bounded. Samples must not share memory.
 *
 * @example
 * const split = new Split(samples)
 * await collectStatistics(model, tensors, split, runtime)
 * split.heldOut()
 */
export class Split<T> implements AsyncIterable<T> {
  readonly #kept: T[] = []
  #first: T | null = null
  #every: number
  readonly #most: number
  readonly #mostBytes: number
  readonly #bytesOf: (sample: T) => number

  constructor(
    private readonly source: Iterable<T> | AsyncIterable<T>,
    options: SplitOptions<T> = {},
  ) {
    rejectUnknown(options, ['every', 'most', 'mostBytes', 'bytesOf'], 'the split')
    this.#every = integer('every', options.every ?? 4, 2, 1_000_000)
    this.#most = integer('most', options.most ?? 32, 1, 1_000_000)
    this.#mostBytes = number('mostBytes', options.mostBytes ?? Infinity, 0, Infinity)
    this.#bytesOf = options.bytesOf ?? (() => 0)
  }

  /** Of a single sample that one, although it was calibrated on. */
  heldOut(): readonly T[] {
    return this.#kept.length > 0 || this.#first === null ? this.#kept : [this.#first]
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    let index = 0
    for await (const sample of this.source) {
      if (index++ % this.#every !== 1) {
        this.#first ??= sample
        yield sample
        continue
      }
      this.#kept.push(sample)
      while (this.#isTooMuch()) {
        this.#every *= 2
        const back = this.#kept.filter((_, i) => i % 2 === 1)
        this.#kept.splice(0, Infinity, ...this.#kept.filter((_, i) => i % 2 === 0))
        yield* back
      }
    }
  }

  #isTooMuch(): boolean {
    if (this.#kept.length <= 1) return false
    return this.#kept.length > this.#most || this.#kept.reduce((bytes, sample) => bytes + this.#bytesOf(sample), 0) > this.#mostBytes
  }
}
