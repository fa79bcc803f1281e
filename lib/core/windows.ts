import type { Clock } from './clock.js'

/** How long a stage took: milliseconds, all 0 while `count` is. Percentiles are exact to 0.1 %. */
export interface LatencySummary {
  count: number
  mean: number
  p50: number
  p90: number
  p95: number
  p99: number
  p999: number
  max: number
}

/** How long a stage took, in milliseconds: since the start, and lately. */
export interface StageSummary extends LatencySummary {
  /** Nothing older than 10 s; it moves on each whole second, so that it spans 9 to 10 s. */
  last10s: LatencySummary
  /** Nothing older than 60 s; it moves on every 5 s, so that it spans 55 to 60 s. */
  lastMinute: LatencySummary
}

/** Cells of an octave: a cell's middle is within 1/1024 of each value in it, which is the 0.1 % promised. */
const cells = 512
/** 2^-20 ms is about a nanosecond, 2^20 ms about a quarter of an hour. What lies outside counts as the nearest. */
const smallest = 2 ** -20
const largest = 2 ** 20
const octaves = 41

/**
 * A double's high word is its sign, exponent and leading 20 bits of mantissa: exponent and 9 of those bits number the
 * cells in ascending order, without a logarithm. The word is the second one on every platform that Node's addon is built for.
 */
const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
const highWord = 1
const firstOctave = 1023 - 20

type Counts = Uint32Array | Float64Array

/** Counts of durations by cell. An octave's cells exist once something fell into it: most stages need three or four. */
class Slot {
  count = 0
  sum = 0
  max = 0
  readonly counts: (Counts | undefined)[] = new Array<Counts | undefined>(octaves).fill(undefined)

  /** @param epoch Number of the time span that it is for; −∞: none yet. */
  constructor(
    private readonly Counts: Uint32ArrayConstructor | Float64ArrayConstructor,
    public epoch = -Infinity,
  ) {}

  add(octave: number, cell: number, ms: number): void {
    const counts = this.counts[octave] ?? this.#open(octave)
    counts[cell]!++
    this.count++
    this.sum += ms
    if (ms > this.max) this.max = ms
  }

  addAll(other: Slot): void {
    this.count += other.count
    this.sum += other.sum
    this.max = Math.max(this.max, other.max)
    other.counts.forEach((counts, octave) => {
      if (counts !== undefined) addTo(this.counts[octave] ?? this.#open(octave), counts)
    })
  }

  /** Empty, and for another time; the memory is kept. */
  begin(epoch: number): void {
    this.epoch = epoch
    if (this.count === 0) return
    this.count = this.sum = this.max = 0
    for (const counts of this.counts) counts?.fill(0)
  }

  #open(octave: number): Counts {
    return (this.counts[octave] = new this.Counts(cells))
  }
}

/** The slots of one window, used in turn: `epoch` modulo their number. */
class Ring {
  readonly #slots: readonly Slot[]

  constructor(length: number) {
    this.#slots = Array.from({ length }, () => new Slot(Uint32Array))
  }

  /** The slot of an epoch; it was emptied if it held an older one. */
  at(epoch: number): Slot {
    const { length } = this.#slots
    const slot = this.#slots[((epoch % length) + length) % length]!
    if (slot.epoch !== epoch) slot.begin(epoch)
    return slot
  }

  /** Whether a slot of `epoch` lies in the window that ends with `newest`. */
  spans(epoch: number, newest: number): boolean {
    return epoch > newest - this.#slots.length
  }

  live(newest: number): Slot[] {
    return this.#slots.filter(({ count, epoch }) => count > 0 && this.spans(epoch, newest))
  }
}

const second = 1000
/** Seconds in a slot of the minute. */
const coarse = 5

/**
 * Durations since the start, in the last 10 s and in the last minute. `record` counts one cell of the current second; a
 * second that has passed is added to its minute and to the whole. Reading walks the counts and leaves them as they are.
 * Percentiles are by nearest rank and exact to 0.1 %; count, mean and max are exact.
 */
