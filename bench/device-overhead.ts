// Question: what does a run cost on a device that takes no time, and how many calls of CUDA does it make?
import { identity } from '../test/support/models.js'
import { callsPerRun, callsTable, total } from './device/calls.js'
import { deviceEngine, echoSession, row } from './device/session.js'
import { nativeCpu } from './device/threads.js'
import { runBench } from './support/bench.js'
import { closedLoop, type LoopResult } from './support/closed-loop.js'
import { loopSide, loopTable, roundRatio } from './support/loops.js'
import { peerSession, peerTensor } from './support/peer.js'
import { interleave } from './support/rounds.js'
import { median } from './support/statistics.js'

const inFlight = 64

interface DeviceResult extends LoopResult {
  /** Microseconds a run of CPU on our native threads. */
  native: number
}

async function counted(operation: () => Promise<unknown>, durationMs: number): Promise<DeviceResult> {
  const before = nativeCpu()
  const result = await closedLoop(operation, { inFlight, durationMs })
  return { ...result, native: (nativeCpu() - before) / result.operations }
}

await runBench({
  name: 'device-overhead',
  question: `What does a run cost on a simulated device without latency? (float32 [1, ${row}] in and out, ${inFlight} in flight)`,
  defaults: { rounds: 9, durationMs: 400 },
  async measure({ durationMs }, plan) {
    const data = Float32Array.of(1, 2, 3, 4)
    await using engine = await deviceEngine()
    await using session = await echoSession(engine)
    const peer = await peerSession(identity('float32', [1, row]), { threads: 1 })
    const feeds = { x: peerTensor(data, [1, row]) }
    const results = await interleave(
      [
        { name: 'ours', measure: () => counted(() => session.run({ x: data }), durationMs) },
        loopSide('onnxruntime-node', () => peer.run(feeds), { inFlight, durationMs }),
      ],
      plan,
    )
    await peer.release()
    const ours = results.ours as DeviceResult[]
    const [plain, graph] = [await callsPerRun(engine, false), await callsPerRun(engine, true)]
    const summary = {
      ortOps64: roundRatio(ours, results['onnxruntime-node'], 'perSecond'),
      nativeCpuUs: median(ours.map(({ native }) => native)),
      callsPlain: total(plain),
      callsGraph: total(graph),
    }
    return {
      tables: [loopTable(`${inFlight} in flight`, results), callsTable(plain, graph)],
      targets: [
        { name: 'ortOps64: operations/s to onnxruntime-node', value: summary.ortOps64, bound: 'at least', limit: 2 },
        {
          name: 'nativeCpuUs: CPU of our native threads a run, simulator included',
          value: summary.nativeCpuUs,
          bound: 'at most',
          limit: 10,
        },
        { name: 'callsGraph: launch, record, wait', value: summary.callsGraph, bound: 'at most', limit: 3 },
      ],
      summary,
      details: { results, plain, graph },
    }
  },
})
