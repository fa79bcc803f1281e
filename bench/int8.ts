// Question: with precision int8 and nothing else set, how much faster are real models, and what do they lose on inputs never calibrated on?
import { cpuRuntime } from '../lib/engine/precision/runtime.js'
import { fetchData } from './int8/data.js'
import { speedsOf } from './int8/speed.js'
import { answers, subjectOf } from './int8/subject.js'
import type { Workload } from './int8/workload.js'
import { workloads } from './int8/workloads.js'
import type { BenchOptions } from './support/options.js'
import { runBench, type Target } from './support/bench.js'
import type { RoundPlan } from './support/rounds.js'
import { table } from './support/table.js'

const wanted = takeModels()
const fast = take('--fast')

/** Of this bench alone: they are taken out before the options that all benches share are read. */
function take(flag: string): boolean {
  const at = process.argv.indexOf(flag)
  if (at >= 0) process.argv.splice(at, 1)
  return at >= 0
}

function takeModels(): readonly string[] {
  const at = process.argv.indexOf('--models')
  if (at < 0) return Object.keys(workloads)
  const [, names = ''] = process.argv.splice(at, 2)
  const list = names.split(',')
  const unknown = list.find((name) => !(name in workloads))
  if (unknown === undefined) return list
  console.error(`--models takes names of ${Object.keys(workloads).join(', ')}, with commas; received "${unknown}"`)
  process.exit(2)
}

const runtime = cpuRuntime()
const round = (value: number) => Math.round(value * 1e5) / 1e5

async function measured(workload: Workload, { durationMs }: BenchOptions, plan: RoundPlan) {
  const subject = await subjectOf(workload, runtime, fast)
  const reference = await answers(subject.original, workload.test, runtime)
  const judge = async (model: Uint8Array) => workload.judge(reference, await answers(model, workload.test, runtime))
  const [int8, cleaned, tensorrt] = [await judge(subject.cpu), await judge(subject.cleaned), await judge(subject.tensorrt)]
  const sample = workload.test[0]
  if (sample === undefined) throw new Error(`${workload.name}: no test inputs`)
  console.error(
    `${workload.name}: made in ${subject.seconds.toFixed(0)} s; int8 ${JSON.stringify(int8)}, for TensorRT ${JSON.stringify(tensorrt)}`,
  )
  const timing = { runtime, plan, durationMs }
  const models = { original: subject.original, cleaned: subject.cleaned, cpu: subject.cpu }
  const one = await speedsOf(models, sample, { ...timing, threads: 1 })
  const two = await speedsOf(models, sample, { ...timing, threads: 2 })
  const summary = {
    speed1: round(one.speed['cpu'] as number),
    speed2: round(two.speed['cpu'] as number),
    fidelity: round(int8.fidelity),
    worst: round(int8.worst),
    float: subject.report.curve.find(({ chosen }) => chosen)?.float ?? 'all',
    clean1: round(one.speed['cleaned'] as number),
    tensorrt: round(tensorrt.fidelity),
    tensorrtWorst: round(tensorrt.worst),
  }
  return { summary, details: { int8, cleaned, tensorrt, one, two, seconds: subject.seconds, report: subject.report } }
}

type Measured = Awaited<ReturnType<typeof measured>>

function targetsOf({ name, bar, metric }: Workload, { summary }: Measured): Target[] {
  const least = (what: string, value: number, limit: number | undefined): Target[] =>
    limit === undefined ? [] : [{ name: `${name}: ${what}`, value, bound: 'at least', limit }]
  return [
    ...least('speed, 1 thread', summary.speed1, bar.speed1),
    ...least('speed, 2 threads', summary.speed2, bar.speed2 ?? 1),
    ...least(metric, summary.fidelity, bar.fidelity),
    ...least('worst', summary.worst, bar.worst),
    ...least('cleaned FP32, 1 thread', summary.clean1, name.startsWith('ocr') ? 1.25 : undefined),
    ...least('form for TensorRT', summary.tensorrt, bar.tensorrt),
    ...least('form for TensorRT, worst', summary.tensorrtWorst, bar.tensorrtWorst),
  ]
}

function render(results: Readonly<Record<string, Measured>>): string {
  const rows = Object.entries(results).map(([name, { summary, details }]) => [
    name,
    summary.speed1.toFixed(2),
    summary.speed2.toFixed(2),
    String(summary.fidelity),
    String(summary.worst),
    String(summary.float),
    summary.clean1.toFixed(2),
    `${summary.tensorrt} / ${summary.tensorrtWorst}`,
    details.seconds.toFixed(0),
  ])
  return table(['model', '1 thread ×', '2 threads ×', 'fidelity', 'worst', 'float layers', 'cleaned ×', 'for TensorRT', 'made in s'], rows)
}

function notes(results: Readonly<Record<string, Measured>>): string {
  const lines = Object.entries(results).map(([name, { details }]) => {
    const curve = details.report.curve.map(({ float, error, chosen }) => `${float}: ${error.toExponential(1)}${chosen ? ' (chosen)' : ''}`)
    const extra = details.int8.details === undefined ? '' : ` ${JSON.stringify(details.int8.details)}`
    return `${name}:${extra} float layers: noise of the last layers — ${curve.join(', ')}\n  ${details.report.notes.join('\n  ')}`
  })
  return lines.join('\n')
}

await runBench({
  name: 'int8',
  question: `With precision int8 and nothing else set${fast ? ' but --fast' : ''}: how much faster, and how true on inputs never calibrated on?`,
  defaults: { rounds: 9, durationMs: 250 },
  method: ({ rounds, durationMs }) =>
    `${rounds} interleaved rounds of ${durationMs} ms a model; speed: p50 of the original FP32 file over p50 of int8. Options: --models NAME,NAME --fast`,
  async measure(options, plan) {
    fetchData()
    const results: Record<string, Measured> = {}
    const targets: Target[] = []
    for (const name of wanted) {
      const make = workloads[name] as (typeof workloads)[string]
      const workload = await make(options.quick ? 0.08 : 1, runtime)
      const result = await measured(workload, options, plan)
      results[name] = result
      if (!options.quick) targets.push(...targetsOf(workload, result))
    }
    const models = Object.fromEntries(Object.entries(results).map(([name, { summary }]) => [name, summary]))
    return { tables: [render(results), notes(results)], targets, summary: { models }, details: results }
  },
})
