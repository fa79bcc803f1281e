import { Tempo } from './tempo.js'

/** Requests that bring about the same time are one kind: so much may they differ. */
const alike = 0.2
const mostKinds = 6
/** How fast the mean of a kind follows its members. */
const drift = 0.1
/** Long batches that the mix remembers: some seconds. Half of it costs mixed deadlines 0.05 points. */
const mixBatches = 600
/** Of the mean rows of a request: the weight of the next one. */
const rowsGain = 0.02
/** Milliseconds: before any batch has been decided. */
const unknownBatch = 4

/** Requests of one kind: their time to the deadline on arrival, and how many rows of them arrive. */
export interface ArrivalKind {
  /** Milliseconds from arrival to deadline, the mean. Infinity: they have none. */
  slack: number
  /** Rows per millisecond. */
  rate: number
}

interface Kind extends ArrivalKind {
  /** Rows seen, older ones counting less. */
  weight: number
  seen: number
}

/** What is expected of the total rate. */
export interface Trend {
  /** Milliseconds that it probably stays as it is now. */
  readonly lasts: number
  /** What it will be then, as a share of what it is now. */
  readonly after: number
}

/**
 * Rows per millisecond that arrive, by how much time they bring. The total follows the tempo, for loads come in bursts; its
 * parts follow the last few hundred batches, for the mix of callers changes slowly.
 */
export class Arrivals {
  readonly #kinds: Kind[] = []
  readonly #tempo = new Tempo()
  #rowsEach = 0
  #unit = unknownBatch

  /** @param ms Of a long batch: how quickly rates are followed. */
  pace(ms: number): void {
    if (ms > 0) this.#unit = ms
  }

  add(rows: number, slack: number, now: number): void {
    this.#tempo.add(now, this.#unit)
    this.#rowsEach = this.#rowsEach === 0 ? rows : this.#rowsEach + rowsGain * (rows - this.#rowsEach)
    const kind = this.#kindOf(slack, now)
    kind.weight = kind.weight * this.#fade(now - kind.seen) + rows
    kind.seen = now
    if (slack !== kind.slack) kind.slack += drift * (slack - kind.slack)
  }

  /** Rows per millisecond now. */
  rate(now: number): number {
    this.#tempo.look(now, this.#unit)
    return this.#tempo.rate * this.#rowsEach
  }

  /** As of the last call of `rate` or `kinds`. */
  get trend(): Trend {
    return this.#tempo
  }

  /** Every kind with its rate now. The array and its members are reused. */
  kinds(now: number): readonly ArrivalKind[] {
    const total = this.rate(now)
    let sum = 0
    for (const kind of this.#kinds) sum += kind.rate = kind.weight * this.#fade(now - kind.seen)
    for (const kind of this.#kinds) kind.rate *= sum > 0 ? total / sum : 0
    return this.#kinds
  }

  /** As of the last call of `kinds`. */
  get current(): readonly ArrivalKind[] {
    return this.#kinds
  }

  #kindOf(slack: number, now: number): Kind {
    let nearest: Kind | undefined
    let weakest: Kind | undefined
    for (const kind of this.#kinds) {
      if (slack === kind.slack) return kind
      const apart = Math.abs(slack - kind.slack)
      if (apart <= alike * slack && (nearest === undefined || apart < Math.abs(slack - nearest.slack))) nearest = kind
      if (weakest === undefined || this.#left(kind, now) < this.#left(weakest, now)) weakest = kind
    }
    if (nearest !== undefined) return nearest
    if (this.#kinds.length < mostKinds || weakest === undefined) {
      const kind = { slack, rate: 0, weight: 0, seen: now }
      this.#kinds.push(kind)
      return kind
    }
    Object.assign(weakest, { slack, weight: 0, seen: now })
    return weakest
  }

  #left({ weight, seen }: Kind, now: number): number {
    return weight * this.#fade(now - seen)
  }

  #fade(elapsed: number): number {
    return elapsed > 0 ? Math.exp(-elapsed / (mixBatches * this.#unit)) : 1
  }
}
