import { integer, invalid } from '../../core/options.js'
import { seededRandom } from '../../core/random.js'
import { oneStep } from '../benchmark.js'
import type { Target } from '../measure/loop.js'
import { type BenchmarkOptions, type ResolvedBenchmark, resolveBenchmark } from '../options.js'
import { type Comparison, comparePairs, comparisonSchema, type RoundValues, roundValues } from './compare.js'

/** One side of a comparison: its own runner, and what differs from the common options (its inputs, say). */
export interface Side {
  name: string
  runner: Target
  options?: Partial<BenchmarkOptions>
}

export interface CompareOptions extends BenchmarkOptions {
  /** Rounds of each side that count. Default 10. */
  rounds?: number
  /** Before each round. */
  onRound?: (round: number, rounds: number) => void
}

/** Rounds that do not count: code gets compiled, pools filled. */
const warmUpRounds = 1

/**
 * Measures two runners in turn, round by round in an order drawn anew, under the same arrivals in each round: a machine
 * that slows down does so for both.
 *
 * @throws As `benchmark`.
 */
export async function compare(a: Side, b: Side, options: CompareOptions): Promise<Comparison> {
  const { rounds: given, onRound = () => undefined, ...common } = options
  const rounds = integer('rounds', given ?? 10, 3, 10_000)
  // A round is one of many windows already: nothing to agree with.
  const defaults = { warmUp: 200, duration: 1000, stability: 0, ...common }
  const sides = [a, b].map((side) => ({
    side,
    settings: resolveBenchmark({ ...defaults, ...side.options, name: side.name }),
    values: [] as RoundValues[],
  }))
  const load = oneLoad(sides.map(({ settings }) => settings))
  const random = seededRandom(sides[0]!.settings.seed)
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    onRound(Math.max(0, round - warmUpRounds), rounds)
    for (const { side, settings, values } of random() < 0.5 ? sides : sides.toReversed()) {
      const report = await oneStep(side.runner, settings, { load, step: round, steps: rounds })
      if (round >= warmUpRounds) values.push(roundValues(report))
    }
  }
  const metrics = comparePairs(sides[0]!.values, sides[1]!.values, sides[0]!.settings.seed)
  return { schema: comparisonSchema, a: a.name, b: b.name, interleaved: true, load, values: rounds, metrics }
}

function oneLoad(settings: readonly ResolvedBenchmark[]): number {
  const loads = new Set(settings.flatMap(({ loads, mode }) => loads.map((load) => `${mode} ${load}`)))
  if (loads.size !== 1) throw invalid(`A comparison holds both sides at one load; these are ${[...loads].join(', ')}.`)
  return settings[0]!.loads[0]!
}
