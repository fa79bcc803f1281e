// Question: do copies overlap computing, so that the slowest stage alone bounds throughput, and what does a lone run wait for?
import { simulator } from '../test/support/simulator.js'
import { deviceEngine, echoSession } from './device/session.js'
import { runBench } from './support/bench.js'
import { closedLoop, type LoopResult } from './support/closed-loop.js'
import { loopTable } from './support/loops.js'
import { interleave } from './support/rounds.js'
import { median } from './support/statistics.js'

/** Of the simulated device, in milliseconds. */
const stages = { copyIn: 1, compute: 2, copyOut: 1 }
const slowest = Math.max(...Object.values(stages))
const sum = stages.copyIn + stages.compute + stages.copyOut
const inFlight = 16

await runBench({
  name: 'overlap',
  question: `Do copies overlap computing? (simulated device: ${stages.copyIn} ms in, ${stages.compute} ms computing, ${stages.copyOut} ms out; default session)`,
  defaults: { rounds: 7, durationMs: 1000 },
  async measure({ durationMs }, plan) {
    await using engine = await deviceEngine()
    await using session = await echoSession(engine)
    const x = Float32Array.of(1, 2, 3, 4)
    const operation = () => session.run({ x })
    for (const [stage, ms] of Object.entries(stages)) simulator.set(`${stage}Ns`, ms * 1_000_000)
    const results = await interleave(
      [
        { name: 'many', measure: () => closedLoop(operation, { inFlight, durationMs }) },
        { name: 'lone', measure: () => closedLoop(operation, { inFlight: 1, durationMs }) },
      ],
      plan,
    )
    const middle = (rounds: readonly LoopResult[], metric: 'perSecond' | 'p50') => median(rounds.map((round) => round[metric]))
    const summary = {
      // A loop of a fixed time counts the runs that fill and drain the pipeline: it can only understate.
      throughput: middle(results.many, 'perSecond') / (1000 / slowest),
      latency: middle(results.lone, 'p50') / (sum * 1000),
    }
    return {
      tables: [
        loopTable(`bound ${1000 / slowest}/s, ${sum} ms`, { [`${inFlight} in flight`]: results.many, 'one in flight': results.lone }),
      ],
      targets: [
        { name: 'throughput: to the bound of the slowest stage', value: summary.throughput, bound: 'at least', limit: 0.95 },
        { name: 'latency: of a lone run to the sum of the stages', value: summary.latency, bound: 'at most', limit: 1.05 },
      ],
      summary,
      details: results,
    }
  },
})
