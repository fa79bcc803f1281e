import { TrtError } from '../../core/errors.js'
import type { Samples } from '../../onnx/calibration/sample.js'
import { activationRanges } from '../../onnx/float16/activation-ranges.js'
import { autocast } from '../../onnx/float16/autocast.js'
import { nameFilter } from '../../onnx/float16/name-filter.js'
import { tuneAutocast } from '../../onnx/float16/tune.js'
import { withWeightsInside } from '../../onnx/graph/open.js'
import type { OnnxModel } from '../../onnx/graph/types.js'
import { writeOnnx } from '../../onnx/graph/write.js'
import { gather } from '../../onnx/int8/gather.js'
import { planKey } from '../../onnx/int8/plan-metadata.js'
import { quantize } from '../../onnx/int8/quantize.js'
import { liftOpset } from '../../onnx/passes/lift.js'
import { foldPreprocessing } from '../../onnx/passes/preprocess.js'
import { emptyReport } from '../../onnx/report/empty.js'
import type { PrecisionReport } from '../../onnx/report/types.js'
import type { Runtime, Sample } from '../../onnx/runtime.js'
import type { Profiles } from '../io-info.js'
import { checkedClean, modelInputs } from './checked-clean.js'
import { cleanOpset } from './fp32.js'
import type { ResolvedPrecision } from './options.js'
import { runningSample, trialSamples } from './trial.js'

/** A model in the precision that was asked for. */
export interface Transformed {
  /** Plain ONNX, for TensorRT and any other tool. */
  readonly portable: OnnxModel
  /** What ONNX Runtime's CPU kernels compute fastest. */
  readonly cpu: OnnxModel
  readonly report: PrecisionReport
}

export interface TransformContext {
  readonly runtime: Runtime
  /** Sizes of free dimensions for trial inputs. */
  readonly profiles: Profiles
  readonly signal?: AbortSignal | undefined
  /** `done` from 0 to 1. */
  readonly onProgress?: ((phase: string, done: number) => void) | undefined
}

/** Reference data for float16: more tells little. */
const mostReference = 16

/**
 * Preparation of pictures, clean-up, then the precision.
 *
 * @param given Weights inside, or opened from a path. Is not changed.
 * @throws {TrtError} As the passes: `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_UNSUPPORTED`, `TRT_ERR_MODEL`; of samples `TRT_ERR_NAME`,
 *   `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`; `TRT_ERR_ABORTED`.
 */
export async function transform(given: OnnxModel, precision: ResolvedPrecision, context: TransformContext): Promise<Transformed> {
  context.onProgress?.('clean-up', 0)
  const { preprocess } = precision.given
  const inside = withWeightsInside(given)
  const whole = preprocess === undefined ? inside : foldPreprocessing(inside, preprocess)
  const original = writeOnnx(whole)
  const lifted = liftOpset(whole, cleanOpset)
  const cleaned = await checkedClean({ bytes: original, lifted, profiles: context.profiles }, context.runtime)
  const model = cleaned.model ?? lifted
  const note = cleaned.model === null ? `The graph was not cleaned up: ${cleaned.reason.replace(/\.$/, '')}.` : cleaned.note
  const source = { model, precision, sample: cleaned.sample, context }
  const result = await inPrecision(source)
  const bytes = { before: writeOnnx(inside).byteLength, after: writeOnnx(result.portable).byteLength }
  return { ...result, report: { ...result.report, bytes, notes: [note, ...result.report.notes] } }
}

interface Source {
  readonly model: OnnxModel
  readonly precision: ResolvedPrecision
  readonly sample: Sample | null
  readonly context: TransformContext
}

function inPrecision(source: Source): Promise<Transformed> | Transformed {
  const { model, precision } = source
  switch (precision.precision) {
    case 'fp16':
      return inFloat16(source)
    case 'bf16':
      return inBfloat16(source)
    case 'int8':
      return inInt8(source)
    case 'int8+fp16':
      return inInt8AndFloat16(source)
    default:
      return { portable: model, cpu: model, report: emptyReport('fp32', model.graph.nodes.length) }
  }
}

function castOptions({ given }: ResolvedPrecision) {
  const { keepIOTypes, exclude } = given
  return { ...(keepIOTypes !== undefined && { keepIOTypes }), ...(exclude && { exclude }) }
}

