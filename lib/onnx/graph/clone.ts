import type { Attribute, OnnxGraph, OnnxModel, OnnxNode, ValueInfo } from './types.js'

/** A model that can be edited without changing this one. Weights, which nobody changes in place, are shared. */
export function cloneModel(model: OnnxModel): OnnxModel {
  return { ...model, opsets: new Map(model.opsets), metadata: new Map(model.metadata), graph: cloneGraph(model.graph) }
}

export function cloneGraph(graph: OnnxGraph): OnnxGraph {
  return {
    ...graph,
    nodes: graph.nodes.map(cloneNode),
    inputs: graph.inputs.map(cloneValueInfo),
    outputs: graph.outputs.map(cloneValueInfo),
    initializers: new Map(graph.initializers),
    valueInfo: new Map([...graph.valueInfo].map(([name, value]) => [name, cloneValueInfo(value)])),
  }
}

export function cloneNode(node: OnnxNode): OnnxNode {
  const attributes = new Map([...node.attributes].map(([name, attribute]) => [name, cloneAttribute(attribute)]))
  return { ...node, inputs: [...node.inputs], outputs: [...node.outputs], attributes }
}

function cloneAttribute(attribute: Attribute): Attribute {
  if (attribute.type === 'graph') return { ...attribute, value: cloneGraph(attribute.value) }
  if (attribute.type === 'graphs') return { ...attribute, value: attribute.value.map(cloneGraph) }
  return { ...attribute }
}

function cloneValueInfo(value: ValueInfo): ValueInfo {
  return { ...value, dims: value.dims && [...value.dims] }
}
