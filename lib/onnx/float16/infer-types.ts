import { type DataType, typeFromNumber } from '../../core/dtypes.js'
import type { OnnxNode } from '../graph/types.js'
import { operatorTypes, variableAt } from './operator-types.js'
import { find, isOnnx, nodesOf, type Scope, type Value } from './scopes.js'

/**
 * Gives the values of a model their types, as far as the schemas of ONNX's operators, the weights and the model's own
 * declarations tell. Also backwards: what goes into a Conv with float32 weights is float32, whoever made it.
 */
export function inferTypes(root: Scope, opset: number): void {
  // Each round but the last finds something new; backwards, a chain needs one for each node of unknown type in a row.
  for (let changed = true; changed; ) {
    changed = false
    for (const [node, scope] of nodesOf(root)) if (inferNode(node, scope, opset)) changed = true
  }
}

function inferNode(node: OnnxNode, scope: Scope, opset: number): boolean {
  const links = scope.bodies.has(node) ? bodyLinks(node, scope) : variableLinks(node, scope, opset)
  let changed = false
  for (const { values, type } of links) {
    const known = type ?? values.find((value) => value.type !== undefined)?.type
    if (known === undefined) continue
    for (const value of values) {
      if (value.type !== undefined) continue
      value.type = known
      changed = true
    }
  }
  return changed
}

/** Values of one type. */
interface Link {
  readonly values: readonly Value[]
  readonly type?: DataType | undefined
}

function variableLinks(node: OnnxNode, scope: Scope, opset: number): Link[] {
  const types = isOnnx(node) ? operatorTypes(node.opType, opset) : undefined
  if (types === undefined) return []
  const links = types.allowed.map((allowed) => ({ values: [] as Value[], type: allowed.size === 1 ? [...allowed][0] : undefined }))
  for (const side of ['inputs', 'outputs'] as const) {
    node[side].forEach((name, position) => {
      const variable = variableAt(types, side, position)
      const value = name === '' ? undefined : find(scope, name)
      if (variable === undefined || value === undefined || types.allowed[variable]!.size === 0) return
      links[variable]!.values.push(value)
    })
  }
  const own = outputType(node, scope)
  if (own !== undefined) {
    const output = find(scope, node.outputs[0] ?? '')
    if (output !== undefined) links.push({ values: [output], type: own })
  }
  return links
}

/** Operators whose first output has the type that an attribute says; else that of an input, else float32. */
export const typeAttributes: Readonly<Record<string, { attribute: string; input?: number }>> = {
  Cast: { attribute: 'to' },
  BitCast: { attribute: 'to' },
  EyeLike: { attribute: 'dtype', input: 0 },
  Bernoulli: { attribute: 'dtype', input: 0 },
  RandomNormalLike: { attribute: 'dtype', input: 0 },
  RandomUniformLike: { attribute: 'dtype', input: 0 },
  RandomNormal: { attribute: 'dtype' },
  RandomUniform: { attribute: 'dtype' },
  BlackmanWindow: { attribute: 'output_datatype' },
  HammingWindow: { attribute: 'output_datatype' },
  HannWindow: { attribute: 'output_datatype' },
  MelWeightMatrix: { attribute: 'output_datatype' },
  DequantizeLinear: { attribute: 'output_dtype', input: 1 },
  ConstantOfShape: { attribute: 'value' },
}

function outputType(node: OnnxNode, scope: Scope): DataType | undefined {
  if (node.opType === 'Constant') return constantType(node)
  if (!Object.hasOwn(typeAttributes, node.opType)) return undefined
  const { attribute, input } = typeAttributes[node.opType]!
  const given = node.attributes.get(attribute)
  if (given?.type === 'tensor') return given.value.type
  if (given?.type === 'int' && given.value !== 0n) return typeFromNumber(Number(given.value))
  return input === undefined ? 'float32' : find(scope, node.inputs[input] ?? '')?.type
}

function constantType(node: OnnxNode): DataType | undefined {
  const [attribute] = node.attributes.values()
  if (attribute?.type === 'tensor') return attribute.value.type
  if (attribute?.type === 'float' || attribute?.type === 'floats') return 'float32'
  return attribute?.type === 'int' || attribute?.type === 'ints' ? 'int64' : undefined
}

/** What goes into a body and comes out of it has the type that it has outside. */
function bodyLinks(node: OnnxNode, scope: Scope): Link[] {
  const links: Value[][] = []
  const join = (...values: (Value | undefined)[]) => links.push(values.filter((value) => value !== undefined))
  for (const body of scope.bodies.get(node)!.values()) {
    const inside = (name: string | undefined) => (name === undefined ? undefined : find(body, name))
    if (node.opType !== 'If') body.graph.inputs.forEach(({ name }, i) => join(inside(name), find(scope, node.inputs[i] ?? '')))
    const skipped = node.opType === 'Loop' ? 1 : 0
    node.outputs.forEach((name, i) => join(find(scope, name), inside(body.graph.outputs[i + skipped]?.name)))
  }
  return links.map((values) => ({ values }))
}
