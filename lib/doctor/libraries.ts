/** A simple function of a library that tells something; see `NativeAddon.probeLibrary`. */
export type ProbeCalls = Readonly<Record<string, 'int()' | 'int(int*)' | 'string()'>>

/** A shared library that inference on an NVIDIA GPU needs. */
export interface LibrarySpec {
  /** What people call it. */
  name: string
  /** By preference: the newest major first. */
  sonames: readonly string[]
  /** The driver lies where the system's loader finds it, the others anywhere. */
  group: 'driver' | 'cuda' | 'tensorrt'
  calls: ProbeCalls
  /** The text for people, from the answers to `calls`; null: they do not tell. */
  version(values: Readonly<Record<string, number | string | null>>): string | null
}

const asNumber = (value: number | string | null | undefined) => (typeof value === 'number' && value > 0 ? value : null)

/** CUDA's own coding: 13000 → 13.0, 12080 → 12.8. */
export function cudaVersion(value: number | string | null | undefined): string | null {
  const coded = asNumber(value)
  return coded === null ? null : `${Math.floor(coded / 1000)}.${Math.floor((coded % 1000) / 10)}`
}

/** TensorRT's own coding since 10: 101501 → 10.15.1, and 10701 → 1.7.1 for TensorRT-RTX. */
export function inferVersion(value: number | string | null | undefined): string | null {
  const coded = asNumber(value)
  if (coded === null) return null
  // Before 10: major · 1000 + minor · 100 + patch. 8601 is 8.6.1; TensorRT-RTX begins at 10000.
  if (coded < 10_000) return `${Math.floor(coded / 1000)}.${Math.floor((coded % 1000) / 100)}.${coded % 100}`
  return `${Math.floor(coded / 10_000)}.${Math.floor((coded % 10_000) / 100)}.${coded % 100}`
}

const inferCalls: ProbeCalls = { getInferLibVersion: 'int()' }
const parserCalls: ProbeCalls = { getNvOnnxParserVersion: 'int()' }
/** The parser codes major, minor and patch of its own: 100 is 0.1.0 in every release, and no TensorRT version. */
const parserVersion = () => null

export const libraries: readonly LibrarySpec[] = [
  {
    name: 'NVIDIA driver',
    sonames: ['libcuda.so.1'],
    group: 'driver',
    calls: { cuDriverGetVersion: 'int(int*)' },
    version: (values) => prefixed('CUDA ', cudaVersion(values['cuDriverGetVersion'])),
  },
  { name: 'NVIDIA management library', sonames: ['libnvidia-ml.so.1'], group: 'driver', calls: {}, version: () => null },
  {
    name: 'CUDA runtime',
    sonames: ['libcudart.so.13', 'libcudart.so.12'],
    group: 'cuda',
    calls: { cudaRuntimeGetVersion: 'int(int*)', cudaDriverGetVersion: 'int(int*)', cudaGetDeviceCount: 'int(int*)' },
    version: (values) => cudaVersion(values['cudaRuntimeGetVersion']),
  },
  {
    name: 'TensorRT',
    sonames: ['libnvinfer.so.11', 'libnvinfer.so.10'],
    group: 'tensorrt',
    calls: inferCalls,
    version: (values) => inferVersion(values['getInferLibVersion']),
  },
  {
    name: 'TensorRT ONNX parser',
    sonames: ['libnvonnxparser.so.11', 'libnvonnxparser.so.10'],
    group: 'tensorrt',
    calls: parserCalls,
    version: parserVersion,
  },
  {
    name: 'TensorRT-RTX',
    sonames: ['libtensorrt_rtx.so.1'],
    group: 'tensorrt',
    calls: inferCalls,
    version: (values) => inferVersion(values['getInferLibVersion']),
  },
  {
    name: 'TensorRT-RTX ONNX parser',
    sonames: ['libtensorrt_onnxparser_rtx.so.1'],
    group: 'tensorrt',
    calls: parserCalls,
    version: parserVersion,
  },
]

function prefixed(prefix: string, text: string | null): string | null {
  return text === null ? null : prefix + text
}