export class WindowedRecorder {
  readonly #clock: Clock
  readonly #seconds = new Ring(10)
  /** Of the seconds that have passed. */
  readonly #minute = new Ring(12)
  readonly #start = new Slot(Float64Array)
  #current = new Slot(Uint32Array)
  #until = -Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * @param ms What is negative or not a number counts as none.
   * @param now On the recorder's clock: give it where it is known. A clock that goes back stays in the second it had reached.
   */
  record(ms: number, now: number = this.#clock.now()): void {
    double[0] = ms > smallest ? (ms < largest ? ms : largest) : smallest
    const word = words[highWord]!
    if (now >= this.#until) this.#advance(now)
    this.#current.add((word >>> 20) - firstOctave, (word >>> 11) & (cells - 1), ms > 0 ? ms : 0)
  }

  #advance(now: number): void {
    const passed = this.#current
    if (passed.count > 0) {
      this.#minute.at(Math.floor(passed.epoch / coarse)).addAll(passed)
      this.#start.addAll(passed)
    }
    const epoch = Math.floor(now / second)
    this.#until = (epoch + 1) * second
    this.#current = this.#seconds.at(epoch)
  }

  summary(now: number = this.#clock.now()): StageSummary {
    const current = this.#current
    const newest = Math.max(Math.floor(now / second), current.epoch)
    const minute = Math.floor(newest / coarse)
    const unpassed = this.#minute.spans(Math.floor(current.epoch / coarse), minute) ? [current] : []
    return {
      ...summarize([this.#start, current]),
      last10s: summarize(this.#seconds.live(newest)),
      lastMinute: summarize([...this.#minute.live(minute), ...unpassed]),
    }
  }
}

function summarize(slots: readonly Slot[]): LatencySummary {
  let [count, sum, max] = [0, 0, 0]
  for (const slot of slots) {
    count += slot.count
    sum += slot.sum
    max = Math.max(max, slot.max)
  }
  if (count === 0) return { count: 0, mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, p999: 0, max: 0 }
  const [p50, p90, p95, p99, p999] = quantiles(slots, count, max)
  return { count, mean: sum / count, p50: p50!, p90: p90!, p95: p95!, p99: p99!, p999: p999!, max }
}

const wanted = [0.5, 0.9, 0.95, 0.99, 0.999]

/** The middles of the cells in which the wanted ranks lie, in one walk from below. */
function quantiles(slots: readonly Slot[], count: number, max: number): number[] {
  // 99.9 % of 1000 is 999.0000000000001 in floating point: one part in 10^9 is no rank.
  const ranks = wanted.map((share) => Math.max(1, Math.ceil(share * count - 1e-9 * count)))
  const found: number[] = []
  let below = 0
  for (let octave = 0; octave < octaves; octave++) {
    const inOctave = merge(slots, octave)
    // Most octaves hold no wanted rank: their cells need no walk.
    if (below + inOctave < ranks[found.length]!) {
      below += inOctave
      continue
    }
    for (let cell = 0; cell < cells && found.length < ranks.length; cell++) {
      below += merged[cell]!
      while (below >= ranks[found.length]!) found.push(Math.min(max, middle(octave, cell)))
    }
    if (found.length === ranks.length) break
  }
  return found
}

/** One octave of all slots; only `merge` writes it, and only `quantiles` reads it right after. */
const merged = new Float64Array(cells)

function merge(slots: readonly Slot[], octave: number): number {
  let total = 0
  merged.fill(0)
  for (const slot of slots) {
    const counts = slot.counts[octave]
    if (counts !== undefined) total += addTo(merged, counts)
  }
  return total
}

/** A function of its own: the one loop that is worth compiling soon. */
function addTo(sums: Counts, counts: Counts): number {
  let total = 0
  for (let cell = 0; cell < cells; cell++) {
    const count = counts[cell]!
    sums[cell]! += count
    total += count
  }
  return total
}

function middle(octave: number, cell: number): number {
  // Below the smallest is nothing that could be told from nothing.
  if (octave === 0 && cell === 0) return 0
  return 2 ** (octave - 20) * (1 + (cell + 0.5) / cells)
}
