import { chooseMethod } from '../calibration/choose-method.js'
import { withTable } from '../calibration/metadata.js'
import type { CalibrationTable, MethodChoice } from '../calibration/types.js'
import { invalid } from '../../core/options.js'
import type { OnnxModel } from '../graph/types.js'
import { writeOnnx } from '../graph/write.js'
import type { PrecisionReport } from '../report/types.js'
import type { Runtime } from '../runtime.js'
import { cpuForm, type Form, type MakeForm, portableForm } from './forms.js'
import { gather, type Gathered } from './gather.js'
import { Judge, type Verdict } from './judge.js'
import { climb, firstRung, int8On, type Rung, type Tried } from './ladder.js'
import { type QuantizeOptions, type ResolvedQuantize, resolveQuantize } from './options.js'
import { type Prepared, prepare } from './prepare.js'
import { makeReport, type Timed } from './report.js'
import { interleavedMs } from './timing.js'
import { withPlan } from './plan-metadata.js'

export interface Quantized {
  /** For TensorRT, and for any other tool: int8 around zero, plain Q/DQ; ranges and plans in the metadata. */
  readonly portable: OnnxModel
  /** For ONNX Runtime's CPU kernels; the cleaned float model where int8 would be slower. */
  readonly cpu: OnnxModel
  readonly report: PrecisionReport
}

/**
 * A cleaned model in int8, in two forms of one calibration, with as few layers in float as the targets allow.
 *
 * @param model Opset 13 or later, cleaned, weights inside. Not changed.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: an option, no samples, a model that is quantised already or has nothing to
 *   quantise. Of samples: as `observe`. `TRT_ERR_ABORTED`.
 */
export async function quantize(model: OnnxModel, given: QuantizeOptions, runtime: Runtime): Promise<Quantized> {
  const options = resolveQuantize(given)
  refuseQuantised(model)
  const data = await gather(model, given.calibration, options.signal)
  options.onProgress('calibration', 0.01)
  const source = await prepare(model, data, runtime, options)
  const judge = new Judge(source.model, data.heldOut, runtime, { metric: options.targets.metric ?? null, signal: options.signal })
  const exposed = { ...source, model: judge.exposed(source.model) }
  await judge.remember(exposed.model)
  const search = { source, exposed, judge, options }
  const cpu = await searched(cpuForm, search, { rung: firstRung, done: 0.55 })
  // What the CPU needs in float, codes of seven bits need there, too.
  const portable = await searched(portableForm, search, { rung: cpu.chosen ?? firstRung, done: 0.75 })
  const timed = await timedAgainstFloat(model, cpu, { data, runtime, options })
  options.onProgress('done', 1)
  const result = withPlan(withTable(portable.form.model, portable.table), portable.form.plan)
  const report = makeReport({ before: model, cpu, portable, timed, source, data })
  return { portable: result, cpu: timed.isWorthIt ? cpu.form.model : model, report }
}

const quantisedOperators: ReadonlySet<string> = new Set([
  'QuantizeLinear',
  'DequantizeLinear',
  'ConvInteger',
  'MatMulInteger',
  'QLinearConv',
  'QLinearMatMul',
])

function refuseQuantised({ graph }: OnnxModel): void {
  const node = graph.nodes.find(({ opType }) => quantisedOperators.has(opType))
  if (node === undefined) return
  throw invalid(
    `The model is quantised already: it has ${node.opType} (${JSON.stringify(node.name || node.outputs[0])}). Give the float model, or build this one with precision 'as-is'.`,
    { operator: node.opType, node: node.name },
  )
}

interface Search {
  readonly source: Prepared
  readonly exposed: Prepared
  readonly judge: Judge
  readonly options: ResolvedQuantize
}

/** The rung that was chosen for one form. */
export interface Searched {
  readonly form: Form
  readonly table: CalibrationTable
  readonly chosen: Tried | null
  readonly tried: readonly Tried[]
  readonly methods: PrecisionReport['methods']
  /** Whether the targets are met on held-out samples. */
  readonly isMet: boolean
}

interface Start {
  readonly rung: Rung
  /** Of the whole, for progress. */
  readonly done: number
}

