/** The lanes of a simulation: which are busy, until when, and what with. */
export class BusyLanes<Batch> {
  readonly #end: Float64Array
  readonly #batch: (Batch | null)[]
  /** Milliseconds that lanes were busy, together. */
  busyMs = 0

  constructor(count: number) {
    this.#end = new Float64Array(count).fill(Infinity)
    this.#batch = Array.from({ length: count }, () => null)
  }

  begin(lane: number, now: number, ms: number, batch: Batch): void {
    if (this.#batch[lane] !== null)
      throw new RangeError(`The rule sent a batch to lane ${lane}, which is ${lane in this.#batch ? 'busy' : 'unknown'}.`)
    this.#end[lane] = now + ms
    this.#batch[lane] = batch
    this.busyMs += ms
  }

  /** Of the lane that ends first, −1 where none is busy. */
  next(): number {
    let first = -1
    let end = Infinity
    for (let lane = 0; lane < this.#end.length; lane++) {
      if (this.#end[lane]! < end) {
        end = this.#end[lane]!
        first = lane
      }
    }
    return first
  }

  end(lane: number): number {
    return this.#end[lane] ?? Infinity
  }

  free(lane: number): Batch {
    const batch = this.#batch[lane]!
    this.#batch[lane] = null
    this.#end[lane] = Infinity
    return batch
  }
}
