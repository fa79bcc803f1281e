/** Position of an outcome in `Samples.outcomes`. */
export type Outcome = number

export const pending: Outcome = 0
export const answered: Outcome = 1

/**
 * What became of each request that was sent, in columns: a million of them are a few typed arrays, which the garbage
 * collector does not walk while it is measured. Times are milliseconds on the pacer's clock.
 */
export class Samples {
  count = 0
  /** When it should have been sent: latency counts from here. */
  intended = new Float64Array(1024)
  sent = new Float64Array(1024)
  ended = new Float64Array(1024)
  /** Position in the list of classes. */
  classes = new Uint8Array(1024)
  outcome = new Uint16Array(1024)
  /** What an outcome is called: pending, answered, then error codes in the order they came. */
  readonly outcomes: string[] = ['pending', 'answered']

  /** @returns Its position, for `end`. */
  begin(intended: number, sent: number, requestClass: number): number {
    const at = this.count++
    if (at === this.intended.length) this.#grow()
    this.intended[at] = intended
    this.sent[at] = sent
    this.classes[at] = requestClass
    return at
  }

  end(at: number, now: number, outcome: Outcome): void {
    this.ended[at] = now
    this.outcome[at] = outcome
  }

  /** The position of a name in `outcomes`. */
  outcomeOf(name: string): Outcome {
    const known = this.outcomes.indexOf(name)
    return known >= 0 ? known : this.outcomes.push(name) - 1
  }

  #grow(): void {
    this.intended = larger(this.intended, Float64Array)
    this.sent = larger(this.sent, Float64Array)
    this.ended = larger(this.ended, Float64Array)
    this.classes = larger(this.classes, Uint8Array)
    this.outcome = larger(this.outcome, Uint16Array)
  }
}

function larger<T extends Float64Array | Uint8Array | Uint16Array>(column: T, make: new (length: number) => T): T {
  const grown = new make(column.length * 2)
  grown.set(column)
  return grown
}
