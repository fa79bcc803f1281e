// Question: how long does the event loop wait while inferences of about 50 ms run back to back?
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { slow } from '../test/support/models.js'
import { runBench } from './support/bench.js'
import { closedLoop } from './support/closed-loop.js'
import { peerSession, peerTensor } from './support/peer.js'
import { cpuSession } from './support/product.js'
import { interleave, type Side } from './support/rounds.js'
import { median } from './support/statistics.js'
import { figure, table } from './support/table.js'

const names = ['nothing', 'ours', 'onnxruntime-node'] as const
type Name = (typeof names)[number]

/** Milliseconds. */
interface Delays {
  /** Median time of an inference. */
  inference: number
  p50: number
  p99: number
  max: number
}

const shape = [192, 192]
const wantedMs = 50
/** The monitor is a timer of this period and records the time between its calls, the period included: it is taken off. */
const resolutionMs = 1

async function watched(operation: () => Promise<unknown>, durationMs: number): Promise<Delays> {
  const monitor = monitorEventLoopDelay({ resolution: resolutionMs })
  monitor.enable()
  const { p50 } = await closedLoop(operation, { inFlight: 1, durationMs })
  monitor.disable()
  const delay = (ns: number): number => Math.max(0, ns / 1e6 - resolutionMs)
  return { inference: p50 / 1e3, p50: delay(monitor.percentile(50)), p99: delay(monitor.percentile(99)), max: delay(monitor.max) }
}

/** The model's loops that take about `wantedMs` here, on one thread. */
async function loopsFor(data: Float32Array): Promise<number> {
  const probed = 50
  const session = await peerSession(slow(probed), { threads: 1 })
  const feeds = { x: peerTensor(data, shape) }
  let fastest = Infinity // what the model takes when nobody interferes
  for (let run = 0; run < 10; run++) {
    const begin = performance.now()
    await session.run(feeds)
    fastest = Math.min(fastest, performance.now() - begin)
  }
  await session.release()
  return Math.max(1, Math.round((probed * wantedMs) / fastest))
}

async function measureDelays(durationMs: number, run: (sides: Side<Delays>[]) => Promise<Record<Name, Delays[]>>) {
  const data = Float32Array.from({ length: 192 * 192 }, (_, i) => i % 7)
  const model = slow(await loopsFor(data))
  const ours = await cpuSession(model, { lanes: 1, threads: 1 })
  const peer = await peerSession(model, { threads: 1 })
  const feeds = { x: peerTensor(data, shape) }
  const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, wantedMs))
  const operations: Record<Name, () => Promise<unknown>> = {
    nothing: rest,
    ours: () => ours.session.run({ x: data }),
    'onnxruntime-node': () => peer.run(feeds),
  }
  const results = await run(names.map((name) => ({ name, measure: () => watched(operations[name], durationMs) })))
  await Promise.all([ours.close(), peer.release()])
  return results
}

function delayTable(results: Record<Name, Delays[]>): string {
  const rows = names.map((name) => {
    const middle = (key: keyof Delays): string => figure(median(results[name].map((delays) => delays[key])))
    return [name, middle('inference'), middle('p50'), middle('p99'), figure(Math.max(...results[name].map(({ max }) => max)))]
  })
  return table(['meanwhile', 'inference ms', 'delay p50 ms', 'p99', 'max of all rounds'], rows)
}

await runBench({
  name: 'eventloop',
  question: `How long does the event loop wait while inferences of about ${wantedMs} ms run back to back? (one thread each)`,
  defaults: { rounds: 5, durationMs: 2000 },
  async measure({ durationMs }, plan) {
    const results = await measureDelays(durationMs, (sides) => interleave<Name, Delays>(sides as (Side<Delays> & { name: Name })[], plan))
    const p99 = (name: Name): number => median(results[name].map((delays) => delays.p99))
    const summary = { p99Ms: p99('ours'), ortP99Ms: p99('onnxruntime-node') }
    return {
      tables: [
        delayTable(results),
        `Delay: time between two calls of a ${resolutionMs} ms timer, less that period (monitorEventLoopDelay).`,
      ],
      targets: [{ name: 'p99Ms: event-loop delay, p99', value: summary.p99Ms, bound: 'at most', limit: 2 }],
      summary,
      details: results,
    }
  },
})
