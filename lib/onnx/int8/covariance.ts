import { Tensor } from '../../core/tensor.js'
import { makeGraph, makeNode, makeValueInfo } from '../graph/nodes.js'
import { writeOnnx } from '../graph/write.js'
import type { OpenModel, Runtime } from '../runtime.js'
import type { Patches } from './patches.js'

/** Patches of one group as an own matrix, its means taken off: [rows, size]. */
function centred({ values, rows, groups, size }: Patches, group: number, means: Float64Array): Float32Array {
  const width = groups * size
  const matrix = new Float32Array(rows * size)
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < size; k++)
      matrix[row * size + k] = (values[row * width + group * size + k] as number) - (means[group * size + k] as number)
  }
  return matrix
}

/** Below this many elements a patch, JavaScript is done before a run has begun. */
const small = 48
/** Share of the mean variance that is added to each variance: what the samples have not shown is not free. */
const damping = 0.01

/** Covariances of patches, by one matrix product of ONNX Runtime for each. */
export class Covariances {
  readonly #runtime: Runtime
  #product: Promise<OpenModel> | undefined

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** @returns Row-major [size, size], damped; symmetric with a positive diagonal. */
  async of(patches: Patches, group: number, means: Float64Array): Promise<Float32Array> {
    const matrix = centred(patches, group, means)
    const { rows, size } = patches
    const sums = size < small ? plainSquare(matrix, rows, size) : await this.#square(matrix, rows, size)
    return damped(sums, size)
  }

  async close(): Promise<void> {
    await (await this.#product)?.close()
  }

  async #square(matrix: Float32Array, rows: number, size: number): Promise<Float32Array> {
    this.#product ??= this.#runtime.open(squareModel(), { threads: 0 })
    const outputs = await (await this.#product).run({ x: new Tensor('float32', [rows, size], matrix) })
    return Float32Array.from(outputs['y']?.data as Float32Array)
  }
}

function squareModel(): Uint8Array {
  return writeOnnx({
    irVersion: 8,
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0n,
    opsets: new Map([['', 13]]),
    metadata: new Map(),
    graph: makeGraph({
      nodes: [makeNode('Gemm', ['x', 'x'], ['y'], { attributes: { transA: 1n } })],
      inputs: [makeValueInfo('x', 'float32', ['rows', 'size'])],
      outputs: [makeValueInfo('y', 'float32', ['size', 'size'])],
    }),
    functions: [],
    unknown: new Uint8Array(0),
  })
}

function plainSquare(matrix: Float32Array, rows: number, size: number): Float32Array {
  const sums = new Float32Array(size * size)
  for (let row = 0; row < rows; row++) {
    const at = row * size
    for (let i = 0; i < size; i++) {
      const value = matrix[at + i] as number
      for (let j = 0; j < size; j++) sums[i * size + j]! += value * (matrix[at + j] as number)
    }
  }
  return sums
}

function damped(sums: Float32Array, size: number): Float32Array {
  let trace = 0
  for (let k = 0; k < size; k++) trace += sums[k * size + k] as number
  // All patches alike: then only the mean matters, and that is left to the bias.
  const extra = trace > 0 ? (damping * trace) / size : 1
  for (let k = 0; k < size; k++) sums[k * size + k]! += extra
  return sums
}
