import { GraphIndex } from '../graph/graph-index.js'
import { intAttribute } from '../graph/nodes.js'
import type { OnnxModel, OnnxNode } from '../graph/types.js'
import type { Weights } from '../graph/weights.js'
import { layersOf } from './layers.js'
import { clampCode, roundToNearest } from './rounding.js'
import type { Int8Weights } from './types.js'

/** A layer that TensorRT can have in int8: those of the CPU, and ConvTranspose. */
export interface PlacedLayer {
  readonly key: string
  readonly node: OnnxNode
  readonly input: string
  readonly weights: Weights
  /** Its weights to the nearest codes. */
  readonly round: () => Int8Weights
}

export interface PlacedLayers {
  readonly layers: readonly PlacedLayer[]
  /** Why others cannot, by layer. */
  readonly refused: ReadonlyMap<string, string>
}

export function placedLayers({ graph }: OnnxModel): PlacedLayers {
  const index = new GraphIndex(graph)
  const common = layersOf(graph, index)
  const refused = new Map(common.refused.map(({ key, reason }) => [key, reason]))
  const layers: PlacedLayer[] = common.layers.map((layer) => ({
    ...layer,
    round: () => roundToNearest(layer, new Float32Array(layer.channels)),
  }))
  for (const { key, node } of common.refused) {
    const layer = node.opType === 'ConvTranspose' ? transposed(key, node, index) : null
    if (layer === null) continue
    refused.delete(key)
    layers.push(layer)
  }
  return { layers, refused }
}

function transposed(key: string, node: OnnxNode, index: GraphIndex): PlacedLayer | null {
  const weights = index.constant(node.inputs[1] ?? '')
  if (weights?.type !== 'float32' || weights.dims.length < 3 || !weights.floats().every(Number.isFinite)) return null
  const groups = intAttribute(node, 'group', 1)
  return { key, node, input: node.inputs[0] as string, weights, round: () => roundTransposed(weights, groups) }
}

/** Channels are in the second dimension; in groups they share it with other channels, which one scale for all serves. */
function roundTransposed(weights: Weights, groups: number): Int8Weights {
  const values = weights.floats()
  const second = weights.dims[1] as number
  const inner = weights.size / (weights.dims[0] as number) / second
  const channel = (i: number) => (groups === 1 ? Math.floor(i / inner) % second : 0)
  const scales = new Float32Array(groups === 1 ? second : 1)
  values.forEach((value, i) => {
    scales[channel(i)] = Math.max(scales[channel(i)] as number, Math.abs(value))
  })
  for (let c = 0; c < scales.length; c++) scales[c] = Math.max((scales[c] as number) / 127, 1e-30)
  return { codes: Int8Array.from(values, (value, i) => clampCode(value / (scales[channel(i)] as number))), scales, axis: 1 }
}
