const remembered = 512
/** Sorting is for every so many values, so that a value costs a fraction of a microsecond. */
const renewal = 32

/** A quantile of the last few hundred values. */
export class RecentQuantile {
  /** Infinity until enough are known. */
  value = Infinity
  readonly #share: number
  readonly #least: number
  readonly #values = new Float64Array(remembered)
  #count = 0

  /** @param least Values before which nothing is said: up to 512. */
  constructor(share: number, least: number) {
    this.#share = share
    this.#least = least
  }

  add(value: number): void {
    this.#values[this.#count++ % remembered] = value
    if (this.#count < this.#least || (this.#count % renewal !== 0 && this.#count !== this.#least)) return
    const sorted = this.#values.slice(0, Math.min(this.#count, remembered)).sort()
    this.value = sorted[Math.max(0, Math.ceil(this.#share * sorted.length) - 1)]!
  }
}
