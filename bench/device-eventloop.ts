// Question: how long does the event loop wait while the (simulated) device is saturated, and while a TensorRT-RTX build runs?
import { existsSync } from 'node:fs'
import { Engine, isTrtError } from '../lib/index.js'
import { watchEventLoop } from '../lib/bench/event-loop-delay.js'
import { echoOn } from '../test/support/device.js'
import { useSimulator } from '../test/support/simulator.js'
import { runBench } from './support/bench.js'
import { closedLoop } from './support/closed-loop.js'
import { recognition } from './support/real-models.js'
import { interleave, type Side } from './support/rounds.js'
import { median } from './support/statistics.js'
import { figure, table } from './support/table.js'

const names = ['nothing', 'saturated', 'building'] as const
type Name = (typeof names)[number]

/** Milliseconds late. */
interface Delays {
  p50: number
  p99: number
  max: number
  /** Operations meanwhile: zero would mean that nothing was measured. */
  operations: number
}

/** A folder with libtensorrt_rtx and its parser, for real builds: they need no GPU. */
const rtx = process.env['BENCH_RTX_LIBRARIES']
const computeUs = 200
const inFlight = 64

async function watched(operation: () => Promise<unknown>, parallel: number, durationMs: number): Promise<Delays> {
  const watch = watchEventLoop()
  const { operations } = await closedLoop(operation, { inFlight: parallel, durationMs })
  const { p50, p99, max } = watch.stop()
  return { p50, p99, max, operations }
}

/** A real build on a thread of this process: it ends where the engine is to be loaded, which needs a GPU. */
async function buildRecognition(folder: string): Promise<void> {
  const { bytes, shape } = recognition()
  const options = { backend: 'tensorrt-rtx', isolate: false, libraries: { nvinfer: folder, nvonnxparser: folder } } as const
  try {
    await (await Engine.build(bytes, { ...options, shapes: { x: { min: shape, opt: shape, max: shape } } })).close()
  } catch (error) {
    const ended = isTrtError(error) && ['TRT_ERR_UNAVAILABLE', 'TRT_ERR_ENGINE'].includes(error.code) && /driver/i.test(error.message)
    if (!ended) throw error
  }
}

await runBench({
  name: 'device-eventloop',
  question: `How long does the event loop wait while ${inFlight} runs of ${computeUs} µs are in flight on the simulated device, and while TensorRT-RTX builds?`,
  defaults: { rounds: 5, durationMs: 2000 },
  async measure({ durationMs }, plan) {
    const backend = useSimulator('trt11', { computeNs: computeUs * 1000 })
    await using engine = await echoOn(backend)
    await using session = await engine.createSession({ lanes: 2 })
    const x = Float32Array.of(1, 2, 3, 4)
    const rest = () => new Promise((resolve) => setTimeout(resolve, 10))
    const sides: (Side<Delays> & { name: Name })[] = [
      { name: 'nothing', measure: () => watched(rest, 1, durationMs) },
      { name: 'saturated', measure: () => watched(() => session.run({ x }), inFlight, durationMs) },
    ]
    const real = rtx !== undefined && existsSync(rtx) ? rtx : null
    if (real !== null) sides.push({ name: 'building', measure: () => watched(() => buildRecognition(real), 1, durationMs) })
    const results = await interleave(sides, plan)
    const p99 = (name: Name) => (results[name] === undefined ? null : median(results[name].map((each) => each.p99)))
    const rows = sides.map(({ name }) => {
      const middle = (key: keyof Delays) => figure(median(results[name].map((each) => each[key])))
      return [name, middle('operations'), middle('p50'), middle('p99'), figure(Math.max(...results[name].map(({ max }) => max)))]
    })
    const summary = { saturatedP99Ms: p99('saturated'), buildingP99Ms: p99('building') }
    const targets = Object.entries(summary).flatMap(([name, value]) =>
      value === null ? [] : [{ name: `${name}: event-loop delay, p99`, value, bound: 'at most' as const, limit: 2 }],
    )
    const note = real === null ? 'No real build: BENCH_RTX_LIBRARIES names no folder with libtensorrt_rtx.' : `Real builds with ${real}.`
    return {
      tables: [table(['meanwhile', 'operations', 'delay p50 ms', 'p99', 'max of all rounds'], rows), note],
      targets,
      summary,
      details: results,
    }
  },
})
