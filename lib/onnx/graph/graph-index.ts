import { tensorAttribute } from './nodes.js'
import { usesOf } from './scopes.js'
import type { OnnxGraph, OnnxNode } from './types.js'
import { Weights } from './weights.js'

/**
 * Who makes and who uses each value of one graph, when it was made. What a graph inside of a node (If, Loop, Scan) takes from
 * this one counts as a use by that node. A GraphEditor keeps its index up to date.
 */
export class GraphIndex {
  readonly #producers = new Map<string, OnnxNode>()
  readonly #consumers = new Map<string, Set<OnnxNode>>()
  readonly #uses = new Map<OnnxNode, Set<string>>()

  constructor(readonly graph: OnnxGraph) {
    for (const node of graph.nodes) this.add(node)
  }

  /** The node of this graph that makes the value. */
  producer(name: string): OnnxNode | undefined {
    return this.#producers.get(name)
  }

  /** Each node once, however often it uses the value; in no certain order after edits. */
  consumers(name: string): readonly OnnxNode[] {
    return [...(this.#consumers.get(name) ?? [])]
  }

  /** The names that a node uses, what graphs inside of it take from this one included. */
  usesOf(node: OnnxNode): ReadonlySet<string> {
    return this.#uses.get(node) ?? new Set()
  }

  /** Whether a node or the graph's outputs use the value. */
  isUsed(name: string): boolean {
    return (this.#consumers.get(name)?.size ?? 0) > 0 || this.isOutput(name)
  }

  /** An initializer, or what a Constant node holds as a tensor; not an initializer that is only the default of an input. */
  constant(name: string): Weights | undefined {
    const initializer = this.graph.initializers.get(name)
    if (initializer !== undefined) return this.isInput(name) ? undefined : initializer
    const node = this.#producers.get(name)
    return node?.opType === 'Constant' && node.domain === '' ? constantValue(node) : undefined
  }

  isInput(name: string): boolean {
    return this.graph.inputs.some((input) => input.name === name)
  }

  isOutput(name: string): boolean {
    return this.graph.outputs.some((output) => output.name === name)
  }

  /** Tells the index of a node that has come into the graph. */
  add(node: OnnxNode): void {
    for (const name of node.outputs) if (name !== '') this.#producers.set(name, node)
    const uses = usesOf(node)
    this.#uses.set(node, uses)
    for (const name of uses) {
      const consumers = this.#consumers.get(name)
      if (consumers === undefined) this.#consumers.set(name, new Set([node]))
      else consumers.add(node)
    }
  }

  /** Tells the index of a node that is leaving the graph, or is about to be added again with other inputs and outputs. */
  delete(node: OnnxNode): void {
    for (const name of this.#uses.get(node) ?? []) this.#consumers.get(name)?.delete(node)
    this.#uses.delete(node)
    for (const name of node.outputs) if (this.#producers.get(name) === node) this.#producers.delete(name)
  }
}

/** What a Constant node makes; undefined for strings in attributes, sparse tensors and the like. */
export function constantValue(node: OnnxNode): Weights | undefined {
  const [name = ''] = node.outputs
  const tensor = tensorAttribute(node, 'value')
  if (tensor !== undefined) return tensor.renamed(name)
  const [attribute] = ['value_float', 'value_floats', 'value_int', 'value_ints'].flatMap((key) => node.attributes.get(key) ?? [])
  if (attribute?.type === 'float') return Weights.of(name, 'float32', [], Float32Array.of(attribute.value))
  if (attribute?.type === 'floats') return Weights.of(name, 'float32', [attribute.value.length], Float32Array.from(attribute.value))
  if (attribute?.type === 'int') return Weights.of(name, 'int64', [], BigInt64Array.of(attribute.value))
  if (attribute?.type === 'ints') return Weights.of(name, 'int64', [attribute.value.length], BigInt64Array.from(attribute.value))
  return undefined
}
