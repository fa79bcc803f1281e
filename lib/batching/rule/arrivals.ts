/** Requests that bring about the same time are one kind: so much may they differ. */
const alike = 0.2
const mostKinds = 6
/** How fast the mean of a kind follows its members. */
const drift = 0.1
/** Memories of the total that the mix remembers: some seconds of batches. Half of it costs mixed deadlines 0.05 points. */
const mixMemories = 100

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

/**
 * Rows per millisecond that arrive, by how much time they bring. The total follows the last few batch times, for loads come in
 * bursts; its parts follow the last few hundred, for the mix of callers changes slowly.
 */
export class Arrivals {
  readonly #kinds: Kind[] = []
  /** Decayed count of rows over the short memory. */
  #recent = 0
  #seen = -Infinity
  /** Milliseconds. */
  #memory = 25

  /** @param ms How far back the total looks. */
  remember(ms: number): void {
    if (ms > 0) this.#memory = ms
  }

  add(rows: number, slack: number, now: number): void {
    this.#recent = this.#recent * this.#decay(now - this.#seen) + rows
    this.#seen = now
    const kind = this.#kindOf(slack, now)
    kind.weight = kind.weight * this.#fade(now - kind.seen) + rows
    kind.seen = now
    if (slack !== kind.slack) kind.slack += drift * (slack - kind.slack)
  }

  /** Rows per millisecond now. */
  rate(now: number): number {
    return (this.#recent * this.#decay(now - this.#seen)) / this.#memory
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

  #decay(elapsed: number): number {
    return elapsed > 0 ? Math.exp(-elapsed / this.#memory) : 1
  }

  #fade(elapsed: number): number {
    return this.#decay(elapsed / mixMemories)
  }
}
