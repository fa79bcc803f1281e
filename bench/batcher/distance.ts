import { learnedRule } from '../../lib/batching/learned-rule.js'
import { table } from '../support/table.js'
import { optimum } from './optimum.js'
import { msOf, type Scenario, traceOf } from './scenarios.js'
import { runSimulated } from './simulated.js'

/** Goodput in percent, of requests whose executions take exactly what they take on average. */
export interface Distance {
  readonly ours: number
  /** Of somebody who knows the future. */
  readonly best: number
}

/** Requests of one short trace: the search takes seconds for so many. */
const length = 3000

export function distances(scenarios: readonly Scenario[], seeds: readonly number[]): Record<string, Distance> {
  return Object.fromEntries(
    scenarios.map((scenario) => {
      let [ours, best] = [0, 0]
      for (const seed of seeds) {
        const trace = traceOf(scenario, length, seed)
        ours += runSimulated(trace, learnedRule, { noisePercent: 0, msOf, seed }).goodput / seeds.length
        best += (100 * optimum(trace)) / length / seeds.length
      }
      return [scenario.name, { ours: Number(ours.toFixed(2)), best: Number(best.toFixed(2)) }]
    }),
  )
}

export function renderDistances(all: Readonly<Record<string, Distance>>): string {
  const rows = Object.entries(all).map(([name, { ours, best }]) => [name, ours.toFixed(2), best.toFixed(2), (best - ours).toFixed(2)])
  return table(['goodput %, costs without noise', 'ours', 'best with the future known', 'distance'], rows)
}