async function searched(make: MakeForm, { source, exposed, judge, options }: Search, from: Start): Promise<Searched> {
  const { candidates, refused } = source
  const evaluate = async (int8: ReadonlySet<string>, table: CalibrationTable) => judge.verdict(make(exposed, table, int8).model)
  const { chosen: method, results } = await methodFor({ source, options, evaluate, rung: methodRung(source.candidates.length, from.rung) })
  const table = source.table(method)
  const isGoodEnough = (verdict: Verdict) => meets(verdict, options)
  const tried = await climb({
    layers: candidates,
    always: refused.length,
    facts: source.facts,
    from: from.rung,
    isGoodEnough,
    evaluate: (int8) => evaluate(int8, table),
    onTried: ({ float }) => options.onProgress('choice of layers', Math.min(from.done + 0.2, from.done + float / 1000)),
  })
  const good = tried.filter(({ verdict }) => isGoodEnough(verdict))
  const chosen = good.at(-1) ?? leastError(tried)
  return { form: make(source, table, chosen?.int8 ?? new Set()), table, chosen, tried, methods: results, isMet: good.length > 0 }
}

interface MethodSearch {
  readonly source: Prepared
  readonly options: ResolvedQuantize
  readonly evaluate: (int8: ReadonlySet<string>, table: CalibrationTable) => Promise<Verdict>
  readonly rung: Rung
}

async function methodFor({ source, options, evaluate, rung }: MethodSearch) {
  const [only] = options.methods
  if (options.methods.length === 1 && only !== undefined) return { chosen: only, results: [] }
  const int8 = int8On(source.candidates, rung)
  return chooseMethod(options.methods, async (choice: MethodChoice) => (await evaluate(int8, source.table(choice))).error)
}

/** Methods are compared with some layers float: the first ones drown the difference that there is between methods in the others. */
function methodRung(count: number, { prefix, suffix }: Rung): Rung {
  const some = Math.floor(count / 5)
  return { prefix: Math.max(prefix, Math.min(8, some)), suffix: Math.max(suffix, Math.min(2, some)) }
}

function meets({ error, outputs, metric }: Verdict, { targets, mostError }: ResolvedQuantize): boolean {
  const { minCosine, maxOutputError, minMetric } = targets
  if (minCosine === undefined && maxOutputError === undefined && minMetric === undefined) return error <= mostError
  if (minCosine !== undefined && outputs.some(({ cosine }) => !(cosine.mean >= minCosine))) return false
  if (maxOutputError !== undefined && outputs.some((output) => !(output.maxError <= maxOutputError))) return false
  return minMetric === undefined || (metric !== null && metric >= minMetric)
}

function leastError(tried: readonly Tried[]): Tried | null {
  return tried.reduce<Tried | null>((best, each) => (best === null || each.verdict.error < best.verdict.error ? each : best), null)
}

interface TimingSource {
  readonly data: Gathered
  readonly runtime: Runtime
  readonly options: ResolvedQuantize
}

/** Slower than float with one thread or with two, or without a layer in int8: then float it is. */
async function timedAgainstFloat(
  model: OnnxModel,
  { form, chosen, isMet }: Searched,
  { data, runtime, options }: TimingSource,
): Promise<Timed> {
  if (chosen === null || chosen.int8.size === 0) return { isWorthIt: false, reason: 'no layer can be in int8', latency: null, speed: null }
  const bytes = [writeOnnx(model), writeOnnx(form.model)]
  const sample = data.heldOut[0]!
  const one = await interleavedMs(bytes, sample, runtime, { threads: 1, signal: options.signal, budgetMs: 2000 })
  const two = await interleavedMs(bytes, sample, runtime, { threads: 2, signal: options.signal, budgetMs: 2000 })
  const [before, after] = one as [number, number]
  const speed = before / after
  const latency = { threads: 1, before, after }
  const [before2, after2] = two as [number, number]
  if (speed < leastSpeed || before2 / after2 < leastSpeed2) {
    const reason = `int8 is not faster here: ${speed.toFixed(2)}× with one thread, ${(before2 / after2).toFixed(2)}× with two`
    return { isWorthIt: false, reason, latency, speed }
  }
  if (!isMet && !options.fast)
    return { isWorthIt: true, reason: 'the targets are not met on held-out samples; this is the closest that was found', latency, speed }
  return { isWorthIt: true, reason: null, latency, speed }
}

/** Below, the gain is within what timing can tell. */
const leastSpeed = 1.05
const leastSpeed2 = 1
