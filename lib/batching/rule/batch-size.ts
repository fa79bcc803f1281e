import type { ArrivalKind } from './arrivals.js'
import { type FirstBatch, Outlook } from './outlook.js'
import type { Sizes } from './sizes.js'
import type { Window } from './window.js'

/** Among batches of the same worth the larger one goes: so much is each of its rows worth more than a later one. */
const sooner = 1e-3
const hair = 1e-6
/** Waiting must promise this much more: rows that are certain are worth more than rows that are expected. */
const waitingGain = 0.25
/** Arrivals within a batch time may exceed what is expected by this factor before calm is over. */
const surge = 1.5

export interface Situation {
  readonly window: Window
  readonly sizes: Sizes
  readonly kinds: readonly ArrivalKind[]
  /** When each usable lane is free, from now. */
  readonly lanes: readonly number[]
  /** The idle one that the batch would go to. */
  readonly lane: number
  /** Milliseconds of a long batch. */
  readonly unit: number
  /** Rows of other buckets that survive when this batch takes so long. */
  readonly others: ((ms: number) => number) | null
  /** How long the lane may be kept idle for the next arrival; 0: not at all. */
  readonly patience: number
}

export interface Choice {
  /** Index in `sizes`; -1: none survives. */
  readonly size: number
  /** Rows that it will hold; 0: wait for more. */
  readonly rows: number
}

/** How many rows the next batch should have: the size whose future looks best. */
export class BatchSize {
  readonly #outlook = new Outlook()

  choose(situation: Situation): Choice {
    const { sizes } = situation
    const largest = this.#largest(situation)
    if (largest === null) return { size: -1, rows: 0 }
    if (isCalm(situation, largest)) return largest
    this.#outlook.prepare(situation.window, sizes, situation.kinds, situation.unit)
    let best = largest
    let bestValue = -Infinity
    for (let size = largest.size; size >= 0; size--) {
      const first = firstBatch(situation, size)
      if (first === null) continue
      let value = this.#outlook.value(situation.lanes, first) + sooner * first.rows
      if (situation.others !== null) value += situation.others(first.ms)
      if (value <= bestValue) continue
      bestValue = value
      best = { size, rows: first.rows }
    }
    if (situation.patience > 0 && this.#worthWaiting(situation, bestValue)) return { size: best.size, rows: 0 }
    return best
  }

  #largest(situation: Situation): Choice | null {
    for (let size = situation.sizes.count - 1; size >= 0; size--) {
      const first = firstBatch(situation, size)
      if (first !== null) return { size, rows: first.rows }
    }
    return null
  }

  #worthWaiting({ lanes, lane, patience }: Situation, value: number): boolean {
    const wait = { lane, rows: 0, ms: patience, cut: 0, rest: 0 }
    return this.#outlook.value(lanes, wait) > value + waitingGain
  }
}

/** The batch of this size, of the earliest that survive it; null: a smaller size holds the same. */
function firstBatch({ window, sizes, lane }: Situation, size: number): FirstBatch | null {
  const most = sizes.rows[size]!
  const first = window.firstFrom(sizes.high[size]!)
  const end = window.endOf(first, most)
  const due = window.sum[end]! - window.sum[first]!
  const rest = Math.min(window.restRows, most - due)
  const rows = due + rest
  if (rows <= (size > 0 ? sizes.rows[size - 1]! : 0)) return null
  return { lane, rows, ms: sizes.mean[size]!, cut: end > first ? window.slack[end - 1]! + hair : 0, rest }
}

/** Everything that waits can go at once, and whoever arrives meanwhile can still go after it. */
function isCalm({ window, sizes, kinds, others }: Situation, { size, rows }: Choice): boolean {
  if (rows < window.rows) return false
  const ms = sizes.mean[size]!
  let next = 0
  let tightest = Infinity
  for (const { slack, rate } of kinds) {
    next += surge * rate * ms
    if (rate > 0) tightest = Math.min(tightest, slack)
  }
  return others === null && next <= sizes.maxRows && tightest >= sizes.high[size]! + sizes.high[sizes.indexOf(next)]!
}
