/** Rates that are thought possible: so many, each so many times the one below; so many of them above the usual rate. */
const levels = 12
const apart = 1.4
const above = 4
const step = Math.log(apart)
/** How long a tempo may last, in long batches. Which of these fits is learned; twice or half of each, or more of them, changes nothing. */
const lengths = [4, 24]
/** Long batches over which the usual tempos are learned: a third or three times of it costs 0.1 points. */
const memory = 40
/** The belief is renewed at most so often in a long batch, and never within so many milliseconds: many arrivals cost no more than few. */
const renewals = 8
const shortest = 0.1
/** What the evidence for a length forgets at each renewal. */
const forgotten = 0.001
/** No tempo and no length is ever ruled out. */
const least = 1e-4

const levelOf = (rate: number): number => Math.round(Math.log(rate) / step)

const pauseOf = (unit: number): number => Math.max(shortest, unit / renewals)

const normalise = (shares: Float64Array): number => {
  let sum = 0
  for (const share of shares) sum += share
  for (let i = 0; i < shares.length; i++) shares[i]! /= sum
  return sum
}

/**
 * The rate at which requests arrive, where it may jump: a hidden rate lasts for a while and is then drawn anew from the usual
 * ones. What is believed of it follows from the gaps by Bayes' rule; the usual rates, and how long one lasts, are learned
 * from the beliefs. Steady arrivals so get a long memory, and bursts are seen within a few arrivals, together with what they
 * will probably come to.
 */
export class Tempo {
  /** Requests per millisecond, as of the last look. */
  rate = 0
  /** What it will be, as a share of `rate`, once the present tempo ends. */
  after = 1
  /** Milliseconds that the present tempo probably lasts from now on. */
  lasts = Infinity
  readonly #rates = new Float64Array(levels)
  /** Logarithm of the lowest rate, in steps of `apart`. NaN: nothing is known. */
  #lowest = Number.NaN
  readonly #usual = new Float64Array(levels).fill(1 / levels)
  /** By length: how likely each rate is now, and how likely the length itself. */
  readonly #beliefs = lengths.map(() => new Float64Array(levels).fill(1 / levels))
  readonly #evidence = new Float64Array(lengths.length).fill(1 / lengths.length)
  readonly #likelihood = new Float64Array(levels)
  /** Of the last renewal. */
  #since = Number.NaN
  /** Requests since then. */
  #count = 0
  #elapsed = 0
  /** Something was learned since the last look. */
  #stale = false

  /** @param unit Milliseconds of a long batch. */
  add(now: number, unit: number): void {
    if (Number.isNaN(this.#since)) {
      this.#since = now
      return
    }
    this.#count++
    const elapsed = now - this.#since
    if (elapsed < pauseOf(unit)) return
    this.#place(this.#count / elapsed)
    this.#judge(elapsed)
    this.#renew(elapsed, unit)
    this.#learn(elapsed, unit)
    this.#stale = true
    this.#since = now
    this.#count = 0
  }

  /** Brings `rate`, `after` and `lasts` up to date: silence tells something too. */
  look(now: number, unit: number): void {
    if (Number.isNaN(this.#lowest)) return
    const elapsed = now - this.#since
    if (elapsed >= pauseOf(unit)) {
      this.#judge(elapsed)
      this.#sum(unit, elapsed)
    } else if (this.#stale) this.#sum(unit, 0)
    this.#stale = false
  }

  /** Puts the rates where the usual ones and the present one are among them. */
  #place(rate: number): void {
    const lowest = this.#lowestFor(levelOf(rate))
    if (lowest === this.#lowest) return
    if (!Number.isNaN(this.#lowest)) for (const shares of [this.#usual, ...this.#beliefs]) move(shares, lowest - this.#lowest)
    this.#lowest = lowest
    for (let i = 0; i < levels; i++) this.#rates[i] = apart ** (lowest + i)
  }

  #lowestFor(present: number): number {
    if (Number.isNaN(this.#lowest)) return present + above - (levels - 1)
    const usual = levelOf(this.#usualRate())
    const highest = this.#lowest + levels - 1
    // A load that begins after a long silence is above all that was usual.
    if (Math.max(present, usual + above / 2) > highest) return Math.max(present, usual + above) - (levels - 1)
    return usual < this.#lowest + above ? usual + above - (levels - 1) : this.#lowest
  }

  #usualRate(): number {
    let sum = 0
    for (let i = 0; i < levels; i++) sum += this.#usual[i]! * this.#rates[i]!
    return sum
  }

  /** How likely each rate makes it that so many came in so long. */
  #judge(elapsed: number): void {
    let best = -Infinity
    for (let i = 0; i < levels; i++) {
      const log = this.#count * (this.#lowest + i) * step - this.#rates[i]! * elapsed
      this.#likelihood[i] = log
      best = Math.max(best, log)
    }
    for (let i = 0; i < levels; i++) this.#likelihood[i] = Math.exp(this.#likelihood[i]! - best)
  }

  #renew(elapsed: number, unit: number): void {
    for (let length = 0; length < lengths.length; length++) {
      const belief = this.#beliefs[length]!
      const stays = Math.exp(-elapsed / (lengths[length]! * unit))
      for (let i = 0; i < levels; i++) {
        belief[i] = (this.#usual[i]! + (belief[i]! - this.#usual[i]!) * stays) * this.#likelihood[i]!
      }
      this.#evidence[length]! *= normalise(belief)
    }
    normalise(this.#evidence)
    for (let length = 0; length < lengths.length; length++) {
      this.#evidence[length]! += forgotten * (1 / lengths.length - this.#evidence[length]!)
    }
  }

  #learn(elapsed: number, unit: number): void {
    this.#elapsed += elapsed
    const gain = 1 - Math.exp(-elapsed / Math.min(memory * unit, Math.max(unit, this.#elapsed)))
    for (let i = 0; i < levels; i++) this.#usual[i]! *= 1 - gain
    for (let length = 0; length < lengths.length; length++) {
      const belief = this.#beliefs[length]!
      const share = gain * this.#evidence[length]!
      for (let i = 0; i < levels; i++) this.#usual[i]! += share * belief[i]!
    }
    for (let i = 0; i < levels; i++) this.#usual[i] = Math.max(least, this.#usual[i]!)
    normalise(this.#usual)
  }

  /** @param elapsed Since the last renewal; `likelihood` is of that time. 0: none has passed. */
  #sum(unit: number, elapsed: number): void {
    let [weight, rate, ends] = [0, 0, 0]
    for (let length = 0; length < lengths.length; length++) {
      const belief = this.#beliefs[length]!
      const lasting = lengths[length]! * unit
      const stays = Math.exp(-elapsed / lasting)
      let [share, sum] = [0, 0]
      for (let i = 0; i < levels; i++) {
        const before = this.#usual[i]! + (belief[i]! - this.#usual[i]!) * stays
        const likely = elapsed > 0 ? before * this.#likelihood[i]! : before
        share += likely
        sum += likely * this.#rates[i]!
      }
      weight += this.#evidence[length]! * share
      rate += this.#evidence[length]! * sum
      ends += (this.#evidence[length]! * share) / lasting
    }
    this.rate = rate / weight
    this.after = this.#usualRate() / this.rate
    this.lasts = weight / ends
  }
}

/** What falls off an end is kept in the last place. */
function move(shares: Float64Array, by: number): void {
  const old = shares.slice()
  shares.fill(least)
  for (let i = 0; i < levels; i++) shares[Math.max(0, Math.min(levels - 1, i - by))]! += old[i]!
  normalise(shares)
}
