// Question: is one inference at a time as fast as onnxruntime-node's, with as many threads?
import type { LoopResult } from '../support/closed-loop.js'
import { loopSide, loopTable, roundRatio } from '../support/loops.js'
import type { RealModel } from '../support/real-models.js'
import { interleave, type RoundPlan } from '../support/rounds.js'
import { closeAll, ours, peers } from './pair.js'

/** ONNX Runtime's threads poll for some ten milliseconds after a run; the next side must not pay for that. */
export const restMs = 60
const threadCounts = [1, 2]

export interface LatencyResult {
  table: string
  /** p50 to onnxruntime-node's, by number of threads. */
  ratios: Record<number, number>
  rounds: Record<string, LoopResult[]>
}

async function latencyWith(model: RealModel, threads: number, durationMs: number, plan: RoundPlan) {
  const [mine, theirs] = [await ours(model, { lanes: 1, threads }), await peers(model, { threads })]
  const loop = { inFlight: 1, durationMs, restMs }
  const results = await interleave([loopSide('ours', mine.run, loop), loopSide('peer', theirs.run, loop)], plan)
  await closeAll([mine, theirs])
  return results
}

export async function latency(model: RealModel, durationMs: number, plan: RoundPlan): Promise<LatencyResult> {
  const rounds: Record<string, LoopResult[]> = {}
  const ratios: Record<number, number> = {}
  for (const threads of threadCounts) {
    const { ours: mine, peer } = await latencyWith(model, threads, durationMs, plan)
    const noun = threads === 1 ? 'thread' : 'threads'
    rounds[`ours, ${threads} ${noun}`] = mine
    rounds[`onnxruntime-node, ${threads} ${noun}`] = peer
    ratios[threads] = roundRatio(mine, peer, 'p50')
  }
  return { table: loopTable(`${model.name}, one in flight`, rounds), ratios, rounds }
}
