import { intAttribute, intsAttribute } from '../../graph/nodes.js'
import type { OnnxNode } from '../../graph/types.js'
import type { LiftScope } from './context.js'
import { lengthOf } from './lengths.js'

/** Longest way from a value back to something that tells its rank. */
const maxSteps = 1000

// biome-ignore format: a table
const sameAsInput = new Set([
  'Relu', 'LeakyRelu', 'PRelu', 'Elu', 'Selu', 'Celu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Softplus', 'Softsign', 'Gelu', 'Mish',
  'Erf', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Abs', 'Neg', 'Floor', 'Ceil', 'Round', 'Sign', 'Clip', 'Cast', 'Identity', 'Dropout', 'Not',
  'Softmax', 'LogSoftmax', 'Hardmax', 'BatchNormalization', 'InstanceNormalization', 'LayerNormalization', 'LRN', 'LpNormalization',
  'Conv', 'ConvTranspose', 'MaxPool', 'AveragePool', 'LpPool', 'GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool',
  'Pad', 'Slice', 'Split', 'Concat', 'Tile', 'Resize', 'Upsample', 'DepthToSpace', 'SpaceToDepth', 'CumSum', 'TopK', 'Trilu',
  'QuantizeLinear', 'DequantizeLinear', 'MeanVarianceNormalization', 'Shrink', 'ThresholdedRelu',
])
const broadcasting = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Pow',
  'Max',
  'Min',
  'Sum',
  'Mean',
  'Where',
  'Mod',
  'Equal',
  'Greater',
  'Less',
  'And',
  'Or',
])

/** The number of dimensions of a value, from what the file says and from the nodes before it; undefined: nothing tells. */
export function rankOf(name: string, scope: LiftScope, steps = maxSteps): number | undefined {
  if (name === '' || steps <= 0) return undefined
  const { ranks } = scope
  if (ranks.has(name)) return ranks.get(name)
  // Until it is known: a damaged graph may have a cycle.
  ranks.set(name, undefined)
  const rank = find(name, scope, steps)
  ranks.set(name, rank)
  return rank
}

function find(name: string, scope: LiftScope, steps: number): number | undefined {
  const known = scope.said(name)?.dims?.length ?? scope.graph.initializers.get(name)?.dims.length ?? scope.index.constant(name)?.dims.length
  if (known !== undefined) return known
  const node = scope.index.producer(name)
  if (node !== undefined) return node.domain === '' ? fromNode(node, scope, steps - 1) : undefined
  return scope.index.isInput(name) || scope.outer === null ? undefined : rankOf(name, scope.outer, steps)
}

function fromNode(node: OnnxNode, scope: LiftScope, steps: number): number | undefined {
  const { opType, inputs } = node
  const [first = '', second = ''] = inputs
  if (opType === 'Conv' || opType === 'ConvTranspose') return rankOf(second, scope, steps) ?? rankOf(first, scope, steps)
  if (sameAsInput.has(opType)) return rankOf(first, scope, steps)
  if (broadcasting.has(opType)) return largest(inputs, scope, steps)
  if (opType === 'Transpose') return intsAttribute(node, 'perm')?.length ?? rankOf(first, scope, steps)
  if (opType === 'Gemm' || opType === 'Flatten') return 2
  if (opType === 'Shape') return 1
  if (opType === 'Reshape' || opType === 'ConstantOfShape') return lengthOf(opType === 'Reshape' ? second : first, scope, steps)
  if (opType === 'MatMul') return matMul(rankOf(first, scope, steps), rankOf(second, scope, steps))
  if (opType === 'Squeeze' || opType === 'Unsqueeze') return squeezed(node, scope, steps)
  if (opType === 'Gather') return sum(rankOf(first, scope, steps), rankOf(second, scope, steps), -1)
  if (opType.startsWith('Reduce') || opType === 'ArgMax' || opType === 'ArgMin') {
    return intAttribute(node, 'keepdims', 1) === 1 ? rankOf(first, scope, steps) : undefined
  }
  return undefined
}

function largest(names: readonly string[], scope: LiftScope, steps: number): number | undefined {
  let rank = 0
  for (const name of names) {
    const each = rankOf(name, scope, steps)
    if (each === undefined) return undefined
    rank = Math.max(rank, each)
  }
  return rank
}

function matMul(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return undefined
  if (a >= 2 && b >= 2) return Math.max(a, b)
  return a === 1 && b === 1 ? 0 : Math.max(a, b) - 1
}

function squeezed(node: OnnxNode, scope: LiftScope, steps: number): number | undefined {
  const [first = '', second = ''] = node.inputs
  const axes = intsAttribute(node, 'axes')?.length ?? scope.constant(second)?.size
  if (axes === undefined) return undefined
  return sum(rankOf(first, scope, steps), axes * (node.opType === 'Unsqueeze' ? 1 : -1), 0)
}

function sum(a: number | undefined, b: number | undefined, offset: number): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b + offset
}
