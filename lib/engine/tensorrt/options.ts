import path from 'node:path'
import { choice, flag, integer, invalid, plainObject, received, rejectUnknown, text } from '../../core/options.js'
import { alsoForBuild, buildOptions, loadOptions, type OptionKind, type OptionSpec } from './option-table.js'

/** What running an engine on TensorRT or TensorRT-RTX can be told. */
export interface TensorRtLoadOptions {
  /** Number of the GPU. Default 0. */
  device?: number
  /** TensorRT on Jetson: the DLA core. Default: none, the GPU. */
  useDLACore?: number
  /** Plugin libraries to load first. */
  plugins?: readonly string[]
  /** Let the engine run code on the host, as version-compatible ones do. Default false: only for files you trust. */
  allowHostCode?: boolean
  /** TensorRT: the lean runtime that runs a version-compatible engine. */
  leanRuntime?: string
  /** GPU memory for weights of an engine built with `allowWeightStreaming`: bytes, `'50%'`, 'auto', or 'off' (all of them). */
  weightStreamingBudget?: number | string
  /** TensorRT-RTX: where kernels compiled when the engine first ran are kept, so that the second start does not compile. */
  runtimeCacheFile?: string
}

/** Names and meanings are trtexec's. What is not given is left as TensorRT has it. docs/tensorrt.md says more of each. */
export interface TensorRtBuildOptions extends TensorRtLoadOptions {
  /** Bytes of `workspace`, `dlaSRAM`, `dlaLocalDRAM`, `dlaGlobalDRAM`, `tacticSharedMem`. */
  memPoolSize?: Readonly<Record<string, number>>
  /** 0 … 5. */
  builderOptimizationLevel?: number
  maxTactics?: number
  avgTiming?: number
  /** 0 … 3. */
  tilingOptimizationLevel?: number
  /** Bytes. */
  l2LimitForTiling?: number
  maxAuxStreams?: number
  profilingVerbosity?: 'layer_names_only' | 'detailed' | 'none'
  sparsity?: 'disable' | 'enable'
  noTF32?: boolean
  /** `['+CUBLAS', '-CUDNN']` */
  tacticSources?: readonly string[]
  /** `['+NAME', '-NAME']` */
  preview?: readonly string[]
  refit?: boolean
  refitIdentical?: boolean
  refitIndividual?: boolean
  stripWeights?: boolean
  allowWeightStreaming?: boolean
  versionCompatible?: boolean
  excludeLeanRuntime?: boolean
  hardwareCompatibilityLevel?: 'none' | 'ampere+' | 'sameComputeCapability'
  runtimePlatform?: 'sameAsBuild' | 'windowsAMD64'
  timingCacheFile?: string
  noBuilderCache?: boolean
  noCompilationCache?: boolean
  errorOnTimingCacheMiss?: boolean
  editableTimingCache?: boolean
  directIO?: boolean
  /** TensorRT: for NVIDIA's safety runtime. */
  safe?: boolean
  debug?: boolean
  allowGPUFallback?: boolean
  buildDLAStandalone?: boolean
  maxThreads?: number
  pluginsToSerialize?: readonly string[]
  parserFlags?: readonly string[]
  pluginInstanceNorm?: boolean
  /** TensorRT-RTX: GPUs to compile for: 75, 80, 86, 89, 120, 121. Default: what the library takes, 80 and above. */
  computeCapabilities?: readonly number[]
  monitorMemory?: boolean
  strictNans?: boolean
  distributiveIndependence?: boolean
}

/** As native code takes them; only what was given. */
export type Encoded = Readonly<Record<string, string>>

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function encodeLoadOptions(given: TensorRtLoadOptions | undefined): Encoded {
  return forLoad(encode(given ?? {}, loadOptions))
}

/** Running has another name for it than building. */
function forLoad({ useDLACore, ...rest }: Encoded): Encoded {
  return useDLACore === undefined ? rest : { ...rest, dlaCore: useDLACore }
}

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function encodeBuildOptions(given: TensorRtBuildOptions | undefined): { build: Encoded; load: Encoded } {
  const all = encode(given ?? {}, [...buildOptions, ...loadOptions])
  requireTogether(all)
  const pick = (keep: (key: string) => boolean) => Object.fromEntries(Object.entries(all).filter(([key]) => keep(key)))
  const isLoad = (key: string) => loadOptions.some((spec) => spec.key === key)
  return { build: pick((key) => !isLoad(key) || alsoForBuild.includes(key)), load: forLoad(pick(isLoad)) }
}

