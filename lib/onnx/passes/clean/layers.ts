import { floatAttribute, intAttribute, intsAttribute, textAttribute } from '../../graph/nodes.js'
import type { OnnxNode } from '../../graph/types.js'
import { Weights } from '../../graph/weights.js'
import type { Scope } from './scope.js'
import { is } from './values.js'

/** A Conv, ConvTranspose, Gemm or MatMul with constant float32 weights at input 1. */
export interface Layer {
  readonly node: OnnxNode
  readonly weights: Weights
  readonly inputs: number
  readonly outputs: number
  /** Of its input and output; null: unknown, then only the last dimension is a layer's. */
  readonly rank: number | null
  /** Which channel a weight reads, and which one it adds to, by its index. */
  readonly inputOf: (index: number) => number
  readonly outputOf: (index: number) => number
  /** One number for each output channel; zeros where the layer has none. Undefined: it cannot have a constant one. */
  readonly bias: Float64Array | undefined
  /** Whether every output is made of whole windows: what is added to an input channel then adds the same everywhere. */
  readonly unpadded: boolean
}

/** Where the channels are: the second dimension for convolutions, the last one for matrices. */
export const channelAxis = (layer: Layer): 1 | -1 => (is(layer.node, 'Conv', 'ConvTranspose') ? 1 : -1)

export function layerOf(scope: Scope, node: OnnxNode): Layer | null {
  if (!is(node, 'Conv', 'ConvTranspose', 'Gemm', 'MatMul')) return null
  const weights = scope.constant(node.inputs[1] ?? '')
  if (weights?.type !== 'float32' || weights.size === 0) return null
  const rank = weights.dims.length
  if (is(node, 'Gemm', 'MatMul')) return rank === 2 ? matrix(scope, node, weights) : null
  return rank >= 3 ? convolution(scope, node, weights) : null
}

function convolution(scope: Scope, node: OnnxNode, weights: Weights): Layer | null {
  const [first, second] = weights.dims as [number, number]
  const groups = Number(intAttribute(node, 'group', 1))
  const inner = weights.size / first / second
  const transposed = is(node, 'ConvTranspose')
  if (groups < 1 || first % groups !== 0) return null
  // Both kinds have the channels of one side in groups along the first dimension, and those of the other within each.
  const outer = (index: number) => Math.floor(index / inner / second)
  const within = (index: number) => Math.floor(outer(index) / (first / groups)) * second + (Math.floor(index / inner) % second)
  const [inputs, outputs] = transposed ? [first, second * groups] : [second * groups, first]
  const shape = { node, weights, inputs, outputs, rank: weights.dims.length }
  return {
    ...shape,
    inputOf: transposed ? outer : within,
    outputOf: transposed ? within : outer,
    bias: biasOf(scope, node, outputs, 1),
    unpadded: !transposed && isUnpadded(node),
  }
}

function isUnpadded(node: OnnxNode): boolean {
  const auto = textAttribute(node, 'auto_pad', 'NOTSET')
  return auto === 'VALID' || (auto === 'NOTSET' && (intsAttribute(node, 'pads') ?? []).every((pad) => pad === 0))
}

function matrix(scope: Scope, node: OnnxNode, weights: Weights): Layer | null {
  const gemm = is(node, 'Gemm')
  if (gemm && (intAttribute(node, 'transA', 0) !== 0 || floatAttribute(node, 'alpha', 1) !== 1)) return null
  const transposed = gemm && intAttribute(node, 'transB', 0) === 1
  const [rows, columns] = weights.dims as [number, number]
  const row = (index: number) => Math.floor(index / columns)
  const column = (index: number) => index % columns
  return {
    node,
    weights,
    rank: gemm ? 2 : null,
    inputs: transposed ? columns : rows,
    outputs: transposed ? rows : columns,
    inputOf: transposed ? column : row,
    outputOf: transposed ? row : column,
    bias: gemm ? biasOf(scope, node, transposed ? rows : columns, floatAttribute(node, 'beta', 1)) : undefined,
    unpadded: true,
  }
}

function biasOf(scope: Scope, node: OnnxNode, outputs: number, factor: number): Float64Array | undefined {
  const name = node.inputs[2] ?? ''
  if (name === '') return new Float64Array(outputs)
  const weights = scope.constant(name)
  if (weights?.type !== 'float32' || (weights.size !== 1 && weights.size !== outputs)) return undefined
  // Of a matrix only a row is a bias.
  if (weights.size === outputs && weights.size > 1 && weights.dims.at(-1) !== outputs) return undefined
  const values = weights.floats()
  return Float64Array.from({ length: outputs }, (_, i) => factor * (values[values.length === 1 ? 0 : i] as number))
}

/** Numbers for each channel, or a single one for all. */
export type PerChannel = ArrayLike<number>

export const at = (values: PerChannel, channel: number): number => values[values.length === 1 ? 0 : channel]!

/** Gives the layer weights scaled by the channels of one side; a copy: other layers may have the same weights. */
export function scaleWeights(scope: Scope, layer: Layer, side: 'inputOf' | 'outputOf', scale: PerChannel): void {
  if (Array.prototype.every.call(scale, (value) => value === 1)) return
  const { node, weights } = layer
  const channel = layer[side]
  const values = weights.floats()
  const scaled = new Float32Array(values.length)
  // Those of one channel follow each other, by window or by row: asking for each would take longer than scaling.
  const [row, window] = [1, 2].map((axis) => weights.dims.slice(axis).reduce((product, size) => product * size, 1)) as [number, number]
  const run = channel(0) === channel(row - 1) ? row : window
  for (let start = 0; start < values.length; start += run) {
    const factor = at(scale, channel(start))
    for (let i = start; i < start + run; i++) scaled[i] = values[i]! * factor
  }
  const name = scope.store(node.inputs[1]!, (fresh) => Weights.of(fresh, 'float32', weights.dims, scaled))
  scope.setInput(node, 1, name)
}

export function setBias(scope: Scope, { node, outputs }: Layer, bias: Float64Array): void {
  const before = node.inputs[2] ?? ''
  if (before === '' && bias.every((value) => value === 0)) return
  const base = before === '' ? `${node.outputs[0]}.bias` : before
  const name = scope.store(base, (fresh) => Weights.of(fresh, 'float32', [outputs], Float32Array.from(bias)))
  scope.setInput(node, 2, name)
  node.attributes.delete('beta')
}

const sameChannels = new Set(
  'Relu Clip Sigmoid HardSigmoid HardSwish LeakyRelu Tanh Elu Gelu Softplus MaxPool AveragePool GlobalAveragePool'.split(' '),
)

/** How many channels a value has where a layer close before it, or the file, tells; null: unknown. */
export function channelsOf(scope: Scope, value: string, axis: 1 | -1, depth = 8): number | null {
  const declared = scope.declaredDims(value)?.at(axis)
  if (typeof declared === 'number') return declared
  const node = scope.producer(value)
  if (node === undefined || depth === 0) return null
  const layer = layerOf(scope, node)
  if (layer !== null) return channelAxis(layer) === axis ? layer.outputs : null
  const of = (name: string) => channelsOf(scope, name, axis, depth - 1)
  if (is(node, 'Add', 'Sub', 'Mul', 'Div')) {
    // Broadcasting: each side has one channel, or as many as the result.
    const sides = node.inputs.map((input) => (scope.constant(input)?.size === 1 ? 1 : of(input)))
    const most = Math.max(...sides.map((side) => side ?? 0))
    return most > 1 || !sides.includes(null) ? most : null
  }
  return node.domain === '' && sameChannels.has(node.opType) ? of(node.inputs[0]!) : null
}
