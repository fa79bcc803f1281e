import { learnedRule, type Rule } from '../../lib/batching/learned-rule.js'
import { Scheduler } from '../../lib/batching/rule/scheduler.js'
import type { Decision, Refusal, Request } from '../../lib/batching/rule/types.js'
import { table } from '../support/table.js'
import { KnownCost } from './rules/contenders.js'
import { cost, msOf, type Scenario, type Trace, traceOf } from './scenarios.js'
import { runSimulated } from './simulated.js'

/** Milliseconds of an execution that begins `now`. */
type Truth = (rows: number, now: number) => number

/** Goodput in percent. */
export interface Learning {
  readonly ours: number
  /** The same rule, told the true costs. */
  readonly told: number
}

const one = [{ deadline: 30, weight: 1 }]
const mixed = [
  { deadline: 15, weight: 0.3 },
  { deadline: 60, weight: 0.7 },
]

/** Nine rows cost 60 % more than eight. Loads are of what batches of eight can do, which is the best. */
const stepRows = 8
const stepFactor = 1.6
const stepMs: Truth = (rows) => (rows <= stepRows ? msOf(rows) : stepFactor * msOf(stepRows) + cost.rowMs * (rows - stepRows - 1))
const stepScenarios: readonly Scenario[] = [
  { name: 'step-poisson-0.7', arrivals: 'poisson', load: 0.7, classes: one },
  { name: 'step-poisson-0.9', arrivals: 'poisson', load: 0.9, classes: one },
  { name: 'step-poisson-1.2', arrivals: 'poisson', load: 1.2, classes: one },
  { name: 'step-bursty-0.7', arrivals: 'bursty', load: 0.7, classes: one },
  { name: 'step-mixed-poisson-0.9', arrivals: 'poisson', load: 0.9, classes: mixed },
]
/** The scenarios' loads are of batches of 16 at the usual costs. */
const stepShare = stepRows / stepMs(stepRows, 0) / (cost.maxBatch / msOf(cost.maxBatch))

/** From the middle on everything takes twice as long: at once, or more and more in the middle third. Loads are those before. */
const driftFactor = 2
const atOnce =
  (trace: Trace): Truth =>
  (rows, now) =>
    msOf(rows) * (now < trace.times.at(-1)! / 2 ? 1 : driftFactor)
const slowly =
  (trace: Trace): Truth =>
  (rows, now) => {
    const passed = Math.min(1, Math.max(0, (3 * now) / trace.times.at(-1)! - 1))
    return msOf(rows) * (1 + (driftFactor - 1) * passed)
  }
const driftScenarios: readonly Scenario[] = [
  { name: 'poisson-0.4', arrivals: 'poisson', load: 0.4, classes: one },
  { name: 'poisson-0.6', arrivals: 'poisson', load: 0.6, classes: one },
  { name: 'bursty-0.5', arrivals: 'bursty', load: 0.5, classes: one },
  { name: 'mixed-poisson-0.5', arrivals: 'poisson', load: 0.5, classes: mixed },
]

/** Our rule with costs that it is told and need not learn. */
class ToldScheduler extends Scheduler {
  readonly #clock: { now: number }

  constructor(options: ConstructorParameters<typeof Scheduler>[0], truth: Truth) {
    const clock = { now: 0 }
    super(options, new KnownCost((rows) => truth(rows, clock.now)))
    this.#clock = clock
  }

  override enqueue(request: Request, now: number): Refusal | null {
    this.#clock.now = now
    return super.enqueue(request, now)
  }

  override decide(now: number): Decision {
    this.#clock.now = now
    return super.decide(now)
  }
}

const toldRule = (truth: Truth): Rule => ({
  cost: () => new KnownCost((rows) => truth(rows, 0)),
  scheduler: (options) => new ToldScheduler(options, truth),
})

function learning(scenario: Scenario, truthOf: (trace: Trace) => Truth, run: { requests: number; seeds: readonly number[] }): Learning {
  let [ours, told] = [0, 0]
  for (const seed of run.seeds) {
    const trace = traceOf(scenario, run.requests, seed)
    const truth = truthOf(trace)
    const machine = { noisePercent: cost.noisePercent, msOf: truth, seed }
    ours += runSimulated(trace, learnedRule, machine).goodput / run.seeds.length
    told += runSimulated(trace, toldRule(truth), machine).goodput / run.seeds.length
  }
  return { ours: Number(ours.toFixed(2)), told: Number(told.toFixed(2)) }
}

/** The rule that learns its costs against the same rule told the truth, where costs have a step and where they change. */
export function changingCosts(
  requests: number,
  seeds: readonly number[],
): { step: Record<string, Learning>; drift: Record<string, Learning> } {
  const run = { requests, seeds }
  const step = stepScenarios.map((each) => [each.name, learning({ ...each, load: each.load * stepShare }, () => stepMs, run)])
  const drift = driftScenarios.flatMap((each) => [
    [`drift-at-once-${each.name}`, learning(each, atOnce, run)],
    [`drift-slow-${each.name}`, learning(each, slowly, run)],
  ])
  return { step: Object.fromEntries(step) as Record<string, Learning>, drift: Object.fromEntries(drift) as Record<string, Learning> }
}

export function renderLearning(all: Readonly<Record<string, Learning>>): string {
  const rows = Object.entries(all).map(([name, { ours, told }]) => [name, ours.toFixed(2), told.toFixed(2), (told - ours).toFixed(2)])
  return table(['goodput %', 'learning', 'told the truth', 'short by'], rows)
}
