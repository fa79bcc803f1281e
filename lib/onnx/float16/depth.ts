import type { OnnxNode } from '../graph/types.js'
import { find, type Scope } from './scopes.js'

/**
 * How many terms a node adds up for one element of its output; 0: none, or unknown. The rounding errors of a sum in 16 bits
 * grow with it, and ONNX Runtime, which adds up in float32, does not show them.
 */
export function depthOf(node: OnnxNode, scope: Scope, shapes: ReadonlyMap<string, readonly number[]>): number {
  const dims = (position: number) => shapeOf(node.inputs[position] ?? '', scope, shapes)
  switch (node.opType) {
    case 'Conv':
      return product(dims(1).slice(1))
    case 'ConvTranspose':
      return product([dims(1)[0] ?? 0, ...dims(1).slice(2)]) / Number(integer(node, 'group', 1n))
    case 'Gemm':
      return dims(1)[integer(node, 'transB', 0n) === 0n ? 0 : 1] ?? 0
    case 'MatMul':
      return dims(1).at(-2) ?? dims(0).at(-1) ?? 0
    case 'GlobalAveragePool':
    case 'GlobalLpPool':
      return product(dims(0).slice(2))
    default:
      return node.opType.startsWith('Reduce') ? reduced(node, scope, dims(0)) : 0
  }
}

function reduced(node: OnnxNode, scope: Scope, dims: readonly number[]): number {
  if (node.opType === 'ReduceMax' || node.opType === 'ReduceMin') return 0
  const given = node.attributes.get('axes')
  const tensor = find(scope, node.inputs[1] ?? '')?.weights
  const axes = given?.type === 'ints' ? given.value : (tensor?.integers() ?? [])
  if (axes.length === 0) return integer(node, 'noop_with_empty_axes', 0n) === 0n ? product(dims) : 0
  return product(axes.map((axis) => dims.at(Number(axis)) ?? 0))
}

function shapeOf(name: string, scope: Scope, shapes: ReadonlyMap<string, readonly number[]>): readonly number[] {
  const value = find(scope, name)
  if (value?.weights !== undefined) return value.weights.dims
  return value?.scope.parent === undefined ? (shapes.get(name) ?? []) : []
}

const product = (dims: readonly number[]) => (dims.length === 0 ? 0 : dims.reduce((all, dim) => all * dim, 1))

function integer(node: OnnxNode, name: string, otherwise: bigint): bigint {
  const attribute = node.attributes.get(name)
  return attribute?.type === 'int' ? attribute.value : otherwise
}
