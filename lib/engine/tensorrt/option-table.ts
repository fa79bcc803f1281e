/** How one option is written by users, checked, and given to native code as text. */
export type OptionKind =
  | { readonly kind: 'flag' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'text' }
  /** `+NAME` switches on, `-NAME` off. */
  | { readonly kind: 'switches' }
  | { readonly kind: 'names' }
  | { readonly kind: 'paths' }
  /** Bytes by name. */
  | { readonly kind: 'sizes'; readonly names: readonly string[] }
  | { readonly kind: 'numbers'; readonly values: readonly number[] }
  /** Bytes, `50%`, 'auto' or 'off'. */
  | { readonly kind: 'budget' }

export interface OptionSpec {
  readonly key: string
  readonly type: OptionKind
  /** For --help and docs; no full stop. */
  readonly about: string
  /** The one backend that has it; left out: both. */
  readonly only?: 'tensorrt' | 'tensorrt-rtx'
  /** It changes how an engine is built, not what comes out: an engine in the cache fits whatever it says. */
  readonly outcome?: 'same'
}

const flag: OptionKind = { kind: 'flag' }
const count = (max: number, min = 0): OptionKind => ({ kind: 'integer', min, max })
const large = Number.MAX_SAFE_INTEGER

/** Compute capabilities that TensorRT-RTX 1.x compiles for ahead of time; 75 costs much, see docs/tensorrt.md. */
export const rtxTargets: readonly number[] = [75, 80, 86, 89, 120, 121]

