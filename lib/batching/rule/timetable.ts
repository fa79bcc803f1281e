import type { CostModel, Prediction } from './types.js'

interface Lane {
  usable: boolean
  idle: boolean
  /** When it should be free, by the mean of what it runs. */
  freeAt: number
}

const usualOf = ({ high, usual = high }: Prediction): number => usual

/** Which lanes there are, when each should be free, and so when a request could be done at the earliest. */
export class Timetable {
  readonly #lanes: Lane[]
  readonly #costs: readonly CostModel[]
  /** All lanes cost the same. */
  readonly #uniform: boolean

  /** @param costs Of each lane, or one for all. */
  constructor(lanes: number, costs: readonly CostModel[]) {
    this.#lanes = Array.from({ length: lanes }, () => ({ usable: true, idle: true, freeAt: 0 }))
    this.#costs = this.#lanes.map((_, lane) => costs[lane] ?? costs[0]!)
    this.#uniform = this.#costs.every((cost) => cost === costs[0])
  }

  cost(lane: number): CostModel {
    return this.#costs[lane]!
  }

  start(lane: number, freeAt: number): void {
    this.#lanes[lane]!.idle = false
    this.#lanes[lane]!.freeAt = freeAt
  }

  finish(lane: number): void {
    this.#lanes[lane]!.idle = true
  }

  setUsable(lane: number, usable: boolean): void {
    Object.assign(this.#lanes[lane]!, { usable, idle: true })
  }

  get anyIdle(): boolean {
    return this.#lanes.some(({ usable, idle }) => usable && idle)
  }

  get allIdle(): boolean {
    return this.#lanes.every(({ usable, idle }) => idle || !usable)
  }

  /** Milliseconds until each lane should be free; Infinity: it is lost. The array is `into`. */
  freeIn(now: number, into: number[]): number[] {
    into.length = 0
    for (const { usable, idle, freeAt } of this.#lanes) into.push(!usable ? Infinity : idle ? 0 : Math.max(0, freeAt - now))
    return into
  }

  /** The idle lane that would be done first; -1: none is idle. */
  idleLane(bucket: number, rows: number): number {
    let best = -1
    let least = Infinity
    for (let lane = 0; lane < this.#lanes.length; lane++) {
      const { usable, idle } = this.#lanes[lane]!
      if (!usable || !idle) continue
      if (this.#uniform) return lane
      const { mean } = this.#costs[lane]!.predict(bucket, rows)
      if (mean < least) {
        least = mean
        best = lane
      }
    }
    return best
  }

  /** Milliseconds of a batch, at least on the fastest lane, by the high estimate. */
  least(bucket: number, rows: number): number {
    if (this.#uniform) return this.#costs[0]!.predict(bucket, rows).high
    return Math.min(...this.#costs.map((cost) => cost.predict(bucket, rows).high))
  }

  /** The same without a disturbance that may be over. */
  leastUsual(bucket: number, rows: number): number {
    return Math.min(...this.#costs.map((cost) => usualOf(cost.predict(bucket, rows))))
  }

  /** When a request that went first would be done, by the high estimate. -Infinity: no lane is usable, nobody knows. */
  soonest(bucket: number, rows: number, now: number): number {
    if (this.#uniform) return this.#soonestStart(now) + this.#costs[0]!.predict(bucket, rows).high
    let soonest = Infinity
    for (let lane = 0; lane < this.#lanes.length; lane++) {
      const { usable, idle, freeAt } = this.#lanes[lane]!
      if (!usable) continue
      soonest = Math.min(soonest, (idle ? now : Math.max(now, freeAt)) + this.#costs[lane]!.predict(bucket, rows).high)
    }
    return soonest === Infinity ? -Infinity : soonest
  }

  #soonestStart(now: number): number {
    let soonest = Infinity
    for (const { usable, idle, freeAt } of this.#lanes) {
      if (usable) soonest = Math.min(soonest, idle ? now : Math.max(now, freeAt))
    }
    return soonest === Infinity ? -Infinity : soonest
  }

  /** The same behind `before` rows of its bucket that go in full batches, by the means. */
  behind(before: number, request: { bucket: number; rows: number; maxRows: number }, now: number): number {
    const { bucket, rows, maxRows } = request
    const full = Math.floor((before + rows - 1) / maxRows)
    let last = Infinity
    let perMs = 0
    for (let lane = 0; lane < this.#lanes.length; lane++) {
      if (!this.#lanes[lane]!.usable) continue
      perMs += 1 / this.#costs[lane]!.predict(bucket, maxRows).mean
      last = Math.min(last, this.#costs[lane]!.predict(bucket, before + rows - full * maxRows).mean)
    }
    return perMs === 0 ? -Infinity : this.#soonestStart(now) + full / perMs + last
  }

  /** Whether an idle lane serves a batch sooner than the others will have served all that waits: a slow one may not. */
  isWorthwhile(lane: number, bucket: number, batch: { rows: number; waiting: number; maxRows: number }, now: number): boolean {
    if (this.#uniform) return true
    const done = now + this.#costs[lane]!.predict(bucket, batch.rows).mean
    const full = Math.floor(batch.waiting / batch.maxRows)
    for (let other = 0; other < this.#lanes.length; other++) {
      const { usable, idle, freeAt } = this.#lanes[other]!
      if (other === lane || !usable || idle) continue
      const cost = this.#costs[other]!
      const rest = batch.waiting - full * batch.maxRows
      const drain = full * cost.predict(bucket, batch.maxRows).mean + (rest > 0 ? cost.predict(bucket, rest).mean : 0)
      if (Math.max(now, freeAt) + drain < done) return false
    }
    return true
  }
}
