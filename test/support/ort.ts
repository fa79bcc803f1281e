import { createRequire } from 'node:module'
import { arrayTypes, type TensorType, type TypedArray } from '../../lib/core/dtypes.js'
import { Tensor } from '../../lib/core/tensor.js'
import type { Runtime, Sample } from '../../lib/onnx/runtime.js'

/** What we use of onnxruntime-node, here an oracle: our own backend runs models in test/contract. */
interface OrtTensor {
  readonly type: string
  readonly dims: readonly number[]
  readonly data: TypedArray
}
interface OrtSession {
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>
  release(): Promise<void>
}
interface Ort {
  Tensor: new (type: string, data: unknown, dims: readonly number[]) => OrtTensor
  InferenceSession: { create(model: Uint8Array, options: object): Promise<OrtSession> }
}
const ort = createRequire(import.meta.url)('onnxruntime-node') as Ort

/** ONNX Runtime as the passes want it, without our addon. It rewrites no graphs for others. */
export const ortRuntime: Runtime = {
  async open(model, { threads = 1, optimize = 'all' } = {}) {
    const graphOptimizationLevel = { none: 'disabled', basic: 'basic', all: 'all' }[optimize]
    const session = await ort.InferenceSession.create(model, { intraOpNumThreads: threads, graphOptimizationLevel, logSeverityLevel: 4 })
    return {
      run: async (inputs) => {
        const feeds = Object.entries(inputs).map(([name, { type, shape, data }]) => [name, new ort.Tensor(type, data, shape)] as const)
        return Object.fromEntries(
          Object.entries(await session.run(Object.fromEntries(feeds))).map(([name, found]) => [name, tensorOf(found)]),
        )
      },
      close: () => session.release(),
    }
  },
  optimized: () => Promise.reject(new Error('onnxruntime-node is not asked to write graphs here')),
}

function tensorOf({ type, dims, data }: OrtTensor): Tensor {
  const known = type as TensorType
  const { buffer, byteOffset, length } = data
  return new Tensor(known, [...dims], new arrayTypes[known](buffer, byteOffset, length))
}

/** Runs a model once. */
export async function runOnce(model: Uint8Array, inputs: Sample): Promise<Readonly<Record<string, Tensor>>> {
  const open = await ortRuntime.open(model)
  try {
    return await open.run(inputs)
  } finally {
    await open.close()
  }
}

/** The largest absolute difference of any output; fails where names, types or shapes differ, or only one is not a number. */
export function largestDifference(a: Readonly<Record<string, Tensor>>, b: Readonly<Record<string, Tensor>>): number {
  let largest = 0
  for (const [name, { type, shape, data }] of Object.entries(a)) {
    const other = b[name]
    if (other === undefined || other.type !== type || `${other.shape}` !== `${shape}`) {
      throw new Error(`${name}: ${type} [${shape}] became ${other?.type} [${other?.shape}]`)
    }
    for (let i = 0; i < data.length; i++) {
      const [x, y] = [Number(data[i]), Number(other.data[i])]
      if (!Object.is(x, y)) largest = Math.max(largest, Number.isNaN(x) || Number.isNaN(y) ? Infinity : Math.abs(x - y))
    }
  }
  return largest
}
