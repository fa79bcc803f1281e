// Question: with precision fp16 and nothing else set, how small do real models get, and how near do they stay to float32?
import type { Tensor } from '../lib/core/tensor.js'
import { cpuRuntime } from '../lib/engine/precision/runtime.js'
import { autocast } from '../lib/onnx/float16/autocast.js'
import { tuneAutocast } from '../lib/onnx/float16/tune.js'
import { readOnnx } from '../lib/onnx/graph/read.js'
import { writeOnnx, writeOnnxChunks } from '../lib/onnx/graph/write.js'
import { cleanModel } from '../lib/onnx/passes/clean/clean.js'
import { liftOpset } from '../lib/onnx/passes/lift.js'
import { OutputsFidelity } from '../lib/onnx/report/fidelity.js'
import { fetchData } from './int8/data.js'
import type { Workload } from './int8/workload.js'
import { workloads } from './int8/workloads.js'
import { bigModel } from './support/big-model.js'
import { runBench, type Target } from './support/bench.js'
import { median } from './support/statistics.js'
import { table } from './support/table.js'

const runtime = cpuRuntime()
/** What islands are chosen by; fidelity is told on inputs that were not among them. */
const referenceSamples = 3
const testSamples = 20

const round = (value: number) => Math.round(value * 1e6) / 1e6

async function outputsOf(model: Uint8Array, { test }: Workload): Promise<Readonly<Record<string, Tensor>>[]> {
  const opened = await runtime.open(model, { threads: 2 })
  const all: Readonly<Record<string, Tensor>>[] = []
  for (const sample of test.slice(0, testSamples)) all.push(await opened.run(sample))
  await opened.close()
  return all
}

async function measured(workload: Workload) {
  const began = performance.now()
  const cleaned = cleanModel(liftOpset(readOnnx(workload.model), 21)).model
  const given = { samples: workload.calibration.slice(0, referenceSamples), runtime }
  const { model, report } = await tuneAutocast(cleaned, { type: 'float16' }, given, { threads: 2 })
  const bytes = writeOnnx(model)
  const seconds = (performance.now() - began) / 1000
  const [before, after] = [await outputsOf(workload.model, workload), await outputsOf(bytes, workload)]
  const fidelity = new OutputsFidelity()
  before.forEach((outputs, i) => fidelity.add(outputs, after[i]!))
  const outputs = fidelity.results()
  const finite = after.every((each) => Object.values(each).every(({ data }) => data.every((value) => Number.isFinite(Number(value)))))
  const cosine = Math.min(...outputs.map((output) => output.cosine.mean))
  const task = workload.judge(before, after)
  const summary = {
    size: round(bytes.length / workload.model.length),
    converted: round(report.converted),
    cosine: round(cosine),
    least: round(Math.min(...outputs.map((output) => output.cosine.min))),
    task: round(task.fidelity),
    finite,
  }
  return { summary, details: { outputs, report, seconds, metric: workload.metric } }
}

type Measured = Awaited<ReturnType<typeof measured>>

function targetsOf(name: string, { summary }: Measured): Target[] {
  return [
    { name: `${name}: size`, value: summary.size, bound: 'at most', limit: 0.51 },
    { name: `${name}: operators converted`, value: summary.converted, bound: 'at least', limit: 0.95 },
    { name: `${name}: cosine`, value: summary.cosine, bound: 'at least', limit: 0.9999 },
    { name: `${name}: all finite`, value: Number(summary.finite), bound: 'at least', limit: 1 },
  ]
}

/** Milliseconds from bytes in memory to bytes in memory. */
function convertBig(rounds: number): number {
  const bytes = writeOnnx(bigModel())
  const times = Array.from({ length: rounds + 1 }, () => {
    const began = performance.now()
    const { model, report } = autocast(readOnnx(bytes), { type: 'float16' })
    const size = writeOnnxChunks(model).reduce((sum, chunk) => sum + chunk.length, 0)
    if (report.converted !== 1 || size > 0.51 * bytes.length) throw new Error(`not converted: ${report.converted}, ${size} bytes`)
    return performance.now() - began
  })
  return median(times.slice(1))
}

function render(results: Readonly<Record<string, Measured>>): string {
  const rows = Object.entries(results).map(([name, { summary, details }]) => [
    name,
    summary.size.toFixed(3),
    summary.converted.toFixed(3),
    summary.cosine.toFixed(6),
    summary.least.toFixed(6),
    `${summary.task.toFixed(4)} ${details.metric}`,
    details.seconds.toFixed(1),
  ])
  return table(['model', 'size', 'converted', 'cosine', 'least', 'of the task', 'made in s'], rows)
}

await runBench({
  name: 'fp16',
  question: 'With precision fp16 and nothing else set: how small, how near to float32, and how long does a large model take?',
  defaults: { rounds: 5, durationMs: 1, parts: Object.keys(workloads) },
  method: ({ rounds }) =>
    `islands by ${referenceSamples} reference samples; fidelity on up to ${testSamples} others, worst output; 176 MB: median of ${rounds}`,
  async measure({ quick, rounds, only }) {
    fetchData()
    const results: Record<string, Measured> = {}
    for (const [name, make] of Object.entries(workloads)) {
      if (only !== null && only !== name) continue
      results[name] = await measured(await make(quick ? 0.05 : 0.3, runtime))
    }
    const bigMs = Math.round(convertBig(rounds))
    const targets = quick ? [] : Object.entries(results).flatMap(([name, result]) => targetsOf(name, result))
    if (!quick) targets.push({ name: '176 MB converted, ms', value: bigMs, bound: 'at most', limit: 2000 })
    const models = Object.fromEntries(Object.entries(results).map(([name, { summary }]) => [name, summary]))
    const notes = Object.entries(results).flatMap(([name, { details }]) => details.report.notes.map((text) => `${name}: ${text}`))
    return { tables: [render(results), notes.join('\n')], targets, summary: { models, bigMs }, details: results }
  },
})
