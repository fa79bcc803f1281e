// Question: four sessions of two threads, of which one works at a time: do the threads of those that have just finished
// steal cores from the one that works? ONNX Runtime's poll for more work for a while, unless session.force_spinning_stop.
import type { LoopResult } from '../support/closed-loop.js'
import { loopSide, loopTable, roundRatio } from '../support/loops.js'
import type { RealModel } from '../support/real-models.js'
import { interleave, type RoundPlan } from '../support/rounds.js'
import { restMs } from './latency.js'
import { closeAll, ours, peers, type Runnable } from './pair.js'

const sessions = 4
const threads = 2
const stop = { session: { force_spinning_stop: '1' } }

export interface IdleResult {
  table: string
  /** p50 with four sessions in turn to p50 of one alone. */
  ratios: { ours: number; ort: number; ortForceSpinningStop: number }
  rounds: Record<string, LoopResult[]>
}

/** Four sessions that take turns: one works, three have just worked. */
async function fourOf(
  open: () => Promise<Runnable>,
): Promise<{ all: Runnable[]; inTurn: () => Promise<unknown>; alone: () => Promise<unknown> }> {
  const all: Runnable[] = []
  while (all.length < sessions) all.push(await open())
  let next = 0
  const at = (index: number): Runnable => all[index % sessions] as Runnable
  return { all, inTurn: () => at(next++).run(), alone: () => at(0).run() }
}

export async function idleSessions(model: RealModel, durationMs: number, plan: RoundPlan): Promise<IdleResult> {
  const mine = await fourOf(() => ours(model, { lanes: 1, threads }))
  const theirs = await fourOf(() => peers(model, { threads }))
  const stopped = await fourOf(() => peers(model, { threads, extra: stop }))
  const loop = { inFlight: 1, durationMs, restMs }
  const rounds = await interleave(
    [
      loopSide('ours, one alone', mine.alone, loop),
      loopSide('ours, four in turn', mine.inTurn, loop),
      loopSide('onnxruntime-node, one alone', theirs.alone, loop),
      loopSide('onnxruntime-node, four in turn', theirs.inTurn, loop),
      loopSide('the same with force_spinning_stop', stopped.inTurn, loop),
    ],
    plan,
  )
  await closeAll([...mine.all, ...theirs.all, ...stopped.all])
  const alone = rounds['onnxruntime-node, one alone']
  return {
    table: loopTable(`${model.name}, ${sessions} sessions of ${threads} threads`, rounds),
    ratios: {
      ours: roundRatio(rounds['ours, four in turn'], rounds['ours, one alone'], 'p50'),
      ort: roundRatio(rounds['onnxruntime-node, four in turn'], alone, 'p50'),
      ortForceSpinningStop: roundRatio(rounds['the same with force_spinning_stop'], alone, 'p50'),
    },
    rounds,
  }
}
