import { callback, choice, flag, invalid, number, text } from '../../core/options.js'
import { TrtError } from '../../core/errors.js'
import type { Samples } from '../../onnx/calibration/sample.js'
import { type CalibrationMethod, calibrationMethods } from '../../onnx/calibration/types.js'
import type { Metric } from '../../onnx/int8/judge.js'
import { type PreprocessOptions, resolvePreprocess } from '../../onnx/passes/preprocess-options.js'

export const precisions = ['as-is', 'fp32', 'fp16', 'bf16', 'int8', 'int8+fp16'] as const
export type Precision = (typeof precisions)[number]

/** What a model is to compute in, and how that is found. */
export interface PrecisionOptions {
  /** 'fp32' (default): exact clean-up of the graph only. 'as-is': not even that. */
  precision?: Precision
  /**
   * Samples of the inputs as they will come, a hundred or so: for int8, and as reference data for fp16. What `images()` and
   * `arrays()` of tensorrt-node/onnx give, or any iterable of inputs by name.
   */
  calibration?: Samples | PromiseLike<Samples>
  /** How ranges for int8 are chosen. Default 'auto': the method with the least error on samples that are held out. */
  calibrationMethod?: CalibrationMethod | 'auto'
  /** Percent of the values that are kept, for calibrationMethod 'percentile'. Above 0 to 100, default 99.999. */
  percentile?: number
  /** Least mean cosine of each output with FP32's, from 0 to 1. Default for fp16 0.9999. */
  minCosine?: number
  /** Largest difference of any output element from FP32's on samples held out, for int8; from 0. */
  maxOutputError?: number
  /** The task's own measure for int8, larger is better; `minMetric` says how much is wanted. */
  metric?: Metric
  minMetric?: number
  /** What stays float32: names of nodes or operators; `*` stands for any characters. */
  exclude?: readonly string[]
  /** With fp16, bf16 and int8+fp16: inputs and outputs stay float32. Default true. */
  keepIOTypes?: boolean
  /** Puts the preparation of pictures into the graph, so that bytes go in as they are. Calibration data is then such bytes, too. */
  preprocess?: PreprocessOptions
  /** int8: speed before fidelity. Default false. */
  fast?: boolean
}

export interface ResolvedPrecision {
  readonly precision: Precision
  readonly calibration: Samples | PromiseLike<Samples> | null
  /** As given and checked, without what does not apply; undefined: not given. */
  readonly given: Readonly<Omit<PrecisionOptions, 'precision' | 'calibration'>>
}

const int8: readonly Precision[] = ['int8', 'int8+fp16']
const low: readonly Precision[] = ['fp16', 'bf16', 'int8', 'int8+fp16']

/** Which precisions an option means anything to. */
const takenBy: Readonly<Record<keyof Omit<PrecisionOptions, 'precision'>, readonly Precision[]>> = {
  calibration: ['fp16', ...int8],
  calibrationMethod: int8,
  percentile: int8,
  minCosine: ['fp16', ...int8],
  maxOutputError: int8,
  metric: int8,
  minMetric: int8,
  exclude: low,
  keepIOTypes: ['fp16', 'bf16', 'int8+fp16'],
  preprocess: ['fp32', ...low],
  fast: int8,
}

export const precisionKeys: readonly string[] = ['precision', ...Object.keys(takenBy)]

/** What the default is without any of the options. */
export const defaultPrecision: ResolvedPrecision = { precision: 'fp32', calibration: null, given: {} }

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolvePrecision(options: PrecisionOptions): ResolvedPrecision {
  const precision = choice('precision', options.precision ?? 'fp32', precisions)
  for (const [key, takers] of Object.entries(takenBy)) {
    if (options[key as keyof PrecisionOptions] === undefined || takers.includes(precision)) continue
    const names = takers.map((name) => `'${name}'`).join(', ')
    throw invalid(`The option ${key} is for precision ${names}, and precision is '${precision}'. Leave it out, or change the precision.`, {
      option: key,
      precision,
    })
  }
  if (int8.includes(precision) && options.calibration === undefined) {
    throw invalid(
      `Precision '${precision}' needs calibration: samples of the inputs, such as images('folder/', …) or arrays('samples.npz') of tensorrt-node/onnx.`,
      { precision },
    )
  }
  return { precision, calibration: calibrationOf(options.calibration), given: checked(options) }
}

function calibrationOf(given: PrecisionOptions['calibration']): ResolvedPrecision['calibration'] {
  if (given === undefined) return null
  const value: object = typeof given === 'object' && given !== null ? given : {}
  if (Symbol.iterator in value || Symbol.asyncIterator in value || 'then' in value) return given
  throw invalid('Expected samples for calibration: an iterable or async iterable of inputs by name, or the promise of one.')
}

function checked(options: PrecisionOptions): ResolvedPrecision['given'] {
  const { calibrationMethod, percentile, minCosine, maxOutputError, metric, minMetric, exclude, keepIOTypes, preprocess, fast } = options
  if (percentile !== undefined && calibrationMethod !== 'percentile')
    throw invalid("The option percentile is for calibrationMethod 'percentile'. Give that too.")
  if ((metric === undefined) !== (minMetric === undefined)) throw invalid('metric and minMetric belong together: give both, or neither.')
  const given = {
    calibrationMethod: calibrationMethod && choice('calibrationMethod', calibrationMethod, ['auto', ...calibrationMethods]),
    percentile: percentile === undefined ? undefined : number('percentile', percentile, Number.MIN_VALUE, 100),
    minCosine: minCosine === undefined ? undefined : number('minCosine', minCosine, 0, 1),
    maxOutputError: maxOutputError === undefined ? undefined : number('maxOutputError', maxOutputError, 0, Infinity),
    metric: metric === undefined ? undefined : callback('metric', metric),
    minMetric: minMetric === undefined ? undefined : number('minMetric', minMetric, -Infinity, Infinity),
    exclude: exclude === undefined ? undefined : names(exclude),
    keepIOTypes: keepIOTypes === undefined ? undefined : flag('keepIOTypes', keepIOTypes),
    preprocess: preprocess === undefined ? undefined : (resolvePreprocess(preprocess), preprocess),
    fast: fast === undefined ? undefined : flag('fast', fast),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function names(given: readonly string[]): readonly string[] {
  if (!Array.isArray(given)) throw invalid('Expected an array of names of nodes or operators for exclude.')
  return given.map((name, i) => text(`exclude[${i}]`, name))
}

/** Whether the model has to go through the passes: else the backend gets it, cleaned up at most. */
export const isTransformed = ({ precision, given }: ResolvedPrecision): boolean =>
  (precision !== 'as-is' && precision !== 'fp32') || given.preprocess !== undefined

/** What a cache key says of the precision, but for the samples. @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: nothing can tell two metrics apart. */
export function precisionText({ precision, given }: ResolvedPrecision): string {
  if (given.metric === undefined) return Object.keys(given).length === 0 ? precision : JSON.stringify([precision, given])
  throw new TrtError('TRT_ERR_INVALID_ARGUMENT', 'A metric cannot be told from another one in a cache. Leave out cacheDir or metric.')
}
