import { abortSignal, callback, choice, flag, integer, plainObject, rejectUnknown, text, textRecord } from '../core/options.js'
import { suggestion } from '../core/nearest.js'
import { invalid, received } from '../core/options.js'
import type { BackendRequest } from '../backend/registry.js'
import { type LibraryPaths, libraryKeys } from '../backend/tensorrt/libraries.js'
import { type PrecisionOptions, precisionKeys, type ResolvedPrecision, resolvePrecision } from './precision/options.js'
import type { BatchRange, ShapeRanges } from './profiles.js'
import {
  type Encoded,
  encodeBuildOptions,
  encodeLoadOptions,
  type TensorRtBuildOptions,
  type TensorRtLoadOptions,
} from './tensorrt/options.js'

/** A part of a build; `phase` is `read`, `check`, a part of `precision`, `backend`, a phase of the backend itself, `load` or `store`. */
export interface BuildProgress {
  phase: string
  /** The phase of the backend that this one is a part of; null: of none. */
  parent: string | null
  /** How far the phase itself is; `steps` 0: it does not count them. Ended: `step` equals `steps`. */
  step: number
  steps: number
  /** Estimate for the whole build, 0 … 1, never less than before. */
  fraction: number
}

export interface LogEntry {
  level: 'error' | 'warning' | 'info' | 'verbose'
  text: string
}

/** 'auto' takes the best that can run here. A library is a backend of one's own behind native/include/backend.h. */
export type BackendOption = 'auto' | 'cpu' | 'tensorrt' | 'tensorrt-rtx' | { library: string } | (string & {})

export interface LoadOptions {
  /** Which backend runs the engine. Default: the one that built it; for an ONNX model 'auto'. */
  backend?: BackendOption
  /** ONNX Runtime's shared library, or its folder. Default: `TENSORRT_NODE_ONNXRUNTIME`, else the installed package. */
  onnxruntime?: string
  /** Where libraries of CUDA and TensorRT lie, or their folders. Default: looked for in the order of docs/tensorrt.md. */
  libraries?: { cudart?: string; nvinfer?: string; nvonnxparser?: string; nvinferPlugin?: string }
  /** For TensorRT and TensorRT-RTX; what 'auto' does not choose them for is left aside. */
  tensorrt?: TensorRtLoadOptions
  /** Further options of the backend, as it knows them. */
  backendOptions?: Readonly<Record<string, string>>
  signal?: AbortSignal
}

export interface BuildOptions extends LoadOptions, PrecisionOptions {
  /** Bounds of inputs with free dimensions, by name. TensorRT needs them; elsewhere they are checked at each run. */
  shapes?: ShapeRanges
  /** Instead of `shapes`, where each input is free in its first dimension at most: rows of a batch. A number is the largest one. */
  batch?: number | { min?: number; opt?: number; max: number }
  /** Several such sets instead: optimization profiles. */
  profiles?: readonly ShapeRanges[]
  /** Keeps engines by content, options and library version; several processes may share it. Made if it is not there. */
  cacheDir?: string
  onProgress?: (progress: BuildProgress) => void
  onLog?: (entry: LogEntry) => void
  /** The least important lines that `onLog` gets. Default 'info'; 'verbose' may be thousands of lines. */
  logLevel?: LogEntry['level']
  tensorrt?: TensorRtBuildOptions
  /**
   * Build in a process of its own, which a model that crashes the builder ends instead of this one. Default: true for TensorRT
   * and TensorRT-RTX, where such models exist, false for the others.
   */
  isolate?: boolean
  /** Kept in the engine file for whoever reads it. */
  labels?: Readonly<Record<string, string>>
}

export interface ResolvedLoadOptions {
  readonly request: BackendRequest & { readonly named: boolean }
  readonly backendOptions: Readonly<Record<string, string>>
  /** Options of TensorRT that `load` takes. */
  readonly tensorrt: Encoded
  readonly signal: AbortSignal | undefined
}

export interface ResolvedBuildOptions extends ResolvedLoadOptions {
  readonly precision: ResolvedPrecision
  readonly shapes: ShapeRanges | undefined
  readonly profiles: readonly ShapeRanges[] | undefined
  readonly batch: BatchRange | undefined
  readonly cacheDir: string | undefined
  /** Options of TensorRT that `build` takes. */
  readonly tensorrtBuild: Encoded
  /** Undefined: as the backend has it. */
  readonly isolate: boolean | undefined
  readonly onProgress: ((progress: BuildProgress) => void) | undefined
  readonly onLog: ((entry: LogEntry) => void) | undefined
  readonly logLevel: LogEntry['level']
  readonly labels: Readonly<Record<string, string>>
}

