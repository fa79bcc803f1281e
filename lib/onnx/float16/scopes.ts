import type { DataType } from '../../core/dtypes.js'
import type { OnnxGraph, OnnxNode } from '../graph/types.js'
import type { Weights } from '../graph/weights.js'

/** A tensor of one graph: the branches of an If may use one name for different tensors. */
export interface Value {
  readonly name: string
  readonly scope: Scope
  readonly origin: 'input' | 'initializer' | 'node'
  readonly weights: Weights | undefined
  /** Undefined: unknown, or not a tensor. */
  type: DataType | undefined
}

/** A graph and what its names mean; those that it does not define are the surrounding graph's. */
export interface Scope {
  readonly graph: OnnxGraph
  readonly parent: Scope | undefined
  readonly values: ReadonlyMap<string, Value>
  /** The bodies of If, Loop and Scan, by attribute. */
  readonly bodies: ReadonlyMap<OnnxNode, ReadonlyMap<string, Scope>>
}

export function openScope(graph: OnnxGraph, parent?: Scope): Scope {
  const values = new Map<string, Value>()
  const bodies = new Map<OnnxNode, ReadonlyMap<string, Scope>>()
  const scope: Scope = { graph, parent, values, bodies }
  const add = (name: string, origin: Value['origin'], type: DataType | undefined, weights?: Weights) => {
    values.set(name, { name, scope, origin, weights, type })
  }
  for (const [name, weights] of graph.initializers) add(name, 'initializer', weights.type, weights)
  // An initializer that is an input too is only its default.
  for (const { name, type } of graph.inputs) add(name, 'input', type ?? undefined)
  const declared = new Map([...graph.valueInfo.values(), ...graph.outputs].map(({ name, type }) => [name, type ?? undefined]))
  for (const node of graph.nodes) for (const name of node.outputs) if (name !== '') add(name, 'node', declared.get(name))
  for (const node of graph.nodes) {
    const own = new Map<string, Scope>()
    for (const [name, attribute] of node.attributes) if (attribute.type === 'graph') own.set(name, openScope(attribute.value, scope))
    if (own.size > 0) bodies.set(node, own)
  }
  return scope
}

export function find(scope: Scope, name: string): Value | undefined {
  for (let own: Scope | undefined = scope; own !== undefined; own = own.parent) {
    const value = own.values.get(name)
    if (value !== undefined) return value
  }
  return undefined
}

/** Every node with its scope, bodies before the node that has them. */
export function* nodesOf(scope: Scope): Generator<readonly [OnnxNode, Scope]> {
  for (const node of scope.graph.nodes) {
    for (const body of scope.bodies.get(node)?.values() ?? []) yield* nodesOf(body)
    yield [node, scope]
  }
}

/** The scope itself and all within. */
export function* scopesOf(scope: Scope): Generator<Scope> {
  yield scope
  for (const bodies of scope.bodies.values()) for (const body of bodies.values()) yield* scopesOf(body)
}

export const isOnnx = ({ domain }: OnnxNode) => domain === ''

/** What reports and messages call a node: exporters leave many without a name. */
export const labelOf = ({ name, outputs, opType }: OnnxNode) => name || outputs.find((output) => output !== '') || opType
