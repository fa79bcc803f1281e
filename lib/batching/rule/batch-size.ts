import type { ArrivalKind, Trend } from './arrivals.js'
import { chanceWithin, quantileOf, spreadOf } from './chance.js'
import { farBatches, type FirstBatch, Outlook } from './outlook.js'
import type { Sizes } from './sizes.js'
import type { Window } from './window.js'

/**
 * So much is each row of this batch worth more than a later one: certain against expected. It decides between futures that are
 * as good as equal; without it bursts lose 0.9 points, ten times as much costs mixed deadlines 0.1.
 */
const sooner = 3e-3
const hair = 1e-6
/**
 * All are taken whose time left is at least the high estimate, or only so many standard deviations above the mean: those at risk
 * are worth a place where places are cheap. 0.2 points with mixed deadlines.
 */
const risks = [0.8, 0]
/** Beyond so many standard deviations a request is safe. */
const safe = 4
/** Rows that are as good as none. */
const negligible = 0.01

export interface Situation {
  readonly window: Window
  readonly sizes: Sizes
  readonly kinds: readonly ArrivalKind[]
  readonly trend: Trend
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
  /** Those are taken that have at least this much time left. */
  readonly least: number
}

/** How many rows the next batch should have: the size whose future looks best. */
export class BatchSize {
  readonly #outlook = new Outlook()
  #best!: Choice
  #bestValue = -Infinity

  choose(situation: Situation): Choice {
    const { sizes } = situation
    const largest = this.#largest(situation)
    if (largest === null) return { size: -1, rows: 0, least: 0 }
    const quickest = fastest(situation, largest)
    if (isRelaxed(situation)) return quickest
    // Where costs have a step the largest batch may serve fewer rows per time: then it has to be compared.
    const isBest = quickest.size === largest.size
    if (isBest && isCalm(situation, largest)) return largest
    this.#outlook.prepare(situation)
    this.#best = largest
    this.#bestValue = -Infinity
    for (let size = largest.size; size >= 0; size--) {
      const first = firstBatch(situation, size, sizes.high[size]!)
      if (first !== null) {
        this.#consider(situation, first)
        if (isBest && size === largest.size && this.#isEnough(situation, first)) return largest
      }
      this.#considerRisks(situation, size)
    }
    if (situation.patience > 0 && this.#worthWaiting(situation, this.#bestValue)) return { ...this.#best, rows: 0 }
    return this.#best
  }

  #consider({ lanes, others }: Situation, first: Candidate): void {
    let value = this.#outlook.value(lanes, first) + sooner * first.rows
    if (others !== null) value += others(first.ms)
    if (value <= this.#bestValue) return
    this.#bestValue = value
    this.#best = first
  }

  /** The largest batch, which was valued last, loses nobody, nor does what comes behind it. */
  #isEnough(situation: Situation, { least, rows, expected }: Candidate): boolean {
    const { slack, count } = situation.window
    if (situation.others !== null || (count > 0 && slack[0]! < least)) return false
    return rows - expected < negligible && this.#outlook.lost < negligible
  }

  /** Batches of this size that take in some who are at risk. */
  #considerRisks(situation: Situation, size: number): void {
    const { sizes, window } = situation
    const mean = sizes.mean[size]!
    const spread = spreadOf(mean, sizes.high[size]!)
    let from = window.firstFrom(sizes.high[size]!)
    for (const risk of risks) {
      const least = quantileOf(mean, spread, risk)
      if (window.firstFrom(least) === from) continue
      from = window.firstFrom(least)
      const first = firstBatch(situation, size, least)
      if (first !== null) this.#consider(situation, first)
    }
  }

  #largest(situation: Situation): Choice | null {
    for (let size = situation.sizes.count - 1; size >= 0; size--) {
      const first = firstBatch(situation, size, situation.sizes.high[size]!)
      if (first !== null) return { size, rows: first.rows, least: first.least }
    }
    return null
  }

  #worthWaiting({ lanes, lane, patience }: Situation, value: number): boolean {
    const wait = { lane, expected: 0, ms: patience, cut: 0, rest: 0 }
    return this.#outlook.value(lanes, wait) > value
  }
}

interface Candidate extends FirstBatch, Choice {}

/** The batch of this size, of the earliest that have `least` left; null: a smaller size holds the same. */
function firstBatch({ window, sizes, lane }: Situation, size: number, least: number): Candidate | null {
  const most = sizes.rows[size]!
  const first = window.firstFrom(least)
  const end = window.endOf(first, most)
  const due = window.sum[end]! - window.sum[first]!
  const rest = Math.min(window.restRows, most - due)
  const rows = due + rest
  if (rows <= (size > 0 ? sizes.rows[size - 1]! : 0)) return null
  const ms = sizes.mean[size]!
  const expected = rows - atRisk(window, { first, end }, ms, spreadOf(ms, sizes.high[size]!))
  return { size, lane, rows, expected, least, ms, cut: end > first ? window.slack[end - 1]! + hair : 0, rest }
}

/** Rows among these that are expected to be late. */
function atRisk({ slack, sum }: Window, { first, end }: { first: number; end: number }, mean: number, spread: number): number {
  const certain = quantileOf(mean, spread, safe)
  let late = 0
  for (let i = first; i < end && slack[i]! < certain; i++) late += (sum[i + 1]! - sum[i]!) * (1 - chanceWithin(slack[i]!, mean, spread))
  return late
}

/** Everything that waits can go at once, and whoever arrives meanwhile can still go after it. */
function isCalm({ window, sizes, kinds, others }: Situation, { size, rows }: Choice): boolean {
  if (rows < window.rows) return false
  const ms = sizes.mean[size]!
  let next = 0
  let tightest = Infinity
  for (const { slack, rate } of kinds) {
    next += rate * ms
    if (rate > 0) tightest = Math.min(tightest, slack)
  }
  return others === null && next <= sizes.maxRows && tightest >= sizes.high[size]! + sizes.high[sizes.indexOf(next)]!
}

/** No deadline lies within the outlook, of those that wait and of those that are expected: all that counts is rows per time. */
function isRelaxed({ window, kinds, unit, others }: Situation): boolean {
  const horizon = farBatches * unit
  if (others !== null || (window.count > 0 && window.slack[0]! < horizon)) return false
  return kinds.every(({ slack, rate }) => slack >= horizon || rate * horizon < negligible)
}

/** Of the batches that can be filled, the one that serves most rows per time; of equals the largest. */
function fastest({ sizes }: Situation, largest: Choice): Choice {
  let best = largest
  for (let size = largest.size - 1; size >= 0; size--) {
    const rows = sizes.rows[size]!
    if (rows * sizes.mean[best.size]! > best.rows * sizes.mean[size]!) best = { size, rows, least: sizes.high[size]! }
  }
  return best
}
