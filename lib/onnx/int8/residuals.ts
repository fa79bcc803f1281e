import type { GraphIndex } from '../graph/graph-index.js'
import type { OnnxNode } from '../graph/types.js'
import type { PlacedLayer } from './placed-layers.js'

/** An Add that a layer ends in, and what is added to it from elsewhere. */
export interface Residual {
  readonly node: OnnxNode
  readonly tensor: string
}

/**
 * The Adds that TensorRT can compute at the end of a planned layer, each with its other input. Of two layers that only the Add
 * reads, the one behind more nodes stays float: the shorter way is the shortcut. Left out are those whose sum no planned layer
 * reads: nothing is won by adding codes that become floats again.
 */
export function residualInputs(index: GraphIndex, layers: readonly PlacedLayer[]): Residual[] {
  const planned = new Map(layers.map((layer) => [layer.node, layer]))
  const inputs = new Set(layers.map(({ input }) => input))
  const depth = depths(index)
  return index.graph.nodes.flatMap((node) => {
    const [a, b] = node.inputs
    if (node.opType !== 'Add' || node.domain !== '' || a === undefined || b === undefined || a === b) return []
    if (index.constant(a) !== undefined || index.constant(b) !== undefined || !goesOn(index, node, inputs)) return []
    const ends = [a, b].filter((name) => endsIn(index, name, planned))
    const fused = ends.length < 2 ? ends[0] : deeper(depth, a, b)
    return fused === undefined ? [] : [{ node, tensor: fused === a ? b : a }]
  })
}

const pointwise: ReadonlySet<string> = new Set(['Relu', 'Clip', 'LeakyRelu', 'HardSwish', 'Sigmoid', 'Add'])

/** Whether a planned layer reads the sum, perhaps behind activations and further sums. */
function goesOn(index: GraphIndex, node: OnnxNode, inputs: ReadonlySet<string>, steps = 3): boolean {
  const output = node.outputs[0] as string
  if (inputs.has(output)) return true
  return steps > 0 && index.consumers(output).some((next) => pointwise.has(next.opType) && goesOn(index, next, inputs, steps - 1))
}

function endsIn(index: GraphIndex, name: string, planned: ReadonlyMap<OnnxNode, PlacedLayer>): boolean {
  const producer = index.producer(name)
  return producer !== undefined && planned.has(producer) && index.consumers(name).length === 1 && !index.isOutput(name)
}

const deeper = (depth: ReadonlyMap<string, number>, a: string, b: string): string => ((depth.get(a) ?? 0) >= (depth.get(b) ?? 0) ? a : b)

/** Nodes on the longest way to each value. */
function depths(index: GraphIndex): Map<string, number> {
  const depth = new Map<string, number>()
  for (const node of index.graph.nodes) {
    const most = Math.max(0, ...[...index.usesOf(node)].map((name) => depth.get(name) ?? 0))
    for (const name of node.outputs) depth.set(name, most + 1)
  }
  return depth
}
