import { arrivalTimes } from '../../lib/bench/load/arrivals.js'
import { closedLoop, processCpu } from '../support/closed-loop.js'
import { Engine, MicroBatcher, type Session } from '../support/product.js'
import type { RealModel } from '../support/real-models.js'
import { replay } from '../support/replay.js'
import { interleave, type RoundPlan, type Side } from '../support/rounds.js'
import { median, percentile } from '../support/statistics.js'
import { figure, table } from '../support/table.js'

/** Of the best that one at a time can do. */
const load = 0.8
/** Executions of one row within which a request is to be answered. */
const patience = 5
const maxBatch = 8

interface Turn {
  p50: number
  p99: number
  /** Share of the offered requests that were answered in time, in percent. */
  goodput: number
  /** Of the process, milliseconds for each request. */
  cpu: number
  meanBatch: number
}

export interface RealModelResult {
  table: string
  /** Requests a second that one at a time can do, and how long one takes alone. */
  capacity: number
  singleMs: number
  slo: number
  medians: Readonly<Record<string, Turn>>
}

/** A real model on the CPU backend: requests arrive by themselves at 0.8 of what running them one by one can do. */
export async function realModel(model: RealModel, durationMs: number, plan: RoundPlan & { seed: number }): Promise<RealModelResult> {
  await using engine = await Engine.load(model.bytes, { backend: 'cpu' })
  await using session = await engine.createSession({ lanes: 1, threads: 2 })
  const shapes = [1, 2, 4, maxBatch].map((rows) => ({ [model.input]: model.shape.with(0, rows) }))
  await session.warmUp({ shapes })
  const tensors = { [model.input]: { type: 'float32' as const, shape: model.shape, data: model.data } }
  const ask = () => session.run(tensors)
  const { perSecond: capacity } = await closedLoop(ask, { inFlight: 2, durationMs: 2000 })
  const { p50 } = await closedLoop(ask, { inFlight: 1, durationMs: 1000 })
  const singleMs = p50 / 1000
  const slo = patience * singleMs
  const times = arrivalTimes('poisson', { rate: load * capacity, durationMs, seed: plan.seed })
  const rounds = await interleave([oneByOne(session, { times, tensors, slo }), batched(session, { times, tensors, slo })], plan)
  const medians = Object.fromEntries(Object.entries(rounds).map(([name, turns]) => [name, middle(turns)]))
  return { table: render(model, { capacity, singleMs, slo }, medians), capacity, singleMs, slo, medians }
}

interface Work {
  times: Float64Array
  tensors: Parameters<typeof replay>[2]
  slo: number
}

function oneByOne(session: Session, work: Work): Side<Turn> & { name: 'one by one' } {
  return { name: 'one by one', measure: () => turn(session, work, () => 1) }
}

function batched(session: Session, work: Work): Side<Turn> & { name: 'batcher' } {
  return {
    name: 'batcher',
    async measure() {
      await using batcher = new MicroBatcher(session, { maxBatch })
      return await turn(batcher, work, () => batcher.stats().batchSize.mean)
    },
  }
}

async function turn(runner: Parameters<typeof replay>[0], { times, tensors, slo }: Work, meanBatch: () => number): Promise<Turn> {
  const before = processCpu()
  const { latencyMs } = await replay(runner, times, tensors, () => slo)
  const answered = latencyMs.filter((latency) => !Number.isNaN(latency)).sort()
  return {
    p50: percentile(answered, 0.5),
    p99: percentile(answered, 0.99),
    goodput: (100 * answered.filter((latency) => latency <= slo).length) / times.length,
    cpu: (processCpu() - before) / 1000 / times.length,
    meanBatch: meanBatch(),
  }
}

function middle(turns: readonly Turn[]): Turn {
  const of = (key: keyof Turn) => median(turns.map((each) => each[key]))
  return { p50: of('p50'), p99: of('p99'), goodput: of('goodput'), cpu: of('cpu'), meanBatch: of('meanBatch') }
}

function render(
  { name }: RealModel,
  facts: { capacity: number; singleMs: number; slo: number },
  medians: Readonly<Record<string, Turn>>,
): string {
  const head = `${name} at ${load} of ${figure(facts.capacity)}/s; one takes ${figure(facts.singleMs)} ms, SLO ${figure(facts.slo)} ms`
  const columns = ['p50', 'p99', 'goodput', 'cpu', 'meanBatch'] as const
  const rows = Object.entries(medians).map(([side, turn]) => [side].concat(columns.map((key) => figure(turn[key]))))
  return `${head}\n${table(['', 'p50 ms', 'p99 ms', 'goodput %', 'CPU ms', 'mean batch'], rows)}`
}
