import { externalFiles } from '../../onnx/external-data.js'
import { readOnnx } from '../../onnx/graph/read.js'
import { writeOnnx } from '../../onnx/graph/write.js'
import type { OnnxModel } from '../../onnx/graph/types.js'
import { cleanModel } from '../../onnx/passes/clean/clean.js'
import { liftOpset } from '../../onnx/passes/lift.js'
import type { PrecisionReport } from '../../onnx/report/types.js'
import type { Runtime } from '../../onnx/runtime.js'
import type { Profiles } from '../io-info.js'
import type { ModelSource } from '../model-source.js'
import { reasonOf, type Trial, trialSamples, tryBoth } from './trial.js'

/** The newest operator set that models are lifted to: it has every operator that the clean-up puts in. */
const cleanOpset = 21

/** Of the largest output; rounding alone stays a hundred times below. */
const mostError = 1e-4

/**
 * More is rounding too where ONNX Runtime's own rewriting changes nearly as much: an output close to 0, such as a sigmoid that
 * has found nothing, is the small difference of large numbers.
 */
const mostOfUsual = 10

export interface Prepared {
  /** What the backend gets; null: the model as it came. */
  readonly bytes: Uint8Array | null
  readonly report: PrecisionReport
}

/**
 * The model cleaned up, if that does anything and a sample shows it to compute the same; else the model as it came, and the
 * reason in the report.
 *
 * @throws {TrtError} `TRT_ERR_ABORTED`, `TRT_ERR_OUT_OF_MEMORY`
 */
export async function prepareFp32(source: ModelSource, profiles: Profiles, runtime: Runtime): Promise<Prepared> {
  const cleaned = clean(source)
  if ('reason' in cleaned) return asIs(source, cleaned.reason)
  const { bytes, folds, model } = cleaned
  const samples = trialSamples(source.inputs ?? [], profiles)
  const original = { model: source.bytes }
  const trial = await tryBoth(runtime, original, { model: bytes }, samples)
  if (trial.reason !== null) return asIs(source, trial.reason)
  const verdict = await judge(trial.fidelity.relativeError, () => tryBoth(runtime, original, { ...original, optimize: 'all' }, samples))
  if (!verdict.good) return asIs(source, verdict.text)
  const done = Object.entries(folds).map(([name, count]) => `${count} ${name}`)
  const note = `Cleaned up: ${done.join(', ')}. On a trial input ${verdict.text}.`
  const report = { ...emptyReport(source), outputs: trial.fidelity.results(), notes: [note] }
  const after = { bytes: { before: source.bytes.byteLength, after: bytes.byteLength }, coverage: coverageOf(model) }
  return { bytes, report: { ...report, ...after } }
}

/** @param rewrite Compares the model with what ONNX Runtime makes of it: asked for in doubt only. */
async function judge(error: number, rewrite: () => Promise<Trial>): Promise<{ good: boolean; text: string }> {
  if (error === 0) return { good: true, text: 'the outputs are equal' }
  const difference = `the outputs differ by ${error.toExponential(1)} of the largest value`
  if (error <= mostError) return { good: true, text: difference }
  const usual = (await rewrite()).fidelity?.relativeError ?? 0
  const text = `${difference}, ONNX Runtime's own rewriting by ${usual.toExponential(1)}`
  return { good: error <= mostOfUsual * usual, text: error <= mostOfUsual * usual ? text : `on a trial input ${text}` }
}

type Cleaned =
  | { readonly bytes: Uint8Array; readonly model: OnnxModel; readonly folds: Readonly<Record<string, number>> }
  | { readonly reason: string }

function clean(source: ModelSource): Cleaned {
  if (externalFiles(source.bytes).length > 0) return { reason: 'its weights are in other files' }
  try {
    const original = readOnnx(source.bytes)
    const { model, folds } = cleanModel(liftOpset(original, cleanOpset))
    if (Object.keys(folds).every((name) => name === 'dead')) return { reason: 'there is nothing to clean up' }
    return { bytes: writeOnnx(model), model, folds }
  } catch (error) {
    return { reason: reasonOf(error) }
  }
}

function asIs(source: ModelSource, reason: string): Prepared {
  return { bytes: null, report: { ...emptyReport(source), notes: [`The graph is as it came: ${reason.replace(/\.$/, '')}.`] } }
}

function emptyReport({ bytes, summary }: ModelSource): PrecisionReport {
  const nodes = Object.values(summary?.operators ?? {}).reduce((sum, count) => sum + count, 0)
  return {
    format: 1,
    precision: 'fp32',
    bytes: { before: bytes.byteLength, after: bytes.byteLength },
    coverage: { operators: { float32: nodes, float16: 0, bfloat16: 0, int8: 0, other: 0 }, macs: null },
    outputs: [],
    layers: [],
    curve: [],
    methods: [],
    latency: null,
    notes: [],
  }
}

const coverageOf = ({ graph }: OnnxModel): PrecisionReport['coverage'] => ({
  operators: { float32: graph.nodes.length, float16: 0, bfloat16: 0, int8: 0, other: 0 },
  macs: null,
})
