import type { OnnxModel } from '../../onnx/graph/types.js'
import { writeOnnx } from '../../onnx/graph/write.js'
import { cleanModel } from '../../onnx/passes/clean/clean.js'
import { foldConstants } from '../../onnx/passes/fold-constants.js'
import type { Runtime, Sample } from '../../onnx/runtime.js'
import type { OutputFidelity } from '../../onnx/report/types.js'
import type { Profiles } from '../io-info.js'
import type { ModelInput } from '../profiles.js'
import { reasonOf, type Trial, trialSamples, tryBoth } from './trial.js'

/** Of the largest output; rounding alone stays a hundred times below. */
const mostError = 1e-4

/**
 * More is rounding too where ONNX Runtime's own rewriting changes nearly as much: an output close to 0, such as a sigmoid that
 * has found nothing, is the small difference of large numbers.
 */
const mostOfUsual = 10

export type CleanResult =
  | {
      readonly model: OnnxModel
      readonly bytes: Uint8Array
      readonly outputs: readonly OutputFidelity[]
      readonly note: string
      /** Inputs that the model takes. */
      readonly sample: Sample
    }
  | { readonly model: null; readonly reason: string; readonly sample: Sample | null }

export interface CleanSource {
  /** With all weights inside: what the result is compared with. */
  readonly bytes: Uint8Array
  /** The same, lifted. */
  readonly lifted: OnnxModel
  readonly profiles: Profiles
}

/**
 * The model cleaned up, if that does anything and a trial input shows it to compute the same; else the reason.
 *
 * @throws {TrtError} `TRT_ERR_ABORTED`, `TRT_ERR_OUT_OF_MEMORY`
 */
export async function checkedClean({ bytes: original, lifted, profiles }: CleanSource, runtime: Runtime): Promise<CleanResult> {
  const refuse = (reason: string, sample: Sample | null = null) => ({ model: null, reason, sample })
  const cleaned = clean(lifted)
  if ('reason' in cleaned) return refuse(cleaned.reason)
  const { model, folds, bytes } = cleaned
  const samples = trialSamples(modelInputs(lifted), profiles)
  const trial = await tryBoth(runtime, { model: original }, { model: bytes }, samples)
  if (trial.reason !== null) return refuse(trial.reason)
  const { fidelity, sample } = trial
  const verdict = await judge(fidelity.relativeError, () =>
    tryBoth(runtime, { model: original }, { model: original, optimize: 'all' }, [sample]),
  )
  if (!verdict.good) return refuse(verdict.text, sample)
  const done = Object.entries(folds).map(([name, count]) => `${count} ${name}`)
  return {
    model,
    bytes,
    outputs: fidelity.results(),
    note: `Cleaned up: ${done.join(', ')}. On a trial input ${verdict.text}.`,
    sample,
  }
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

function clean(lifted: OnnxModel): Cleaned {
  try {
    const { model, folds } = cleanModel(foldConstants(lifted))
    if (Object.keys(folds).every((name) => name === 'dead')) return { reason: 'there is nothing to clean up' }
    return { bytes: writeOnnx(model), model, folds }
  } catch (error) {
    return { reason: reasonOf(error) }
  }
}

/** What a caller must give. */
export function modelInputs({ graph }: OnnxModel): ModelInput[] {
  return graph.inputs
    .filter(({ name }) => !graph.initializers.has(name))
    .map(({ name, type, dims }) => ({
      name,
      type,
      shape: dims?.map((dim) => (typeof dim === 'number' && dim >= 0 ? dim : -1)) ?? null,
      dimNames: dims?.map((dim) => (typeof dim === 'string' ? dim : '')) ?? [],
      ranges: [],
    }))
}
