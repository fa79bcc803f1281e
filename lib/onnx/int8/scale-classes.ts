import type { GraphIndex } from '../graph/graph-index.js'
import { intAttribute } from '../graph/nodes.js'
import type { OnnxGraph, OnnxNode } from '../graph/types.js'
import type { Facts } from './facts.js'
import { clampOf } from './units.js'

/**
 * Which channels of which tensors must be scaled together so that a network computes the same: all that Relu, pooling,
 * addition, concatenation and the like tie to each other. A class that meets an operator which is not indifferent to scale is
 * pinned.
 */
export class ScaleClasses {
  readonly #first = new Map<string, number>()
  readonly #parents: number[] = []
  readonly #pinned = new Set<number>()
  readonly #facts: Facts

  constructor(graph: OnnxGraph, index: GraphIndex, facts: Facts) {
    this.#facts = facts
    for (const [name, { dims, type }] of facts) {
      if (type !== 'float32' || dims.length < 3) continue
      this.#first.set(name, this.#parents.length)
      for (let c = 0; c < (dims[1] as number); c++) this.#parents.push(this.#parents.length)
    }
    for (const { name } of [...graph.inputs, ...graph.outputs]) this.pin(name)
    for (const node of graph.nodes) this.#tie(node, index)
  }

  /** The class of a channel, or null: it is not scaled. */
  of(tensor: string, channel: number): number | null {
    const first = this.#first.get(tensor)
    if (first === undefined) return null
    const root = this.#root(first + channel)
    return this.#pinned.has(root) ? null : root
  }

  channels(tensor: string): number {
    return this.#first.has(tensor) ? (this.#facts.get(tensor)?.dims[1] as number) : 0
  }

  /** Tensors that have channels. */
  tensors(): Iterable<string> {
    return this.#first.keys()
  }

  pin(tensor: string): void {
    for (let c = 0; c < this.channels(tensor); c++) {
      this.#pinned.add(this.#root((this.#first.get(tensor) as number) + c))
    }
  }

  #tie(node: OnnxNode, index: GraphIndex): void {
    const [input = '', second = ''] = node.inputs
    const output = node.outputs[0] ?? ''
    const constant = (name: string) => index.constant(name) !== undefined
    if (node.domain === '' && (node.opType === 'Conv' || node.opType === 'ConvTranspose') && constant(second)) return
    if (node.domain === '' && equivariant.has(node.opType)) return this.#same(input, output)
    const clamp = clampOf(node, input, index)
    // A clamp at 6 as well: the caller keeps scaled channels below its upper bound.
    if (clamp?.low === 0) return this.#same(input, output)
    if (node.opType === 'Add' && !constant(input) && !constant(second) && this.#alike(input, second)) {
      this.#same(input, second)
      return this.#same(input, output)
    }
    if (node.opType === 'Concat' && intAttribute(node, 'axis', 0n) === 1n) return this.#concatenated(node)
    if (node.opType === 'Mul' && this.#gated(node)) return
    for (const name of [...index.usesOf(node), ...node.outputs]) this.pin(name)
  }

  /** A tensor times one number a channel (squeeze and excitation): the tensor may be scaled, the gate may not. */
  #gated(node: OnnxNode): boolean {
    const [a = '', b = ''] = node.inputs
    const isGate = (name: string) =>
      this.#facts
        .get(name)
        ?.dims.slice(2)
        .every((dim) => dim === 1) === true
    const gate = isGate(b) ? b : isGate(a) ? a : null
    const value = gate === b ? a : b
    if (gate === null || !this.#first.has(gate) || this.channels(gate) !== this.channels(value)) return false
    this.pin(gate)
    this.#same(value, node.outputs[0] as string)
    return true
  }

  #concatenated({ inputs, outputs }: OnnxNode): void {
    let at = 0
    for (const name of inputs) {
      if (!this.#first.has(name)) return [...inputs, ...outputs].forEach((each) => this.pin(each))
      for (let c = 0; c < this.channels(name); c++) this.#union(name, c, { tensor: outputs[0] as string, channel: at + c })
      at += this.channels(name)
    }
  }

  #alike(a: string, b: string): boolean {
    return String(this.#facts.get(a)?.dims) === String(this.#facts.get(b)?.dims)
  }

  #same(a: string, b: string): void {
    const channels = this.channels(a)
    if (channels !== this.channels(b) || channels === 0) {
      this.pin(a)
      return this.pin(b)
    }
    for (let c = 0; c < channels; c++) this.#union(a, c, { tensor: b, channel: c })
  }

  #union(a: string, channel: number, other: { readonly tensor: string; readonly channel: number }): void {
    const from = this.#root((this.#first.get(a) as number) + channel)
    const to = this.#root((this.#first.get(other.tensor) as number) + other.channel)
    if (from === to) return
    this.#parents[from] = to
    if (this.#pinned.has(from)) this.#pinned.add(to)
  }

  #root(id: number): number {
    let root = id
    while (this.#parents[root] !== root) {
      this.#parents[root] = this.#parents[this.#parents[root] as number] as number
      root = this.#parents[root] as number
    }
    return root
  }
}

const equivariant: ReadonlySet<string> = new Set([
  'Relu',
  'LeakyRelu',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'Resize',
  'Identity',
])
