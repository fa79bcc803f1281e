import { arrivalTimes } from '../../lib/bench/load/arrivals.js'
import { planCapacity } from '../../lib/bench/capacity/index.js'
import type { CapacityPlan } from '../../lib/bench/capacity/plan.js'
import { describe } from '../../lib/bench/statistics.js'
import { costSeeds, Engine, MicroBatcher } from '../../lib/index.js'
import { scriptedLibrary, scriptedModel } from '../../test/support/scripted.js'
import { replay, type Replayed } from '../support/replay.js'

export interface Scenario {
  readonly arrivals: 'poisson' | 'bursty'
  /** Share of what the lanes can do at best. */
  readonly load: number
  readonly lanes: number
}

/** What the scripted backend is told a run costs. */
export interface ScriptedCost {
  readonly fixedMs: number
  readonly rowMs: number
  readonly noisePercent: number
  readonly maxBatch: number
  /** Within which requests are to be answered. */
  readonly slo: number
}

/** Goodput and refused are percentages of the offered requests, times milliseconds. */
export interface Figures {
  readonly goodput: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly meanBatch: number
  readonly refused: number
}

export interface Comparison {
  readonly requests: number
  readonly predicted: Figures
  readonly measured: Figures
}

/** The same arrivals through the simulator, on the costs that warm-up measures, and through the real batcher. */
export async function compare(scenario: Scenario, cost: ScriptedCost, run: { durationMs: number; seed: number }): Promise<Comparison> {
  await using engine = await Engine.load(scriptedModel(linesOf(cost)), { backend: { library: scriptedLibrary } })
  await using session = await engine.createSession({ lanes: scenario.lanes })
  const report = await session.warmUp({ batchSizes: sizesUpTo(cost.maxBatch) })
  const rate = (scenario.load * scenario.lanes * 1000 * cost.maxBatch) / (cost.fixedMs + cost.rowMs * cost.maxBatch)
  const times = arrivalTimes(scenario.arrivals, { rate, ...run })
  const plan = await planCapacity({
    cost: costSeeds(report),
    arrivals: { kind: 'trace', times },
    requests: times.length,
    slo: cost.slo,
    lanes: scenario.lanes,
    noise: cost.noisePercent / 100,
    seed: run.seed,
  })
  await using batcher = new MicroBatcher(session, { slo: cost.slo, maxBatch: cost.maxBatch })
  const replayed = await replay(batcher, times, { x: new Float32Array(4) }, cost.slo)
  const measured = measuredFigures(replayed, batcher.stats().batchSize.mean, cost.slo)
  return { requests: times.length, predicted: predictedFigures(plan), measured }
}

function linesOf({ fixedMs, rowMs, noisePercent }: ScriptedCost): string[] {
  const times = [`delayUs ${fixedMs * 1000}`, `rowUs ${rowMs * 1000}`, `noisePercent ${noisePercent}`]
  return ['input x float32 N,4', 'output y float32 N,4', ...times]
}

function sizesUpTo(maxBatch: number): number[] {
  const sizes = [maxBatch]
  for (let size = 1; size < maxBatch; size *= 2) sizes.push(size)
  return sizes
}

function predictedFigures({ prediction }: CapacityPlan): Figures {
  const { goodput, latency, meanBatch, answered, offered } = prediction
  const at = (wanted: number) => latency.percentiles.find(({ percentile }) => percentile === wanted)!.value
  return { goodput: 100 * goodput, p50: at(50), p95: at(95), p99: at(99), meanBatch, refused: 100 * (1 - answered / offered) }
}

function measuredFigures({ latencyMs }: Replayed, meanBatch: number, slo: number): Figures {
  const answered = latencyMs.filter((latency) => !Number.isNaN(latency))
  const [p50, p95, p99] = describe(answered, [50, 95, 99]).percentiles.map(({ value }) => value)
  const inTime = answered.filter((latency) => latency <= slo).length
  const share = (count: number) => (100 * count) / latencyMs.length
  return { goodput: share(inTime), p50: p50!, p95: p95!, p99: p99!, meanBatch, refused: 100 - share(answered.length) }
}
