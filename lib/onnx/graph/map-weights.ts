import { cloneModel } from './clone.js'
import { graphsOf } from './nodes.js'
import type { Attribute, OnnxGraph, OnnxModel } from './types.js'
import type { Weights } from './weights.js'

/** Where weights stand; other readers of ONNX know external data of initializers only. */
export type WeightsPlace = 'initializer' | 'attribute'

/** The model with other weights, in all of its graphs; `model` is not changed. */
export function mapWeights(model: OnnxModel, change: Change): OnnxModel {
  const copy = cloneModel(model)
  changeGraph(copy.graph, change)
  return copy
}

type Change = (weights: Weights, place: WeightsPlace) => Weights

/** In place: the graph is a copy already. */
function changeGraph(graph: OnnxGraph, change: Change): void {
  for (const [name, weights] of graph.initializers) graph.initializers.set(name, change(weights, 'initializer'))
  for (const node of graph.nodes) {
    for (const attribute of node.attributes.values()) changeAttribute(attribute, change)
    for (const inner of graphsOf(node)) changeGraph(inner, change)
  }
}

function changeAttribute(attribute: Attribute, change: Change): void {
  if (attribute.type === 'tensor') attribute.value = change(attribute.value, 'attribute')
  else if (attribute.type === 'tensors') attribute.value = attribute.value.map((weights) => change(weights, 'attribute'))
}
