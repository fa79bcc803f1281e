import type { TypedArray } from '../../../../lib/core/dtypes.js'
import { makeGraph, makeNode, makeValueInfo } from '../../../../lib/onnx/graph/nodes.js'
import type { Dimension, OnnxModel, OnnxNode } from '../../../../lib/onnx/graph/types.js'
import { Weights } from '../../../../lib/onnx/graph/weights.js'

/** `[dims, values]`, or a number for a scalar. */
export type TinyConstant = number | readonly [readonly number[], readonly number[]] | Weights

export interface Tiny {
  readonly nodes: readonly OnnxNode[]
  readonly inputs?: Readonly<Record<string, readonly Dimension[]>>
  readonly outputs?: readonly string[]
  readonly constants?: Readonly<Record<string, TinyConstant>>
  readonly opset?: number
}

export const node = makeNode

/** A model of a few nodes: float32 input x, output y unless said otherwise. */
export function tiny({ nodes, inputs = { x: [1, 2, 4, 4] }, outputs = ['y'], constants = {}, opset = 21 }: Tiny): OnnxModel {
  const initializers = new Map(Object.entries(constants).map(([name, given]) => [name, weightsOf(name, given)]))
  return {
    irVersion: 10,
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0n,
    opsets: new Map([['', opset]]),
    metadata: new Map(),
    functions: [],
    unknown: new Uint8Array(0),
    graph: makeGraph({
      nodes: [...nodes],
      inputs: Object.entries(inputs).map(([name, dims]) => makeValueInfo(name, 'float32', dims)),
      outputs: outputs.map((name) => makeValueInfo(name, 'float32')),
      initializers,
    }),
  }
}

function weightsOf(name: string, given: TinyConstant): Weights {
  if (given instanceof Weights) return given.renamed(name)
  const [dims, values] = typeof given === 'number' ? [[], [given]] : given
  return Weights.of(name, 'float32', dims, Float32Array.from(values))
}

export const int64 = (...values: number[]): Weights =>
  Weights.of('', 'int64', [values.length], BigInt64Array.from(values, BigInt) as TypedArray)

/** `Conv(x,w,b) > y`, one for each node. */
export const lines = ({ graph }: OnnxModel): string[] =>
  graph.nodes.map(({ opType, inputs, outputs }) => `${opType}(${inputs.join(',')}) > ${outputs.join(',')}`)

/** The values of what a node reads at an input. */
export function valuesAt({ graph }: OnnxModel, at: number, input: number): number[] {
  const weights = graph.initializers.get(graph.nodes[at]!.inputs[input]!)
  return weights === undefined ? [] : weights.type === 'float32' ? [...weights.floats()] : weights.integers().map(Number)
}
