import { backendLibraries, cudart, type Wanted } from '../backend/tensorrt/libraries.js'
import type { Family } from '../backend/tensorrt/places.js'

/** A simple function of a library that tells something; see `NativeAddon.probeLibrary`. */
export type ProbeCalls = Readonly<Record<string, 'int()' | 'int(int*)' | 'string()'>>

/** A shared library that inference on an NVIDIA GPU needs. */
export interface LibrarySpec {
  /** What people call it. */
  readonly name: string
  readonly wanted: Wanted
  readonly calls: ProbeCalls
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

/** Plugins and parser tell no version of TensorRT: the parser codes one of its own, 0.1.0 in every release. */
const silent = { calls: {}, version: () => null }
const infer = {
  calls: { getInferLibVersion: 'int()' } as const,
  version: (values: Readonly<Record<string, number | string | null>>) => inferVersion(values['getInferLibVersion']),
}
const driver = (name: string): Wanted => ({ family: 'driver', tiers: [[name]] })
const { tensorrt, 'tensorrt-rtx': rtx } = backendLibraries
const [full, ...runtimes] = tensorrt.nvinfer!.tiers

/** In the order of the report; CUDA's runtime before what needs it. */
export const libraries: readonly LibrarySpec[] = [
  {
    name: 'NVIDIA driver',
    wanted: driver('libcuda.so.1'),
    calls: { cuDriverGetVersion: 'int(int*)' },
    version: (values) => prefixed('CUDA ', cudaVersion(values['cuDriverGetVersion'])),
  },
  { name: 'NVIDIA management library', wanted: driver('libnvidia-ml.so.1'), ...silent },
  {
    name: 'CUDA runtime',
    wanted: cudart,
    // Nothing that asks the driver, which may hang: that is asked apart (probeCuda).
    calls: { cudaRuntimeGetVersion: 'int(int*)' },
    version: (values) => cudaVersion(values['cudaRuntimeGetVersion']),
  },
  { name: 'TensorRT', wanted: { ...tensorrt.nvinfer!, tiers: [full!] }, ...infer },
  { name: 'TensorRT ONNX parser', wanted: tensorrt.nvonnxparser!, ...silent },
  { name: 'TensorRT plugins', wanted: tensorrt.nvinferPlugin!, ...silent },
  { name: 'TensorRT lean or dispatch runtime', wanted: { family: 'tensorrt', tiers: runtimes }, ...infer },
  { name: 'TensorRT-RTX', wanted: rtx.nvinfer!, ...infer },
  { name: 'TensorRT-RTX ONNX parser', wanted: rtx.nvonnxparser!, ...silent },
]

export const families: readonly Family[] = ['driver', 'cuda', 'tensorrt', 'tensorrt-rtx']

function prefixed(prefix: string, text: string | null): string | null {
  return text === null ? null : prefix + text
}
