import type { DataType } from '../../../core/dtypes.js'
import { TrtError } from '../../../core/errors.js'
import { toBfloat16, toFloat16 } from '../../../core/float16.js'
import { describeNode } from '../../graph/nodes.js'
import type { OnnxGraph, OnnxNode, ValueInfo } from '../../graph/types.js'
import { Weights } from '../../graph/weights.js'
import { GraphIndex } from '../../graph/graph-index.js'
import { rankOf } from './ranks.js'
import { typeOf } from './element-types.js'

/** What the rules of all graphs of a model share. */
export interface LiftTask {
  readonly from: number
  readonly to: number
  readonly taken: Set<string>
}

/** Nodes to stand before and after the one that a rule has changed in place. */
export interface Around {
  readonly before?: readonly OnnxNode[]
  readonly after?: readonly OnnxNode[]
}

/** Changes a node from how it was written before a version to how it is written from then on. */
export type Rule = (node: OnnxNode, scope: LiftScope) => Around | void

/** By operator and version. */
export type Rules = Readonly<Record<string, Readonly<Record<number, Rule>>>>

/** What a rule may ask about the graph around its node, and add to it. */
export class LiftScope {
  readonly index: GraphIndex
  /** By name, as far as asked for. */
  readonly ranks = new Map<string, number | undefined>()
  readonly #said = new Map<string, ValueInfo>()
  readonly #shared = new Map<string, string>()

  constructor(
    readonly graph: OnnxGraph,
    readonly task: LiftTask,
    readonly outer: LiftScope | null = null,
  ) {
    this.index = new GraphIndex(graph)
    for (const value of [...graph.inputs, ...graph.outputs, ...graph.valueInfo.values()]) this.#said.set(value.name, value)
  }

  constant(name: string): Weights | undefined {
    return this.index.constant(name) ?? (this.#isDefined(name) ? undefined : this.outer?.constant(name))
  }

  /** The values of a constant of integers; undefined: computed, or of another type. */
  knownIntegers(name: string): bigint[] | undefined {
    const weights = this.constant(name)
    return weights !== undefined && weights.external === null && (weights.type === 'int64' || weights.type === 'int32')
      ? weights.integers()
      : undefined
  }

  /** What the file says of a value of this graph. */
  said(name: string): ValueInfo | undefined {
    return this.#said.get(name)
  }

  /** Undefined: nothing tells. */
  rank(name: string, steps?: number): number | undefined {
    return rankOf(name, this, steps)
  }

  /** The type of a value of which an operator demands that it is a float. @throws {TrtError} `TRT_ERR_UNSUPPORTED`: nothing tells. */
  floatType(name: string, node: OnnxNode): DataType {
    const type = typeOf(name, this)
    if (type !== undefined) return type
    throw this.refusal(node, `nothing tells the element type of its input ${JSON.stringify(name)}`)
  }

  isUsed(name: string | undefined): boolean {
    return name !== undefined && name !== '' && this.index.isUsed(name)
  }

  freshName(base: string): string {
    let name = base
    for (let i = 1; this.task.taken.has(name); i++) name = `${base}_${i}`
    this.task.taken.add(name)
    return name
  }

  /** An initializer of int64, shared by all nodes of the graph that want the same; scalar where `values` is a bigint. */
  integers(values: readonly bigint[] | bigint, what: string): string {
    const list = typeof values === 'bigint' ? [values] : values
    const dims = typeof values === 'bigint' ? [] : [list.length]
    return this.#share(`int64 ${dims} ${list}`, what, (name) => Weights.of(name, 'int64', dims, BigInt64Array.from(list)))
  }

  floats(values: readonly number[], what: string): string {
    const dims = [values.length]
    return this.#share(`float32 ${dims} ${values}`, what, (name) => Weights.of(name, 'float32', dims, Float32Array.from(values)))
  }

  /** A scalar initializer of a float type. */
  scalar(value: number, type: DataType, what: string): string {
    const single = Float32Array.of(value)
    const bits = type === 'float16' ? toFloat16(single) : type === 'bfloat16' ? toBfloat16(single) : single
    const values = type === 'float64' ? Float64Array.from(single) : bits
    return this.#share(`${type} ${Object.is(value, -0) ? '-0' : value}`, what, (name) => Weights.of(name, type, [], values))
  }

  refusal(node: OnnxNode, reason: string): TrtError {
    const { from, to } = this.task
    const message = `${describeNode(node)} cannot be lifted from operator set ${from} to ${to}: ${reason}. Export the model with operator set ${to}, or build with the precision 'as-is', which leaves the file alone.`
    return new TrtError('TRT_ERR_UNSUPPORTED', message, { operator: node.opType, node: node.name, from, to, reason })
  }

  #share(key: string, what: string, make: (name: string) => Weights): string {
    let name = this.#shared.get(key)
    if (name === undefined) {
      name = this.freshName(what)
      this.#shared.set(key, name)
      this.graph.initializers.set(name, make(name))
    }
    return name
  }

  #isDefined(name: string): boolean {
    return this.index.producer(name) !== undefined || this.graph.initializers.has(name) || this.index.isInput(name)
  }
}
