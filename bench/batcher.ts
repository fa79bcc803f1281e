// Question: which rule answers most requests in time? Ours against what is published of others, on costs that are scripted.
import { changingCosts, type Learning, renderLearning } from './batcher/changing-costs.js'
import { distances, renderDistances } from './batcher/distance.js'
import { goodputInRealTime } from './batcher/real-time.js'
import { type Contender, contenders, labels, ruleOf } from './batcher/rules/contenders.js'
import { between, type Scenario, scenarios, traceOf } from './batcher/scenarios.js'
import { goodputs, renderLatencies, renderStandings, simulateAll, type Standings } from './batcher/simulation.js'
import { type Report, runBench, type Target } from './support/bench.js'
import type { BenchOptions } from './support/options.js'
import { shuffled } from './support/rounds.js'
import { table } from './support/table.js'

/** Of each trace in simulated time. */
const requests = 30_000
const quickRequests = 2000
/** Chance lies in where two rules take different ways: goodput that differs by less, or medians by this share, is the same. */
const samePoints = 0.05
const sameShare = 0.005
/** Turns of every rule in real time that do not count. */
const rehearsals = 2

type Goodputs = Record<string, Record<string, number>>

/** Ours is the one that the package itself brings. */
const shippedRule = (each: Contender, scenario: Scenario) => (each === 'ours' ? undefined : ruleOf(each, scenario))

async function realTime(durationMs: number, seed: number, random: () => number): Promise<Goodputs> {
  const results: Goodputs = {}
  // Until code is compiled, to decide takes many times as long: a service pays for that once.
  const rehearsal = traceOf(scenarios.at(-1)!, { ms: durationMs }, seed + 1)
  for (let round = 0; round < rehearsals; round++) {
    for (const each of contenders) await goodputInRealTime(rehearsal, shippedRule(each, scenarios.at(-1)!))
  }
  for (const scenario of scenarios) {
    const trace = traceOf(scenario, { ms: durationMs }, seed)
    const of: Record<string, number> = {}
    for (const each of shuffled(contenders, random)) {
      of[each] = Number((await goodputInRealTime(trace, shippedRule(each, scenario))).toFixed(2))
    }
    results[scenario.name] = Object.fromEntries(contenders.map((each) => [each, of[each]!]))
  }
  return results
}

function floors(all: Standings): Target[] {
  return scenarios.flatMap(({ name, floor }) =>
    floor === undefined
      ? []
      : [{ name: `${name}: goodput`, value: Number(all[name]!.ours.goodput.toFixed(2)), bound: 'at least', limit: floor }],
  )
}

function comparisons(all: Standings): Target[] {
  const calm = [...scenarios, ...between]
    .filter(({ arrivals, load }: Scenario) => arrivals === 'poisson' && load <= 0.7)
    .map(({ name }) => name)
  const lead = Math.min(...Object.values(all).map(({ ours, triton }) => ours.goodput - triton.goodput))
  const lost = Math.max(...calm.map((name) => all[name]!.fifo.goodput - all[name]!.ours.goodput))
  const slower = Math.max(...calm.map((name) => all[name]!.ours.p50 / all[name]!.fifo.p50))
  return [
    { name: 'smallest lead over tuned Triton, any load, points', value: lead, bound: 'at least', limit: -samePoints },
    { name: 'Poisson up to 0.7: lost beyond what FIFO loses, points', value: lost, bound: 'at most', limit: 0 },
    { name: 'Poisson up to 0.7: p50 against FIFO', value: slower, bound: 'at most', limit: 1 + sameShare },
  ]
}

const shortBy = (all: Readonly<Record<string, Learning>>): number => Math.max(...Object.values(all).map(({ ours, told }) => told - ours))

function renderRealTime(results: Goodputs): string {
  const rows = Object.entries(results).map(([name, of]) => [name].concat(contenders.map((each) => of[each]!.toFixed(1))))
  return table(['goodput %, real time', ...contenders.map((each) => labels[each])], rows)
}

function simulatedPart({ rounds, seed, quick }: BenchOptions): Report {
  const seeds = Array.from({ length: rounds }, (_, i) => seed + i)
  const count = quick ? quickRequests : requests
  const all = simulateAll([...scenarios, ...between], count, seeds)
  const searched = quick ? scenarios.slice(0, 4) : [...scenarios, ...between].filter(({ load }) => load >= 0.7)
  const distance = distances(searched, seeds.slice(0, 2))
  const { step, drift } = changingCosts(count, seeds.slice(0, 5))
  const own = new Set(scenarios.map(({ name }) => name))
  const found = goodputs(all)
  const pick = (wanted: boolean) => Object.fromEntries(Object.entries(found).filter(([name]) => own.has(name) === wanted))
  const learning = { ...step, ...drift }
  return {
    tables: [renderStandings(all), renderLatencies(all), renderDistances(distance), renderLearning(learning)],
    targets: [
      ...floors(all),
      ...comparisons(all),
      { name: 'costs with a step: short of the truth, points', value: shortBy(step), bound: 'at most', limit: 3 },
      { name: 'costs that drift: short of the truth, points', value: shortBy(drift), bound: 'at most', limit: 3 },
    ],
    summary: { scenarios: pick(true), between: pick(false), distance, step, drift },
    details: { all, distance, learning },
  }
}

async function realTimePart({ durationMs, seed }: BenchOptions, random: () => number): Promise<Report> {
  const real = await realTime(durationMs, seed, random)
  return { tables: [renderRealTime(real)], targets: [], summary: { realTime: real }, details: { real } }
}

await runBench({
  name: 'batcher',
  question:
    'Which batching rule answers most requests in time? s(n) = 4 + 0.5 n ms, 5 % noise, at most 16, one lane, SLO 30 ms (mixed: 30 % 15 ms, 70 % 60 ms)',
  defaults: { rounds: 10, durationMs: 2000, parts: ['simulated', 'real-time'] },
  method: ({ rounds, durationMs, seed, quick }) =>
    `simulated: ${rounds} traces of ${quick ? quickRequests : requests} requests (seeds from ${seed}), the same for every rule, means; real time: one trace of ${durationMs} ms a rule on the scripted backend. All rules but ours are our reading of what is published about them`,
  async measure(options, plan) {
    const parts = [
      ...(options.only === 'real-time' ? [] : [simulatedPart(options)]),
      ...(options.only === 'simulated' ? [] : [await realTimePart(options, plan.random)]),
    ]
    return {
      tables: parts.flatMap(({ tables }) => tables),
      targets: parts.flatMap(({ targets }) => targets),
      summary: Object.assign({}, ...parts.map(({ summary }) => summary)) as Record<string, unknown>,
      details: Object.assign({}, ...parts.map(({ details }) => details)) as unknown,
    }
  },
})