/** All that trtexec's build group offers, under its names; docs/tensorrt.md lists them. */
export const buildOptions: readonly OptionSpec[] = [
  {
    key: 'memPoolSize',
    type: { kind: 'sizes', names: ['workspace', 'dlaSRAM', 'dlaLocalDRAM', 'dlaGlobalDRAM', 'tacticSharedMem'] },
    about: 'limits of memory pools: workspace:1G,tacticSharedMem:48K (a number without a unit is in MiB)',
  },
  { key: 'builderOptimizationLevel', type: count(5), about: 'how long the builder may search, 0 to 5; TensorRT takes 3' },
  { key: 'maxTactics', type: count(2 ** 20, 1), about: 'most tactics to time for a layer', only: 'tensorrt' },
  { key: 'avgTiming', type: count(1000, 1), about: 'runs to average for the time of a tactic', only: 'tensorrt' },
  { key: 'tilingOptimizationLevel', type: count(3), about: 'how hard to look for tilings, 0 (none) to 3', only: 'tensorrt' },
  { key: 'l2LimitForTiling', type: count(large), about: 'bytes of the L2 cache that tiling may use', only: 'tensorrt' },
  { key: 'maxAuxStreams', type: count(1024), about: 'auxiliary streams that the engine may use in a lane' },
  {
    key: 'profilingVerbosity',
    type: { kind: 'choice', values: ['layer_names_only', 'detailed', 'none'] },
    about: 'what the engine tells of its layers',
  },
  { key: 'sparsity', type: { kind: 'choice', values: ['disable', 'enable'] }, about: 'use the 2:4 sparsity of weights that have it' },
  { key: 'noTF32', type: flag, about: 'compute float32 in full precision, without TF32' },
  { key: 'tacticSources', type: { kind: 'switches' }, about: 'sources of tactics: +CUBLAS,-CUDNN', only: 'tensorrt' },
  { key: 'preview', type: { kind: 'switches' }, about: 'preview features: +NAME,-NAME' },
  { key: 'refit', type: flag, about: 'an engine whose weights can be replaced (needs a GPU to build)' },
  { key: 'refitIdentical', type: flag, about: 'the same, only with weights equal to those of the build (needs a GPU to build)' },
  { key: 'refitIndividual', type: flag, about: 'only weights marked one by one can be replaced; the ONNX parser marks none by itself' },
  { key: 'stripWeights', type: flag, about: 'an engine without weights, to be refitted (needs a GPU to build)' },
  { key: 'allowWeightStreaming', type: flag, about: 'weights may stay in host memory, see --weightStreamingBudget' },
  { key: 'versionCompatible', type: flag, about: 'an engine that later minor versions of TensorRT can run' },
  { key: 'excludeLeanRuntime', type: flag, about: 'with --versionCompatible: do not put the lean runtime into the engine' },
  {
    key: 'hardwareCompatibilityLevel',
    type: { kind: 'choice', values: ['none', 'ampere+', 'sameComputeCapability'] },
    about: 'on which GPUs the engine runs besides this one',
    only: 'tensorrt',
  },
  {
    key: 'runtimePlatform',
    type: { kind: 'choice', values: ['sameAsBuild', 'windowsAMD64'] },
    about: 'where the engine is to run',
    only: 'tensorrt',
  },
  {
    key: 'timingCacheFile',
    type: { kind: 'text' },
    about: 'times of tactics, read and written: later builds on this GPU are faster',
    only: 'tensorrt',
    outcome: 'same',
  },
  { key: 'noBuilderCache', type: flag, about: 'no timing cache, not even within the build', only: 'tensorrt' },
  { key: 'noCompilationCache', type: flag, about: 'leave compiled kernels out of the timing cache', only: 'tensorrt' },
  { key: 'errorOnTimingCacheMiss', type: flag, about: 'fail where the timing cache lacks a tactic', only: 'tensorrt' },
  { key: 'editableTimingCache', type: flag, about: 'a timing cache whose choices can be edited', only: 'tensorrt' },
  { key: 'directIO', type: flag, about: 'no reformatting of inputs and outputs: fail where a layer would need it' },
  { key: 'safe', type: flag, about: "restrict the engine to what NVIDIA's safety runtime runs", only: 'tensorrt' },
  { key: 'debug', type: flag, about: 'wait for the GPU after each layer, so that a failing layer is the one that is told' },
  { key: 'allowGPUFallback', type: flag, about: 'with --useDLACore: what the DLA cannot do runs on the GPU', only: 'tensorrt' },
  { key: 'buildDLAStandalone', type: flag, about: 'a loadable for the DLA alone', only: 'tensorrt' },
  { key: 'maxThreads', type: count(1024, 1), about: 'threads that the builder may use', outcome: 'same' },
  { key: 'pluginsToSerialize', type: { kind: 'paths' }, about: 'plugin libraries to put into the engine' },
  { key: 'parserFlags', type: { kind: 'names' }, about: 'flags of the ONNX parser, by their names' },
  { key: 'pluginInstanceNorm', type: flag, about: 'instance normalisation by the plugin, not by TensorRT itself' },
  {
    key: 'computeCapabilities',
    type: { kind: 'numbers', values: rtxTargets },
    about: `GPUs to compile for: ${rtxTargets.join(', ')} (not given: what the library takes, 80 and above)`,
    only: 'tensorrt-rtx',
  },
  { key: 'monitorMemory', type: flag, about: 'log the memory that the build takes', outcome: 'same' },
  { key: 'strictNans', type: flag, about: 'treat NaN exactly as IEEE 754 does' },
  { key: 'distributiveIndependence', type: flag, about: 'results of a row do not depend on the batch it is in' },
]

/** What running takes, and building too where it says so. */
export const loadOptions: readonly OptionSpec[] = [
  { key: 'useDLACore', type: count(63), about: 'build for, and run on, this DLA core (Jetson)', only: 'tensorrt' },
  { key: 'device', type: count(1023), about: 'number of the GPU; 0 where it is not given', outcome: 'same' },
  { key: 'plugins', type: { kind: 'paths' }, about: 'plugin libraries to load first' },
  {
    key: 'allowHostCode',
    type: flag,
    about: 'let the engine run code on the host, as version-compatible ones do: only for files you trust',
    outcome: 'same',
  },
  {
    key: 'leanRuntime',
    type: { kind: 'text' },
    about: 'the lean runtime for a version-compatible engine',
    only: 'tensorrt',
    outcome: 'same',
  },
  {
    key: 'weightStreamingBudget',
    type: { kind: 'budget' },
    about: 'GPU memory for weights, with --allowWeightStreaming: bytes (512M), 50%, auto, or off',
    outcome: 'same',
  },
  {
    key: 'runtimeCacheFile',
    type: { kind: 'text' },
    about: 'kernels compiled when the engine first ran, read and written: the second start does not compile',
    only: 'tensorrt-rtx',
    outcome: 'same',
  },
]

/** Load options that native builds take as well. */
export const alsoForBuild: readonly string[] = ['device', 'plugins', 'useDLACore']
