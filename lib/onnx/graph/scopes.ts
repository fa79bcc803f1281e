import { readMessage } from '../message.js'
import { graphProto, sparseTensorProto } from '../schema.js'
import { readTensor } from '../tensor.js'
import { Reader } from '../wire.js'
import { allGraphs, graphsOf } from './nodes.js'
import type { OnnxGraph, OnnxNode } from './types.js'

/** Every name that a node uses: its inputs, and what the graphs inside of it take from outside of themselves. */
export function usesOf(node: OnnxNode): Set<string> {
  const uses = new Set(node.inputs)
  uses.delete('')
  for (const graph of graphsOf(node)) for (const name of capturesOf(graph)) uses.add(name)
  return uses
}

/** The names that a graph takes from the graphs around it. */
export function capturesOf(graph: OnnxGraph): Set<string> {
  const inside = new Set(definedIn(graph))
  const captures = new Set<string>()
  for (const node of graph.nodes) for (const name of usesOf(node)) if (!inside.has(name)) captures.add(name)
  for (const { name } of graph.outputs) if (name !== '' && !inside.has(name)) captures.add(name)
  return captures
}

/** The names that a graph itself gives values to. */
export function* definedIn(graph: OnnxGraph): Generator<string> {
  for (const { name } of graph.inputs) yield name
  yield* graph.initializers.keys()
  yield* unknownInitializers(graph)
  for (const node of graph.nodes) for (const name of node.outputs) if (name !== '') yield name
}

/** Sparse initializers, and those of an element type unknown here. */
export function unknownInitializers(graph: OnnxGraph): string[] {
  const names: string[] = []
  if (graph.unknown.length === 0) return names
  readMessage(new Reader(graph.unknown), graphProto, {
    initializer: (tensor) => names.push(readTensor(tensor).name),
    sparseInitializer: (tensor) => readMessage(tensor, sparseTensorProto, { values: (values) => names.push(readTensor(values).name) }),
  })
  return names
}

/** All names in use, of values and of nodes, in a graph and all graphs inside of it. */
export function takenNames(graph: OnnxGraph): Set<string> {
  const names = new Set<string>()
  for (const each of allGraphs(graph)) {
    for (const name of definedIn(each)) names.add(name)
    for (const { name } of each.outputs) names.add(name)
    for (const node of each.nodes) {
      names.add(node.name)
      for (const name of node.inputs) names.add(name)
    }
  }
  return names
}

/** Makes a node, and the graphs inside of it, use `to` wherever they use `from`; not where a graph gives `from` another meaning. */
export function renameUses(node: OnnxNode, from: string, to: string): void {
  node.inputs = node.inputs.map((name) => (name === from ? to : name))
  for (const graph of graphsOf(node)) {
    if (!capturesOf(graph).has(from)) continue
    for (const inner of graph.nodes) renameUses(inner, from, to)
    for (const output of graph.outputs) if (output.name === from) output.name = to
  }
}
