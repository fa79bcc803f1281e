import { TrtError } from '../../core/errors.js'
import { GraphIndex } from './graph-index.js'
import { makeNode } from './nodes.js'
import { definedIn, renameUses, takenNames } from './scopes.js'
import { sortNodes } from './sort.js'
import type { OnnxGraph, OnnxNode } from './types.js'
import type { Weights } from './weights.js'

/**
 * Edits one graph in place and keeps an index of it. Whoever changes inputs or outputs of a node does it inside of `update`,
 * or the index is out of date.
 */
export class GraphEditor {
  readonly index: GraphIndex
  readonly #taken: Set<string>

  /** @param root The outermost graph, where `graph` is one inside of it: names must differ from all of that model's. */
  constructor(
    readonly graph: OnnxGraph,
    root: OnnxGraph = graph,
  ) {
    this.index = new GraphIndex(graph)
    this.#taken = takenNames(root)
  }

  /** A name that no value and no node has, and that is not given again: `base`, else `base_1` and so on. */
  freshName(base: string): string {
    let name = base || 'value'
    for (let i = 1; this.#taken.has(name); i++) name = `${base || 'value'}_${i}`
    this.#taken.add(name)
    return name
  }

  /** At the end; `sort()` brings nodes into their order. */
  append(...nodes: readonly OnnxNode[]): void {
    this.graph.nodes.push(...nodes)
    this.#enter(nodes)
  }

  insertBefore(node: OnnxNode, ...nodes: readonly OnnxNode[]): void {
    this.graph.nodes.splice(this.#position(node), 0, ...nodes)
    this.#enter(nodes)
  }

  insertAfter(node: OnnxNode, ...nodes: readonly OnnxNode[]): void {
    this.graph.nodes.splice(this.#position(node) + 1, 0, ...nodes)
    this.#enter(nodes)
  }

  /** Takes a node out; its outputs lose their producer. */
  remove(node: OnnxNode): void {
    this.graph.nodes.splice(this.#position(node), 1)
    this.index.delete(node)
  }

  /** Nodes in the place of one. */
  replace(node: OnnxNode, ...nodes: readonly OnnxNode[]): void {
    this.graph.nodes.splice(this.#position(node), 1, ...nodes)
    this.index.delete(node)
    this.#enter(nodes)
  }

  /** Changes a node: its inputs, outputs, attributes, graphs inside. */
  update(node: OnnxNode, change: (node: OnnxNode) => void): void {
    this.index.delete(node)
    change(node)
    this.#enter([node])
  }

  /** Adds weights, or puts them in the place of those of the same name. */
  setInitializer(weights: Weights): string {
    this.graph.initializers.set(weights.name, weights)
    this.#taken.add(weights.name)
    return weights.name
  }

  /** Makes all nodes that use `from` use `to`, in graphs inside of nodes too. An output of the graph keeps its name and its value. */
  replaceUses(from: string, to: string, { except }: { except?: OnnxNode } = {}): void {
    for (const node of this.index.consumers(from)) if (node !== except) this.update(node, () => renameUses(node, from, to))
  }

  /**
   * Makes `to` stand wherever `from` stood, the graph's outputs included. The producer of `from`, if it has one, must be
   * removed by the caller first.
   */
  replaceValue(from: string, to: string): void {
    const producer = this.index.producer(to)
    if (!this.index.isOutput(from)) return this.replaceUses(from, to)
    if (producer === undefined || this.index.isOutput(to)) {
      this.replaceUses(from, to)
      return this.append(makeNode('Identity', [to], [from], { name: this.freshName(from) }))
    }
    this.update(producer, () => {
      producer.outputs = producer.outputs.map((name) => (name === to ? from : name))
    })
    this.graph.valueInfo.delete(to)
    this.replaceUses(to, from)
  }

  /**
   * Removes nodes whose results nobody uses, then weights and descriptions of values that are left over.
   *
   * @returns How many nodes are gone.
   */
  removeDead(): number {
    const live = this.#live()
    const before = this.graph.nodes.length
    for (const node of this.graph.nodes) if (!live.has(node)) this.index.delete(node)
    this.graph.nodes = this.graph.nodes.filter((node) => live.has(node))
    for (const name of this.graph.initializers.keys()) {
      if (!this.index.isUsed(name) && !this.index.isInput(name)) this.graph.initializers.delete(name)
    }
    const defined = new Set(definedIn(this.graph))
    for (const name of this.graph.valueInfo.keys()) if (!defined.has(name)) this.graph.valueInfo.delete(name)
    return before - this.graph.nodes.length
  }

  /** Puts nodes after those they depend on, and otherwise leaves their order. @throws {TrtError} `TRT_ERR_MODEL`: a cycle. */
  sort(): void {
    this.graph.nodes = sortNodes(this.graph.nodes)
  }

  #live(): Set<OnnxNode> {
    const live = new Set<OnnxNode>()
    const pending = this.graph.outputs.map(({ name }) => name)
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const node = this.index.producer(name)
      if (node === undefined || live.has(node)) continue
      live.add(node)
      pending.push(...this.index.usesOf(node))
    }
    return live
  }

  #enter(nodes: readonly OnnxNode[]): void {
    for (const node of nodes) {
      this.index.add(node)
      for (const name of [node.name, ...node.inputs, ...node.outputs]) this.#taken.add(name)
    }
  }

  #position(node: OnnxNode): number {
    const position = this.graph.nodes.indexOf(node)
    if (position >= 0) return position
    throw new TrtError('TRT_ERR_INTERNAL', `A ${node.opType} node is not in the graph that is edited.`)
  }
}
