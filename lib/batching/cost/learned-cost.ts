import type { CostModel, Prediction } from '../rule/types.js'
import { BucketCost } from './bucket-cost.js'

/**
 * Time of an execution by bucket and rows, learned from real ones. Each number of rows has a moving mean of its own (engines
 * with several profiles cost in steps, so no line is fitted), values between are interpolated, and time never falls as rows
 * grow. One slow execution hardly moves it; when most of the last few agree they move everything, and so does the end of what slowed them. What is unknown costs nothing: it is
 * tried.
 */
export class LearnedCost implements CostModel {
  readonly #buckets = new Map<number, BucketCost>()

  predict(bucket: number, rows: number): Prediction {
    return this.#buckets.get(bucket)?.predict(rows) ?? { mean: 0, high: 0, usual: 0 }
  }

  observe(bucket: number, rows: number, ms: number): void {
    if (ms > 0 && ms < Infinity) this.#of(bucket).observe(rows, ms)
  }

  seed(bucket: number, rows: number, ms: number): void {
    if (ms > 0 && ms < Infinity) this.#of(bucket).seed(rows, ms)
  }

  #of(bucket: number): BucketCost {
    let cost = this.#buckets.get(bucket)
    if (cost === undefined) {
      cost = new BucketCost()
      this.#buckets.set(bucket, cost)
    }
    return cost
  }
}
