import type { Rule } from '../../lib/batching/learned-rule.js'
import { scriptedLibrary, scriptedModel } from '../../test/support/scripted.js'
import { Engine, MicroBatcher } from '../support/product.js'
import { replay } from '../support/replay.js'
import { cost, type Trace } from './scenarios.js'

/**
 * A trace through the real batcher, in real time: the addon, promises, timers and the event loop take part.
 *
 * @param rule What decides; undefined: ours, as the package ships it. A rule that is given some other decides in its place.
 * @returns Percent of the requests that were answered in time.
 */
export async function goodputInRealTime(trace: Trace, rule: Rule | undefined): Promise<number> {
  const times = [`delayUs ${cost.fixedMs * 1000}`, `rowUs ${cost.rowMs * 1000}`, `noisePercent ${cost.noisePercent}`]
  const model = scriptedModel(['input x float32 N,4', 'output y float32 N,4', ...times])
  await using engine = await Engine.load(model, { backend: { library: scriptedLibrary } })
  await using session = await engine.createSession()
  await session.warmUp({ batchSizes: [1, 2, 4, 8, cost.maxBatch] })
  await using batcher = new MicroBatcher(session, { maxBatch: cost.maxBatch }, rule)
  const { latencyMs } = await replay(batcher, trace.times, { x: new Float32Array(4) }, (i) => trace.budgets[i]!)
  const { requests, pending } = batcher.stats()
  if (requests !== trace.times.length || pending !== 0) throw new Error(`${requests} of ${trace.times.length} requests, ${pending} pending`)
  return (100 * latencyMs.filter((latency, i) => latency <= trace.budgets[i]!).length) / latencyMs.length
}
