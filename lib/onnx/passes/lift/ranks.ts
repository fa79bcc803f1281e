import { intAttribute, intsAttribute } from '../../graph/nodes.js'
import type { OnnxNode } from '../../graph/types.js'
import type { LiftScope } from './context.js'

/** Longest way from a value back to something that tells its rank. */
const maxSteps = 200

// biome-ignore format: a table
const sameAsInput = new Set([
  'Relu', 'LeakyRelu', 'PRelu', 'Elu', 'Selu', 'Celu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Softplus', 'Softsign', 'Gelu', 'Mish',
  'Erf', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Abs', 'Neg', 'Floor', 'Ceil', 'Round', 'Sign', 'Clip', 'Cast', 'Identity', 'Dropout', 'Not',
  'Softmax', 'LogSoftmax', 'Hardmax', 'BatchNormalization', 'InstanceNormalization', 'LayerNormalization', 'LRN', 'LpNormalization',
  'Conv', 'ConvTranspose', 'MaxPool', 'AveragePool', 'LpPool', 'GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool',
  'Pad', 'Slice', 'Split', 'Concat', 'Transpose', 'Tile', 'Resize', 'Upsample', 'DepthToSpace', 'SpaceToDepth', 'CumSum', 'TopK', 'Trilu',
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
  if (name === '' || steps === 0) return undefined
  const { graph, index } = scope
  const said = graph.valueInfo.get(name) ?? [...graph.inputs, ...graph.outputs].find((value) => value.name === name)
  const known = said?.dims?.length ?? graph.initializers.get(name)?.dims.length ?? index.constant(name)?.dims.length
  if (known !== undefined) return known
  const node = index.producer(name)
  if (node !== undefined) return node.domain === '' ? fromNode(node, scope, steps - 1) : undefined
  return index.isInput(name) || scope.outer === null ? undefined : rankOf(name, scope.outer, steps)
}

function fromNode(node: OnnxNode, scope: LiftScope, steps: number): number | undefined {
  const { opType, inputs } = node
  const [first = '', second = ''] = inputs
  if (opType === 'Conv' || opType === 'ConvTranspose') return rankOf(second, scope, steps) ?? rankOf(first, scope, steps)
  if (sameAsInput.has(opType)) return rankOf(first, scope, steps)
  if (broadcasting.has(opType)) return largest(inputs, scope, steps)
  if (opType === 'Gemm' || opType === 'Flatten') return 2
  if (opType === 'Shape') return 1
  if (opType === 'Reshape' || opType === 'ConstantOfShape') return elements(opType === 'Reshape' ? second : first, scope)
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
  // The same budget for all branches together: a chain of `x + x` has two ways back at every step.
  let left = steps
  for (const name of new Set(names)) {
    left = Math.floor(left / 2)
    const each = rankOf(name, scope, left)
    if (each === undefined) return undefined
    rank = Math.max(rank, each)
  }
  return rank
}

function elements(shape: string, scope: LiftScope): number | undefined {
  const size = scope.constant(shape)?.dims[0]
  if (size !== undefined) return size
  const node = scope.index.producer(shape)
  // What exporters make of dynamic shapes: single numbers, concatenated.
  if (node?.opType !== 'Concat') return undefined
  return node.inputs.reduce<number | undefined>((total, name) => sum(total, oneDimension(name, scope), 0), 0)
}

function oneDimension(name: string, scope: LiftScope): number | undefined {
  const constant = scope.constant(name)?.dims[0]
  if (constant !== undefined) return constant
  const node = scope.index.producer(name)
  return node?.opType === 'Unsqueeze' && rankOf(name, scope) === 1 ? 1 : undefined
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
