import { makeGraph, makeNode, makeValueInfo } from '../../lib/onnx/graph/nodes.js'
import type { Dimension, OnnxGraph, OnnxModel, OnnxNode } from '../../lib/onnx/graph/types.js'
import { Weights } from '../../lib/onnx/graph/weights.js'
import type { DataType } from '../../lib/core/dtypes.js'

type Values = readonly (readonly [name: string, type: DataType, dims: readonly Dimension[]])[]

export interface FloatModel {
  readonly inputs: Values
  readonly outputs: Values
  readonly nodes: readonly OnnxNode[]
  readonly weights?: readonly Weights[]
  readonly opset?: number
}

export function floatGraph({ inputs, outputs, nodes, weights = [] }: FloatModel): OnnxGraph {
  return makeGraph({
    inputs: inputs.map(([name, type, dims]) => makeValueInfo(name, type, dims)),
    outputs: outputs.map(([name, type, dims]) => makeValueInfo(name, type, dims)),
    nodes: [...nodes],
    initializers: new Map(weights.map((each) => [each.name, each])),
  })
}

/** A model for the passes, of nodes that `makeNode` made. */
export function floatModel(parts: FloatModel): OnnxModel {
  return {
    irVersion: 10,
    producerName: 'tensorrt-node tests',
    producerVersion: '1',
    domain: '',
    modelVersion: 0n,
    opsets: new Map([['', parts.opset ?? 17]]),
    metadata: new Map(),
    graph: floatGraph(parts),
    functions: [],
    unknown: new Uint8Array(0),
  }
}

export const floats = (name: string, dims: readonly number[], values: readonly number[]) =>
  Weights.of(name, 'float32', dims, Float32Array.from(values))

export const integers = (name: string, dims: readonly number[], values: readonly number[]) =>
  Weights.of(name, 'int64', dims, BigInt64Array.from(values, BigInt))

/** `Add: a b -> c`, as short as a reader can take in. */
export const node = (text: string, attributes: NonNullable<Parameters<typeof makeNode>[3]>['attributes'] = {}): OnnxNode => {
  const [left = '', right = ''] = text.split(' -> ')
  const [opType = '', inputs = ''] = left.split(': ')
  const names = inputs.split(' ').filter((name) => name !== '')
  return makeNode(
    opType,
    names.map((name) => (name === '_' ? '' : name)),
    right.split(' '),
    { name: right.split(' ')[0] ?? '', attributes },
  )
}

/** What a graph says in the same notation, for comparison with what is expected. */
export const textOf = ({ nodes }: OnnxGraph) =>
  nodes.map(({ opType, inputs, outputs }) => `${opType}: ${inputs.map((name) => name || '_').join(' ')} -> ${outputs.join(' ')}`)
