// Question: does the capacity simulator foresee what the real batcher does on the scripted backend?
import { type Comparison, compare, type Figures, type Scenario } from './capacity/compare.js'
import { runBench } from './support/bench.js'
import { table } from './support/table.js'

const cost = { fixedMs: 4, rowMs: 0.5, noisePercent: 5, maxBatch: 16, slo: 30 }
const scenarios: readonly Scenario[] = [
  { arrivals: 'poisson', load: 0.5, lanes: 1 },
  { arrivals: 'poisson', load: 0.9, lanes: 1 },
  { arrivals: 'poisson', load: 1.2, lanes: 1 },
  { arrivals: 'bursty', load: 0.7, lanes: 1 },
  { arrivals: 'bursty', load: 1.2, lanes: 1 },
  { arrivals: 'poisson', load: 0.9, lanes: 2 },
]
const columns = ['goodput', 'p50', 'p95', 'p99', 'meanBatch', 'refused'] as const satisfies (keyof Figures)[]
const nameOf = ({ arrivals, load, lanes }: Scenario) => `${arrivals}-${load}${lanes === 1 ? '' : `, ${lanes} lanes`}`
/** As a share of what was measured. */
const relative = ({ predicted, measured }: Comparison, key: keyof Figures) => Math.abs(predicted[key] / measured[key] - 1)

await runBench({
  name: 'capacity',
  question: 'Does the capacity simulator foresee what the real batcher does on the scripted backend?',
  defaults: { rounds: 1, durationMs: 10_000 },
  method: ({ durationMs, seed }) =>
    `s(n) = 4 + 0.5 n ms, 5 % noise, SLO 30 ms; ${durationMs} ms a scenario, the same arrivals on both sides (seed ${seed})`,
  async measure({ durationMs, seed }) {
    const results: Record<string, Comparison> = {}
    for (const scenario of scenarios) results[nameOf(scenario)] = await compare(scenario, cost, { durationMs, seed })
    const all = Object.values(results)
    const goodputPoints = Math.max(...all.map(({ predicted, measured }) => Math.abs(predicted.goodput - measured.goodput)))
    const worst = (key: keyof Figures) => Math.max(...all.map((each) => relative(each, key)))
    const summary = { goodputPoints, p50: worst('p50'), p99: worst('p99'), meanBatch: worst('meanBatch'), scenarios: results }
    return {
      tables: [render(results)],
      targets: [
        { name: 'goodput, largest error in points', value: goodputPoints, bound: 'at most', limit: 3 },
        { name: 'p50, largest relative error', value: summary.p50, bound: 'at most', limit: 0.15 },
        { name: 'p99, largest relative error', value: summary.p99, bound: 'at most', limit: 0.15 },
        { name: 'mean batch, largest relative error', value: summary.meanBatch, bound: 'at most', limit: 0.15 },
      ],
      summary,
      details: results,
    }
  },
})

function render(results: Readonly<Record<string, Comparison>>): string {
  const rows = Object.entries(results).flatMap(([name, { predicted, measured }]) => [
    [name, 'predicted', ...columns.map((key) => predicted[key].toFixed(1))],
    ['', 'measured', ...columns.map((key) => measured[key].toFixed(1))],
  ])
  return table(['scenario', '', 'goodput %', 'p50 ms', 'p95 ms', 'p99 ms', 'mean batch', 'refused %'], rows)
}