async function inFloat16(source: Source): Promise<Transformed> {
  const { model, precision, context } = source
  const { runtime, signal } = context
  const { minCosine } = precision.given
  const samples = await referenceSamples(source)
  context.onProgress?.('float16', 0.2)
  const tuning = { signal, ...(minCosine !== undefined && { minCosine }) }
  const tuned = await tuneAutocast(model, { type: 'float16', ...castOptions(precision) }, { samples, runtime }, tuning)
  const { operators, layers, notes } = tuned.report
  const told =
    samples.length > 0 ? [] : ['Nothing was run: the precision of the outputs is not known, and values out of range were not looked for.']
  const report = {
    ...emptyReport('fp16', 0),
    coverage: { operators, macs: null },
    layers,
    outputs: tuned.outputs,
    notes: [...notes, ...told],
  }
  return { portable: tuned.model, cpu: tuned.model, report }
}

function inBfloat16({ model, precision }: Source): Transformed {
  const cast = autocast(model, { type: 'bfloat16', ...castOptions(precision) })
  const { operators, layers, notes } = cast.report
  const report = { ...emptyReport('bf16', 0), coverage: { operators, macs: null }, layers, notes }
  return { portable: cast.model, cpu: cast.model, report }
}

async function inInt8({ model, precision, context }: Source): Promise<Transformed> {
  const { calibrationMethod, percentile, exclude, fast, minCosine, maxOutputError, metric, minMetric } = precision.given
  const isExcluded = nameFilter('exclude', exclude ?? [], model.graph.nodes)
  const targets = defined({ minCosine, maxOutputError, metric, minMetric })
  const options = defined({ method: calibrationMethod, percentile, fast, signal: context.signal })
  return quantize(
    model,
    {
      ...options,
      targets,
      calibration: await calibrationOf(precision),
      exclude: model.graph.nodes.filter(isExcluded).flatMap(({ outputs }) => outputs[0] ?? []),
      onProgress: ({ phase, done }) => context.onProgress?.(phase, 0.1 + 0.9 * done),
    },
    context.runtime,
  )
}

/** Layers that int8 leaves go into float16; scales too, which say what a DequantizeLinear gives. */
async function inInt8AndFloat16(source: Source): Promise<Transformed> {
  const { model, precision, context } = source
  // Kept: data may come from a generator, which gives it once.
  const { calibration, heldOut } = await gather(model, await calibrationOf(precision), context.signal)
  const all = [...calibration, ...heldOut]
  const quantised = await inInt8({ ...source, precision: { ...precision, calibration: all } })
  const samples = heldOut.slice(0, mostReference)
  const ranges = await activationRanges(model, samples, context.runtime, { signal: context.signal })
  const { exclude: _, ...options } = castOptions(precision)
  const cast = autocast(quantised.portable, { type: 'float16', ...options, ranges })
  // The CPU computes what float16 leaves to it in float32 anyway: it gets the int8 form, and would not know this one.
  cast.model.metadata.delete(planKey)
  const { operators, notes } = cast.report
  const note = 'Coverage is that of the portable form; error and speed are those of int8 on the CPU.'
  const report = { ...quantised.report, precision: 'int8+fp16', coverage: { ...quantised.report.coverage, operators } }
  return { portable: cast.model, cpu: quantised.cpu, report: { ...report, notes: [...quantised.report.notes, ...notes, note] } }
}

/** Of the calibration data; without any a trial input, where the model takes one. */
async function referenceSamples({ model, precision, sample, context }: Source): Promise<Sample[]> {
  const { runtime, profiles, signal } = context
  if (precision.calibration === null) {
    const trial = sample ?? (await runningSample(runtime, writeOnnx(model), trialSamples(modelInputs(model), profiles)))
    return trial === null ? [] : [trial]
  }
  const { calibration, heldOut } = await gather(model, await precision.calibration, signal)
  return [...new Set([...heldOut, ...calibration])].slice(0, mostReference)
}

async function calibrationOf({ calibration }: ResolvedPrecision): Promise<Samples> {
  if (calibration === null) throw new TrtError('TRT_ERR_INVALID_ARGUMENT', 'Int8 needs calibration: samples of the inputs.')
  return calibration
}

const defined = <T extends object>(object: T) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> }
