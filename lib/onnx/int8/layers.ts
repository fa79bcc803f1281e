import type { GraphIndex } from '../graph/graph-index.js'
import { floatAttribute, intAttribute, intsAttribute, textAttribute } from '../graph/nodes.js'
import type { OnnxGraph, OnnxNode } from '../graph/types.js'
import type { Weights } from '../graph/weights.js'

/** A Conv, Gemm or MatMul with constant weights: what int8 makes faster. */
export interface Layer {
  /** The name of its first output: how plans call it. */
  readonly key: string
  readonly node: OnnxNode
  /** The tensor that it multiplies with weights. */
  readonly input: string
  readonly weights: Weights
  readonly bias: Weights | null
  readonly axis: number
  /** Channels of the output. */
  readonly channels: number
  /** Of Conv, else 1. */
  readonly group: number
}

/** A layer that has to stay float, and why, in words for a person. */
export interface Refused {
  readonly key: string
  readonly node: OnnxNode
  readonly reason: string
}

export interface Layers {
  /** In the order of the graph. */
  readonly layers: readonly Layer[]
  readonly refused: readonly Refused[]
}

const linear: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul'])

/** Which nodes of a graph can compute in int8 on the CPU. Nodes in subgraphs of If and Loop are left alone. */
export function layersOf(graph: OnnxGraph, index: GraphIndex): Layers {
  const layers: Layer[] = []
  const refused: Refused[] = []
  for (const node of graph.nodes) {
    if (node.domain !== '' || !linear.has(node.opType)) continue
    const key = node.outputs[0] as string
    const reason = refusal(node, index)
    if (reason === null) layers.push(layerOf(node, key, index))
    else refused.push({ key, node, reason })
  }
  return { layers, refused }
}

function refusal(node: OnnxNode, index: GraphIndex): string | null {
  if (node.opType === 'ConvTranspose') return 'ONNX Runtime has no int8 kernel for ConvTranspose'
  const [, weightName = '', biasName = ''] = node.inputs
  const weights = index.constant(weightName)
  if (weights === undefined) return 'its second operand is computed, not stored'
  if (weights.type !== 'float32') return `its weights are ${weights.type}`
  if (index.constant(node.inputs[0] as string) !== undefined) return 'both of its operands are stored'
  if (weights.size === 0 || !weights.floats().every(Number.isFinite)) return 'its weights hold a NaN or an infinity, or nothing'
  const bias = index.constant(biasName)
  if (biasName !== '' && bias === undefined) return 'its bias is computed, not stored'
  if (bias !== undefined && !bias.floats().every(Number.isFinite)) return 'its bias holds a NaN or an infinity'
  return shapeRefusal(node, weights, bias)
}

function shapeRefusal(node: OnnxNode, weights: Weights, bias: Weights | undefined): string | null {
  const rank = weights.dims.length
  if (node.opType === 'Conv') return rank === 3 || rank === 4 ? null : `ONNX Runtime has no fast int8 kernel for Conv of rank ${rank}`
  if (rank !== 2) return `its weights have rank ${rank}, not 2`
  if (node.opType === 'MatMul') return null
  const plain = floatAttribute(node, 'alpha', 1) === 1 && floatAttribute(node, 'beta', 1) === 1 && intAttribute(node, 'transA', 0n) === 0n
  if (!plain) return 'Gemm with alpha, beta or transA'
  const channels = weights.dims[axisOf(node, rank)] as number
  return bias === undefined || bias.size === channels ? null : 'its bias is not one number for each channel'
}

function axisOf(node: OnnxNode, rank: number): number {
  if (node.opType === 'Conv') return 0
  return node.opType === 'Gemm' && intAttribute(node, 'transB', 0n) === 1n ? 0 : rank - 1
}

function layerOf(node: OnnxNode, key: string, index: GraphIndex): Layer {
  const weights = index.constant(node.inputs[1] as string) as Weights
  const axis = axisOf(node, weights.dims.length)
  return {
    key,
    node,
    input: node.inputs[0] as string,
    weights,
    bias: index.constant(node.inputs[2] ?? '') ?? null,
    axis,
    channels: weights.dims[axis] as number,
    group: node.opType === 'Conv' ? Number(intAttribute(node, 'group', 1n)) : 1,
  }
}

/** How a convolution walks over its input: for patches of it. Null: not a Conv of one or two dimensions. */
export interface Window {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** Before each dimension. */
  readonly padding: readonly number[]
  /** Of the output. */
  readonly size: readonly number[]
}

/** @param input Spatial dimensions of the layer's input. */
export function windowOf({ node, weights }: Layer, input: readonly number[]): Window {
  const kernel = weights.dims.slice(2)
  const ones = kernel.map(() => 1n)
  const strides = intsAttribute(node, 'strides', ones).map(Number)
  const dilations = intsAttribute(node, 'dilations', ones).map(Number)
  const pads = intsAttribute(node, 'pads', [...ones, ...ones].fill(0n)).map(Number)
  const auto = textAttribute(node, 'auto_pad', 'NOTSET')
  const dims = kernel.map((size, d) => {
    const extent = (size - 1) * (dilations[d] as number) + 1
    const stride = strides[d] as number
    const length = input[d] as number
    if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
      const out = Math.ceil(length / stride)
      const total = Math.max(0, (out - 1) * stride + extent - length)
      return { before: auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2), out }
    }
    const [before, after] = auto === 'VALID' ? [0, 0] : [pads[d] as number, pads[d + kernel.length] as number]
    return { before, out: Math.floor((length + before + after - extent) / stride) + 1 }
  })
  return { kernel, strides, dilations, padding: dims.map(({ before }) => before), size: dims.map(({ out }) => out) }
}
