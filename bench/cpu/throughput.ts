// Question: under concurrent load, do two lanes of one thread do at least what onnxruntime-node does with two threads?
import type { LoopResult } from '../support/closed-loop.js'
import { loopSide, loopTable, roundRatio } from '../support/loops.js'
import type { RealModel } from '../support/real-models.js'
import { interleave, type RoundPlan } from '../support/rounds.js'
import { restMs } from './latency.js'
import { closeAll, ours, peers } from './pair.js'

const inFlight = 4

export interface ThroughputResult {
  table: string
  /** Operations per second to onnxruntime-node's with two threads. */
  ratio: number
  rounds: Record<string, LoopResult[]>
}

export async function throughput(model: RealModel, durationMs: number, plan: RoundPlan): Promise<ThroughputResult> {
  const lanes = await ours(model, { lanes: 2, threads: 1 })
  const two = await peers(model, { threads: 2 })
  const one = await peers(model, { threads: 1 })
  const loop = { inFlight, durationMs, restMs }
  const rounds = await interleave(
    [
      loopSide('ours, 2 lanes of 1 thread', lanes.run, loop),
      loopSide('onnxruntime-node, 2 threads', two.run, loop),
      loopSide('onnxruntime-node, 1 thread', one.run, loop),
    ],
    plan,
  )
  await closeAll([lanes, two, one])
  const ratio = roundRatio(rounds['ours, 2 lanes of 1 thread'], rounds['onnxruntime-node, 2 threads'], 'perSecond')
  return { table: loopTable(`${model.name}, ${inFlight} in flight`, rounds), ratio, rounds }
}