function encode(given: object, specs: readonly OptionSpec[]): Encoded {
  const record = plainObject('tensorrt', given)
  rejectUnknown(
    record,
    specs.map(({ key }) => key),
    'tensorrt',
  )
  const encoded = specs.flatMap(({ key, type }) => {
    const value = record[key]
    return value === undefined ? [] : [[key, encodeOne(`tensorrt.${key}`, type, value)]]
  })
  return Object.fromEntries(encoded) as Encoded
}

/** Options that mean nothing without another: a build of minutes is no place to find out. */
function requireTogether(all: Encoded): void {
  const needs = [
    ['excludeLeanRuntime', 'versionCompatible'],
    ['allowGPUFallback', 'useDLACore'],
    ['buildDLAStandalone', 'useDLACore'],
  ] as const
  for (const [option, other] of needs) {
    const given = other === 'useDLACore' ? all[other] !== undefined : all[other] === '1'
    if (all[option] !== '1' || given) continue
    throw invalid(`tensorrt.${option} means nothing without tensorrt.${other}. Give both, or neither.`, { option, needs: other })
  }
}

function encodeOne(name: string, type: OptionKind, value: unknown): string {
  switch (type.kind) {
    case 'flag':
      return flag(name, value) ? '1' : '0'
    case 'integer':
      return String(integer(name, value, type.min, type.max))
    case 'choice':
      return choice(name, value, type.values)
    case 'text':
      return path.resolve(text(name, value))
    case 'names':
      return list(name, value, /^[A-Za-z0-9_]+$/, 'names').join(',')
    case 'switches':
      return list(name, value, /^[+-][A-Za-z0-9_]+$/, "names with '+' or '-' before them, such as '+CUBLAS'").join(',')
    case 'paths':
      return list(name, value, /^[^\n]+$/, 'paths')
        .map((file) => (file.includes('/') ? path.resolve(file) : file))
        .join('\n')
    case 'sizes':
      return sizes(name, value, type.names)
    case 'numbers':
      return numbers(name, value, type.values)
    case 'budget':
      return encodeBudget(name, value)
  }
}

function list(name: string, value: unknown, item: RegExp, expected: string): string[] {
  const texts = Array.isArray(value) ? (value as readonly unknown[]) : null
  const wrong = texts?.find((each) => typeof each !== 'string' || !item.test(each))
  if (texts !== null && texts.length > 0 && wrong === undefined) return [...(texts as readonly string[])]
  throw invalid(`Expected an array of ${expected} for ${name} but received ${received(wrong ?? value)}.`, { name })
}

function sizes(name: string, value: unknown, names: readonly string[]): string {
  const record = plainObject(name, value)
  rejectUnknown(record, names, name)
  return Object.entries(record)
    .map(([pool, bytes]) => `${pool}:${integer(`${name}.${pool}`, bytes, 1, Number.MAX_SAFE_INTEGER)}`)
    .join(',')
}

function numbers(name: string, value: unknown, values: readonly number[]): string {
  const given = Array.isArray(value) ? (value as readonly unknown[]) : null
  const wrong = given?.find((each) => !values.includes(each as number))
  if (given !== null && given.length > 0 && wrong === undefined) return [...new Set(given as readonly number[])].join(',')
  const hint = typeof wrong === 'number' && wrong < 20 ? ` Write ${wrong} as ${Math.round(wrong * 10)}.` : ''
  throw invalid(`Expected an array of ${values.join(', ')} for ${name} but received ${received(wrong ?? value)}.${hint}`, {
    name,
    expected: values,
  })
}

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function encodeBudget(name: string, value: unknown): string {
  if (value === 'auto' || value === 'off') return value
  if (typeof value === 'string' && /^(100|\d{1,2})(\.\d+)?%$/.test(value)) return value
  if (typeof value === 'number') return String(integer(name, value, 0, Number.MAX_SAFE_INTEGER))
  throw invalid(`Expected a number of bytes, a percentage such as '50%', 'auto' or 'off' for ${name} but received ${received(value)}.`, {
    name,
  })
}
