import { spread } from '../support/statistics.js'
import { table } from '../support/table.js'
import { type Contender, contenders, labels, ruleOf } from './rules/contenders.js'
import { type Scenario, traceOf } from './scenarios.js'
import { runSimulated, usualMachine } from './simulated.js'

/** Means over seeds. */
export interface Standing {
  /** Percent. */
  readonly goodput: number
  /** Smallest and largest of all seeds. */
  readonly range: readonly [number, number]
  readonly p50: number
  readonly p99: number
  readonly meanBatch: number
}

export type Standings = Readonly<Record<string, Readonly<Record<Contender, Standing>>>>

/** Every rule on the same traces and the same noise. */
export function simulateAll(scenarios: readonly Scenario[], requests: number, seeds: readonly number[]): Standings {
  return Object.fromEntries(
    scenarios.map((scenario) => {
      const traces = seeds.map((seed) => traceOf(scenario, requests, seed))
      const of = (contender: Contender) => standing(scenario, contender, traces, seeds)
      return [scenario.name, Object.fromEntries(contenders.map((each) => [each, of(each)])) as Record<Contender, Standing>]
    }),
  )
}

function standing(
  scenario: Scenario,
  contender: Contender,
  traces: readonly ReturnType<typeof traceOf>[],
  seeds: readonly number[],
): Standing {
  const all = traces.map((trace, i) => runSimulated(trace, ruleOf(contender, scenario), usualMachine(seeds[i]!)))
  const mean = (key: keyof (typeof all)[number]) => all.reduce((sum, each) => sum + each[key], 0) / all.length
  const { min, max } = spread(all.map(({ goodput }) => goodput))
  return { goodput: mean('goodput'), range: [min, max], p50: mean('p50'), p99: mean('p99'), meanBatch: mean('meanBatch') }
}

export function renderStandings(standings: Standings): string {
  const rows = Object.entries(standings).map(([name, of]) => {
    const [low, high] = of.ours.range
    const goodput = contenders.map((each) => of[each].goodput.toFixed(2))
    return [name].concat(goodput, `${low.toFixed(1)} – ${high.toFixed(1)}`, of.ours.meanBatch.toFixed(1))
  })
  const heads = contenders.map((each) => labels[each])
  return table(['goodput %, simulated', ...heads, 'ours, all seeds', 'mean batch'], rows)
}

export function renderLatencies(standings: Standings): string {
  const rows = Object.entries(standings).map(([name, of]) =>
    [name].concat(contenders.map((each) => `${of[each].p50.toFixed(1)} / ${of[each].p99.toFixed(0)}`)),
  )
  return table(['p50 / p99 of answers, ms', ...contenders.map((each) => labels[each])], rows)
}

export const goodputs = (standings: Standings): Record<string, Record<string, number>> =>
  Object.fromEntries(
    Object.entries(standings).map(([name, of]) => [
      name,
      Object.fromEntries(contenders.map((each) => [each, Number(of[each].goodput.toFixed(2))])),
    ]),
  )
