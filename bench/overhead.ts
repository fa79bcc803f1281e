// Question: what does a run cost when the inference itself costs nothing?
import { identity } from '../test/support/models.js'
import { runBench, type Report } from './support/bench.js'
import type { LoopResult } from './support/closed-loop.js'
import { loadEcho } from './support/echo.js'
import { loopSide, loopTable, roundRatio } from './support/loops.js'
import { peerSession, peerTensor } from './support/peer.js'
import { cpuSession, scriptedSession } from './support/product.js'
import { interleave, type RoundPlan } from './support/rounds.js'

const shape = [1, 4]
const names = ['ours, scripted', 'ours, cpu', 'onnxruntime-node', 'raw echo', 'raw echo, no polling'] as const
type Name = (typeof names)[number]
type Operations = Readonly<Record<Name, () => Promise<unknown>>>
type Results = Record<Name, LoopResult[]>

/** The polling of our lanes by default, for the echo too: like with like. */
const spinMicros = 50
const lanes = 2

/** Every side on the same four floats, reused; each is checked once to give them back. */
async function open(): Promise<{ operations: Operations; close(): Promise<void> }> {
  const data = Float32Array.of(1, 2, 3, 4)
  const echoed = new Float32Array(data.length)
  const model = identity('float32', shape)
  const scripted = await scriptedSession(shape)
  const cpu = await cpuSession(model, { lanes, threads: 1 })
  const peer = await peerSession(model, { threads: 1 })
  const feeds = { x: peerTensor(data, shape) }
  const echo = loadEcho()
  const [polling, sleeping] = [echo.create(spinMicros), echo.create(0)]
  const operations: Operations = {
    'ours, scripted': () => scripted.session.run({ x: data }),
    'ours, cpu': () => cpu.session.run({ x: data }),
    'onnxruntime-node': () => peer.run(feeds),
    'raw echo': () => polling(data, echoed),
    'raw echo, no polling': () => sleeping(data, echoed),
  }
  await requireEchoes(operations, data)
  return {
    operations,
    async close() {
      await Promise.all([scripted.close(), cpu.close(), peer.release()])
    },
  }
}

/** A bench of the wrong path would be fast. */
async function requireEchoes(operations: Operations, expected: Float32Array): Promise<void> {
  for (const [name, operation] of Object.entries(operations)) {
    const answer = await operation()
    const data = answer instanceof Float32Array ? answer : (answer as { y: { data: Float32Array } }).y.data
    if (data.join() !== expected.join()) throw new Error(`${name} gave ${data.join()} for ${expected.join()}`)
  }
}

async function measure(operations: Operations, inFlight: number, durationMs: number, plan: RoundPlan): Promise<Results> {
  const sides = names.map((name) => loopSide(name, operations[name], { inFlight, durationMs }))
  return await interleave(sides, plan)
}

function report(many: Results, one: Results): Report {
  const against = (results: Results, ours: Name, other: Name, metric: 'perSecond' | 'cpuPerOperation' = 'perSecond'): number =>
    roundRatio(results[ours], results[other], metric)
  const summary = {
    ortOps64: against(many, 'ours, scripted', 'onnxruntime-node'),
    ortCpu64: against(many, 'ours, scripted', 'onnxruntime-node', 'cpuPerOperation'),
    ortOps1: against(one, 'ours, scripted', 'onnxruntime-node'),
    rawOps64: against(many, 'ours, scripted', 'raw echo'),
    cpuOps64: against(many, 'ours, cpu', 'onnxruntime-node'),
  }
  return {
    tables: [loopTable('64 in flight', many), loopTable('one in flight', one)],
    targets: [
      { name: 'ortOps64: operations/s to onnxruntime-node, 64 in flight', value: summary.ortOps64, bound: 'at least', limit: 3 },
      { name: 'ortCpu64: CPU/operation to onnxruntime-node, 64 in flight', value: summary.ortCpu64, bound: 'at most', limit: 0.5 },
      { name: 'ortOps1: operations/s to onnxruntime-node, one in flight', value: summary.ortOps1, bound: 'at least', limit: 1 },
      { name: 'rawOps64: operations/s to the raw echo, 64 in flight', value: summary.rawOps64, bound: 'at least', limit: 0.5 },
      {
        name: 'cpuOps64: CPU backend, two lanes, to onnxruntime-node, 64 in flight',
        value: summary.cpuOps64,
        bound: 'at least',
        limit: 1.5,
      },
    ],
    summary,
    details: { many, one },
  }
}

await runBench({
  name: 'overhead',
  question: 'What does a run of a model that computes nothing cost? (float32 [1, 4] in and out)',
  defaults: { rounds: 9, durationMs: 400 },
  async measure({ durationMs }, plan) {
    const { operations, close } = await open()
    const many = await measure(operations, 64, durationMs, plan)
    const one = await measure(operations, 1, durationMs, plan)
    await close()
    return report(many, one)
  },
})
