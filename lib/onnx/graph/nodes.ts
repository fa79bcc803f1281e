import { TrtError } from '../../core/errors.js'
import type { DataType } from '../../core/dtypes.js'
import type { Attribute, Dimension, OnnxGraph, OnnxNode, ValueInfo } from './types.js'
import { Weights } from './weights.js'

const nothing = new Uint8Array(0)
const utf8 = new TextEncoder()

/** A number is a FLOAT, a bigint an INT, lists likewise; an empty list is INTS. */
export type AttributeValue = number | bigint | string | readonly number[] | readonly bigint[] | readonly string[] | Weights | OnnxGraph

export interface NodeOptions {
  readonly name?: string
  readonly domain?: string
  readonly attributes?: Readonly<Record<string, AttributeValue>>
}

/** @param inputs '' stands for an optional one that is left out. */
export function makeNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  { name = '', domain = '', attributes = {} }: NodeOptions = {},
): OnnxNode {
  return {
    name,
    opType,
    domain,
    inputs: [...inputs],
    outputs: [...outputs],
    attributes: new Map(Object.entries(attributes).map(([key, value]) => [key, makeAttribute(value)])),
    unknown: nothing,
  }
}

export function makeAttribute(value: AttributeValue): Attribute {
  if (typeof value === 'number') return { type: 'float', value }
  if (typeof value === 'bigint') return { type: 'int', value }
  if (typeof value === 'string') return { type: 'string', value: utf8.encode(value) }
  if (value instanceof Weights) return { type: 'tensor', value }
  if (!isList(value)) return { type: 'graph', value }
  const [first] = value
  if (typeof first === 'string') return { type: 'strings', value: (value as readonly string[]).map((text) => utf8.encode(text)) }
  return typeof first === 'number'
    ? { type: 'floats', value: [...(value as readonly number[])] }
    : { type: 'ints', value: [...(value as readonly bigint[])] }
}

function isList(value: readonly unknown[] | OnnxGraph): value is readonly unknown[] {
  return Array.isArray(value)
}

/** @param dims Left out: of unknown rank. */
export function makeValueInfo(name: string, type: DataType, dims: readonly Dimension[] | null = null): ValueInfo {
  return { name, type, dims: dims && [...dims], encodedType: null, unknown: nothing }
}

/** A value of which the file says nothing but its name, as ONNX Runtime takes it for an output. */
export function namedValue(name: string): ValueInfo {
  return { name, type: null, dims: null, encodedType: null, unknown: nothing }
}

export function makeGraph(parts: Partial<OnnxGraph>): OnnxGraph {
  const empty = { name: 'graph', nodes: [], inputs: [], outputs: [], initializers: new Map(), valueInfo: new Map(), unknown: nothing }
  return { ...empty, ...parts }
}

/**
 * An INT: as a number for sizes, axes and flags (beyond 2^53, the "to the end" of an old Slice, the nearest one), exact as a
 * bigint where `otherwise` is one.
 *
 * @returns `otherwise` where the attribute is missing.
 * @throws {TrtError} `TRT_ERR_MODEL`: of another type.
 */
export function intAttribute(node: OnnxNode, name: string, otherwise: number): number
export function intAttribute(node: OnnxNode, name: string, otherwise: bigint): bigint
export function intAttribute(node: OnnxNode, name: string): number | undefined
export function intAttribute(node: OnnxNode, name: string, otherwise?: number | bigint): number | bigint | undefined {
  const value = read(node, name, 'int')
  if (value === undefined) return otherwise
  return typeof otherwise === 'bigint' ? value : Number(value)
}

/** As `intAttribute`. */
export function intsAttribute(node: OnnxNode, name: string, otherwise: readonly number[]): readonly number[]
export function intsAttribute(node: OnnxNode, name: string, otherwise: readonly bigint[]): readonly bigint[]
export function intsAttribute(node: OnnxNode, name: string): readonly number[] | undefined
export function intsAttribute(
  node: OnnxNode,
  name: string,
  otherwise?: readonly number[] | readonly bigint[],
): readonly number[] | readonly bigint[] | undefined {
  const value = read(node, name, 'ints')
  if (value === undefined) return otherwise
  return typeof otherwise?.[0] === 'bigint' ? value : value.map(Number)
}

export function floatAttribute(node: OnnxNode, name: string, otherwise: number): number
export function floatAttribute(node: OnnxNode, name: string): number | undefined
export function floatAttribute(node: OnnxNode, name: string, otherwise?: number): number | undefined {
  return read(node, name, 'float') ?? otherwise
}

export function floatsAttribute(node: OnnxNode, name: string, otherwise: readonly number[]): readonly number[]
export function floatsAttribute(node: OnnxNode, name: string): readonly number[] | undefined
export function floatsAttribute(node: OnnxNode, name: string, otherwise?: readonly number[]): readonly number[] | undefined {
  return read(node, name, 'floats') ?? otherwise
}

/** A string attribute as text: what is not UTF-8 becomes U+FFFD. */
export function textAttribute(node: OnnxNode, name: string, otherwise: string): string
export function textAttribute(node: OnnxNode, name: string): string | undefined
export function textAttribute(node: OnnxNode, name: string, otherwise?: string): string | undefined {
  const bytes = read(node, name, 'string')
  return bytes === undefined ? otherwise : Buffer.from(bytes).toString('utf8')
}

export function tensorAttribute(node: OnnxNode, name: string): Weights | undefined {
  return read(node, name, 'tensor')
}

/** The graphs inside of a node: branches of If, the body of Loop or Scan. */
export function graphsOf(node: OnnxNode): OnnxGraph[] {
  const graphs: OnnxGraph[] = []
  for (const attribute of node.attributes.values()) {
    if (attribute.type === 'graph') graphs.push(attribute.value)
    else if (attribute.type === 'graphs') graphs.push(...attribute.value)
  }
  return graphs
}

/** A graph and all graphs inside of it, the outermost first. */
export function* allGraphs(graph: OnnxGraph): Generator<OnnxGraph> {
  yield graph
  for (const node of graph.nodes) for (const inner of graphsOf(node)) yield* allGraphs(inner)
}

/** How messages call a node. */
export function describeNode(node: OnnxNode): string {
  const operator = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`
  const name = node.name || node.outputs.find((output) => output !== '')
  return name === undefined ? operator : `${operator} ${JSON.stringify(name.slice(0, 120))}`
}

type ValueOf<T> = Extract<Attribute, { type: T }> extends { value: infer V } ? V : never

function read<T extends Exclude<Attribute['type'], 'other'>>(node: OnnxNode, name: string, type: T): ValueOf<T> | undefined {
  const attribute = node.attributes.get(name)
  if (attribute === undefined) return undefined
  if (attribute.type === type) return (attribute as unknown as { value: ValueOf<T> }).value
  const message = `Attribute "${name}" of ${describeNode(node)}: expected ${type}, received ${attribute.type}. The model breaks the rules of its operator: export it again.`
  throw new TrtError('TRT_ERR_MODEL', message, { node: node.name, attribute: name, expected: type, received: attribute.type })
}
