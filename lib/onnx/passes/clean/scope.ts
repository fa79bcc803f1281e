import { GraphEditor } from '../../graph/edit.js'
import { makeAttribute, type NodeOptions } from '../../graph/nodes.js'
import type { Dimension, OnnxModel, OnnxNode } from '../../graph/types.js'
import type { Weights } from '../../graph/weights.js'

/**
 * A graph while rules edit it. What a graph inside of a node (If, Loop, Scan) takes from this one is a use by that node, whose
 * operator no rule knows: such values stay what they are.
 */
export class Scope {
  readonly opset: number
  readonly #editor: GraphEditor
  readonly #model: OnnxModel

  /** @param model Is edited. */
  constructor(model: OnnxModel) {
    this.#model = model
    this.opset = model.opsets.get('') ?? 1
    this.#editor = new GraphEditor(model.graph)
  }

  nodes(): readonly OnnxNode[] {
    return [...this.#editor.graph.nodes]
  }

  producer(name: string): OnnxNode | undefined {
    return this.#editor.index.producer(name)
  }

  readers(name: string): readonly OnnxNode[] {
    return this.#editor.index.consumers(name)
  }

  isOutput(name: string): boolean {
    return this.#editor.index.isOutput(name)
  }

  constant(name: string): Weights | undefined {
    return this.#editor.index.constant(name)
  }

  /** Whether an edit has taken a node out. */
  isGone(node: OnnxNode): boolean {
    return node.outputs.every((name) => this.producer(name) !== node)
  }

  /** The one node that reads a value, at one of its inputs, where nothing else sees it. */
  soleReader(name: string): OnnxNode | undefined {
    const [reader, ...others] = this.readers(name)
    if (reader === undefined || others.length > 0 || this.isOutput(name)) return undefined
    return reader.inputs.filter((input) => input === name).length === 1 ? reader : undefined
  }

  /** Dimensions as the file tells them; null: it does not. */
  declaredDims(name: string): readonly Dimension[] | null {
    const { inputs, valueInfo } = this.#model.graph
    return (valueInfo.get(name) ?? inputs.find((input) => input.name === name))?.dims ?? null
  }

  /** Adds an initializer under a name of its own, and tells that. */
  store(base: string, make: (name: string) => Weights): string {
    return this.#editor.setInitializer(make(this.#editor.freshName(base.replace(/\.folded(_\d+)?$/, '').concat('.folded'))))
  }

  /** Lets a node read something else; an initializer that nobody reads any more goes at once: it may be large. */
  setInput(node: OnnxNode, at: number, name: string): void {
    const before = node.inputs[at] ?? ''
    this.#editor.update(node, () => {
      while (node.inputs.length <= at) node.inputs.push('')
      node.inputs[at] = name
    })
    const { index, graph } = this.#editor
    if (!index.isUsed(before) && !index.isInput(before)) graph.initializers.delete(before)
  }

  remove(node: OnnxNode): void {
    this.#editor.remove(node)
  }

  /** Gives a node another operator; its output stays. */
  become(node: OnnxNode, opType: string, inputs: readonly string[], attributes: NodeOptions['attributes'] = {}): void {
    this.#editor.update(node, () => {
      node.opType = opType
      node.inputs = [...inputs]
      node.attributes = new Map(Object.entries(attributes).map(([key, value]) => [key, makeAttribute(value)]))
    })
  }

  /** Makes `node` the producer of what `end`, which goes, has made. */
  takeOver(node: OnnxNode, end: OnnxNode): void {
    const [name] = end.outputs as [string]
    this.remove(end)
    this.changed(node.outputs[0]!)
    this.#editor.update(node, () => (node.outputs = [name, ...node.outputs.slice(1)]))
  }

  /** Removes a node whose output equals `source`. False: it has to stay, because the graph's caller knows both by name. */
  bypass(node: OnnxNode, source: string): boolean {
    const [output] = node.outputs as [string]
    const callers = this.isOutput(output)
    if (callers && (this.isOutput(source) || this.producer(source) === undefined)) return false
    this.remove(node)
    this.#editor.replaceValue(output, source)
    return true
  }

  /** What the file says of a value is no longer so. */
  changed(name: string): void {
    this.#model.graph.valueInfo.delete(name)
  }

  /** @returns How many nodes were in vain. */
  removeDead(): number {
    return this.#editor.removeDead()
  }
}