/** Indexed by `backend_log_level`. */
export const logLevels = ['error', 'warning', 'info', 'verbose'] as const
const loadKeys = ['backend', 'onnxruntime', 'libraries', 'tensorrt', 'backendOptions', 'signal']
const buildKeys = [
  ...loadKeys,
  ...precisionKeys,
  'shapes',
  'profiles',
  'batch',
  'cacheDir',
  'isolate',
  'onProgress',
  'onLog',
  'logLevel',
  'labels',
]
const backendNames = ['auto', 'cpu', 'tensorrt', 'tensorrt-rtx']

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveLoadOptions(given: LoadOptions = {}): ResolvedLoadOptions {
  rejectUnknown(plainObject('the options of Engine.load', given), loadKeys, 'Engine.load')
  return { ...common(given), tensorrt: encodeLoadOptions(given.tensorrt) }
}

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_UNSUPPORTED` */
export function resolveBuildOptions(given: BuildOptions = {}): ResolvedBuildOptions {
  rejectUnknown(plainObject('the options of Engine.build', given), buildKeys, 'Engine.build')
  const { build, load } = encodeBuildOptions(given.tensorrt)
  return {
    ...common(given),
    tensorrt: load,
    tensorrtBuild: build,
    isolate: given.isolate === undefined ? undefined : flag('isolate', given.isolate),
    precision: resolvePrecision(given),
    shapes: given.shapes,
    profiles: given.profiles,
    batch: given.batch === undefined ? undefined : resolveBatch(given),
    cacheDir: given.cacheDir === undefined ? undefined : text('cacheDir', given.cacheDir),
    onProgress: given.onProgress === undefined ? undefined : callback('onProgress', given.onProgress),
    onLog: given.onLog === undefined ? undefined : callback('onLog', given.onLog),
    logLevel: given.logLevel === undefined ? 'info' : choice('logLevel', given.logLevel, logLevels),
    labels: given.labels === undefined ? {} : textRecord('labels', given.labels),
  }
}

function common(given: LoadOptions): Omit<ResolvedLoadOptions, 'tensorrt'> {
  return {
    request: {
      ...resolveBackend(given.backend),
      onnxruntime: given.onnxruntime === undefined ? undefined : text('onnxruntime', given.onnxruntime),
      libraries: given.libraries === undefined ? undefined : resolveLibraries(given.libraries),
    },
    backendOptions: given.backendOptions === undefined ? {} : textRecord('backendOptions', given.backendOptions),
    signal: given.signal === undefined ? undefined : abortSignal('signal', given.signal),
  }
}

function resolveBatch({ batch, shapes, profiles }: BuildOptions): BatchRange {
  if (shapes !== undefined || profiles !== undefined) throw invalid('Expected batch, or shapes, or profiles, but received two of them.')
  if (typeof batch === 'number') return { max: integer('batch', batch, 1, 2 ** 31 - 1) }
  const given = plainObject('batch', batch)
  rejectUnknown(given, ['min', 'opt', 'max'], 'batch')
  const max = integer('batch.max', given['max'], 1, 2 ** 31 - 1)
  const min = integer('batch.min', given['min'] ?? 1, 0, max)
  return { min, opt: integer('batch.opt', given['opt'] ?? max, min, max), max }
}

function resolveLibraries(given: NonNullable<LoadOptions['libraries']>): LibraryPaths {
  rejectUnknown(plainObject('libraries', given), libraryKeys, 'libraries')
  return textRecord('libraries', given)
}

function resolveBackend(given: BackendOption | undefined): { wanted: string; library?: string; named: boolean } {
  if (given === undefined) return { wanted: 'auto', named: false }
  if (typeof given === 'object' && given !== null) {
    rejectUnknown(plainObject('backend', given), ['library'], 'backend')
    return { wanted: 'library', library: text('backend.library', given.library), named: true }
  }
  const name = text('backend', given)
  // Names of registered libraries pass too; one that nobody knows is refused when it is looked up.
  const hint = backendNames.includes(name) ? '' : suggestion(name, backendNames)
  if (hint !== '')
    throw invalid(
      `Expected one of ${backendNames.map((each) => `'${each}'`).join(', ')} for backend but received ${received(given)}.${hint}`,
      { received: name },
    )
  return { wanted: name, named: name !== 'auto' }
}
