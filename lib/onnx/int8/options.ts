import { abortSignal, callback, choice, flag, invalid, number, rejectUnknown } from '../../core/options.js'
import type { Samples } from '../calibration/sample.js'
import { autoCandidates } from '../calibration/choose-method.js'
import { calibrationMethods, type CalibrationMethod, type MethodChoice } from '../calibration/types.js'
import type { OnnxNode } from '../graph/types.js'
import type { Metric } from './judge.js'

export interface Int8Targets {
  /** Least mean cosine of every output with FP32's on held-out samples, from 0 to 1. */
  readonly minCosine?: number
  /** Largest difference of any output element from FP32's on held-out samples, from 0. */
  readonly maxOutputError?: number
  /** The task's own measure, larger is better; `minMetric` says how much is wanted. */
  readonly metric?: Metric
  readonly minMetric?: number
}

export interface QuantizeOptions {
  readonly calibration: Samples
  /** Default 'auto': the one with the least error on samples held out from calibration. */
  readonly method?: CalibrationMethod | 'auto'
  /** Percent of values kept, above 0 to 100; of 'percentile' alone. Default 99.999. */
  readonly percentile?: number
  /** Default: noise of at most 2 % of the signal in what the last layers give, and of at most 4 % in the differences between neighbours. */
  readonly targets?: Int8Targets
  /** Layers to leave in float: names of nodes or of their first outputs, operator types, or patterns for names. */
  readonly exclude?: readonly (string | RegExp)[]
  /** Speed before fidelity: more noise is taken before a layer is left in float. Default false. */
  readonly fast?: boolean
  readonly signal?: AbortSignal | undefined
  /** `done` from 0 to 1 over everything. */
  readonly onProgress?: ((progress: { readonly phase: string; readonly done: number }) => void) | undefined
}

export interface ResolvedQuantize {
  readonly methods: readonly MethodChoice[]
  readonly targets: Int8Targets
  /** Of the last layers; not used where the user has set a target. */
  readonly mostError: number
  readonly excludes: (node: OnnxNode) => boolean
  readonly fast: boolean
  readonly signal: AbortSignal | undefined
  readonly onProgress: (phase: string, done: number) => void
}

const known = ['calibration', 'method', 'percentile', 'targets', 'exclude', 'fast', 'signal', 'onProgress']
const usualError = 0.02
const fastError = 0.1

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveQuantize(given: QuantizeOptions): ResolvedQuantize {
  rejectUnknown(given, known, 'int8')
  const { signal, onProgress, exclude = [] } = given
  const report = onProgress === undefined ? undefined : callback('onProgress', onProgress)
  const fast = flag('fast', given.fast ?? false)
  return {
    methods: methodsOf(given),
    targets: targetsOf(given.targets ?? {}),
    mostError: fast ? fastError : usualError,
    excludes: (node) => exclude.some((wanted) => isMeant(wanted, node)),
    fast,
    signal: signal === undefined ? undefined : abortSignal('signal', signal),
    onProgress: (phase, done) => report?.({ phase, done }),
  }
}

function methodsOf({ method = 'auto', percentile }: QuantizeOptions): readonly MethodChoice[] {
  const chosen = choice('method', method, ['auto', ...calibrationMethods])
  if (percentile !== undefined) number('percentile', percentile, Number.MIN_VALUE, 100)
  if (percentile !== undefined && chosen !== 'percentile')
    throw invalid(`percentile is for method 'percentile' but the method is '${chosen}'.`)
  if (chosen === 'auto') return autoCandidates.filter((each) => each.method !== 'entropy' && each.percentile !== 99.99)
  return [percentile === undefined ? { method: chosen } : { method: chosen, percentile }]
}

function targetsOf(given: Int8Targets): Int8Targets {
  rejectUnknown(given, ['minCosine', 'maxOutputError', 'metric', 'minMetric'], 'targets')
  if (given.minCosine !== undefined) number('targets.minCosine', given.minCosine, 0, 1)
  if (given.maxOutputError !== undefined) number('targets.maxOutputError', given.maxOutputError, 0, Infinity)
  if (given.metric !== undefined) callback('targets.metric', given.metric)
  if ((given.metric === undefined) !== (given.minMetric === undefined))
    throw invalid('targets.metric and targets.minMetric belong together: give both, or neither.')
  if (given.minMetric !== undefined) number('targets.minMetric', given.minMetric, -Infinity, Infinity)
  return given
}

function isMeant(wanted: string | RegExp, node: OnnxNode): boolean {
  const names = [node.name, node.outputs[0] ?? '']
  return typeof wanted === 'string' ? names.includes(wanted) || node.opType === wanted : names.some((name) => name.search(wanted) >= 0)
}
