import { type CostSeed, costSeeds, type MeasuredEntries } from '../../core/cost-seeds.js'
import { integer, invalid, number, plainObject, received } from '../../core/options.js'

/** An execution of `rows` rows takes `ms` milliseconds. */
export interface CostPoint {
  readonly rows: number
  readonly ms: number
}

/** How long executions take: linear between the points, nothing beyond the last one. */
export class CostTable {
  readonly points: readonly CostPoint[]
  readonly maxRows: number
  /** By rows. */
  readonly #ms: Float64Array

  /** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
  constructor(given: readonly CostPoint[]) {
    this.points = checkedPoints(given)
    this.maxRows = this.points.at(-1)!.rows
    this.#ms = tabulate(this.points, this.maxRows)
  }

  /** Milliseconds. @param rows From 1 to `maxRows`. */
  ms(rows: number): number {
    return this.#ms[rows]!
  }

  /** Rows per second of one lane that is always given the best batch of at most `maxBatch`. */
  capacity(maxBatch: number): number {
    let best = 0
    for (let rows = 1; rows <= maxBatch; rows++) best = Math.max(best, (1000 * rows) / this.#ms[rows]!)
    return best
  }
}

function checkedPoints(given: readonly CostPoint[]): CostPoint[] {
  if (!Array.isArray(given) || given.length === 0) {
    throw invalid(`Expected an array of at least one { rows, ms } for cost but received ${received(given)}.`)
  }
  const slowest = new Map<number, number>()
  given.forEach((point: CostPoint, i) => {
    const { rows, ms } = plainObject(`cost[${i}]`, point) as unknown as CostPoint
    integer(`cost[${i}].rows`, rows, 1, 1_000_000)
    number(`cost[${i}].ms`, ms, 1e-6, 1e9)
    // The same batch in several shapes: the plan must hold for the slowest.
    slowest.set(rows, Math.max(ms, slowest.get(rows) ?? 0))
  })
  return Array.from(slowest, ([rows, ms]) => ({ rows, ms })).sort((a, b) => a.rows - b.rows)
}

function tabulate(points: readonly CostPoint[], maxRows: number): Float64Array {
  const result = new Float64Array(maxRows + 1).fill(points[0]!.ms)
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1]!, points[i]!]
    for (let rows = from.rows + 1; rows <= to.rows; rows++) {
      result[rows] = from.ms + ((to.ms - from.ms) * (rows - from.rows)) / (to.rows - from.rows)
    }
  }
  return result
}

/**
 * The points in what was read from a JSON file: a warm-up's report (also under `warmUp`), the result of `costSeeds`, or
 * `{ "costs": [{ "rows": 1, "ms": 4.5 }] }`.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`
 */
export function costPoints(json: unknown): CostPoint[] {
  if (Array.isArray(json)) return toPoints(json as CostSeed[])
  if (typeof json === 'object' && json !== null) {
    const { entries, costs, warmUp } = json as { entries?: unknown; costs?: unknown; warmUp?: unknown }
    if (Array.isArray(costs)) return toPoints(costs as CostSeed[])
    if (Array.isArray(entries)) return toPoints(costSeeds(json as MeasuredEntries))
    if (typeof warmUp === 'object' && warmUp !== null) return costPoints(warmUp)
  }
  throw invalid("Expected a warm-up's report, or an array of { rows, ms }, for the costs; found neither.", { received: received(json) })
}

function toPoints(seeds: readonly CostSeed[]): CostPoint[] {
  return seeds.map((seed, i) => {
    const { rows, ms } = plainObject(`costs[${i}]`, seed) as unknown as CostSeed
    return { rows, ms }
  })
}
