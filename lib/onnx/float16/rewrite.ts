import { numberOfType } from '../../core/dtypes.js'
import { makeAttribute, makeNode } from '../graph/nodes.js'
import type { OnnxGraph, OnnxNode, ValueInfo } from '../graph/types.js'
import { Weights } from '../graph/weights.js'
import type { Verdict } from './classify.js'
import { convertWeights, type LowType, type Magnitudes } from './convert-weights.js'
import { typeAttributes } from './infer-types.js'
import type { Naming, Precision } from './naming.js'
import { find, type Scope, type Value } from './scopes.js'

export interface Rewriting {
  readonly type: LowType
  readonly verdicts: ReadonlyMap<OnnxNode, Verdict>
  readonly namings: ReadonlyMap<Value, Naming>
  readonly magnitudes: (value: Value) => Magnitudes
  readonly weightsConverted: (value: Value) => void
}

/** Carries the decisions out, in place: names, types that attributes say, weights, and a Cast wherever a value changes. */
export function rewrite(scope: Scope, rewriting: Rewriting): void {
  // While `find` still knows the names as they were.
  for (const bodies of scope.bodies.values()) for (const body of bodies.values()) rewrite(body, rewriting)
  const { graph } = scope
  const nodes: OnnxNode[] = graph.inputs.flatMap(({ name }) => casts(scope.values.get(name), rewriting))
  for (const node of graph.nodes) {
    const made = node.outputs.flatMap((name) => (name === '' ? [] : (find(scope, name) ?? [])))
    rewriteNode(node, scope, rewriting)
    nodes.push(node, ...made.flatMap((value) => casts(value, rewriting)))
  }
  graph.nodes = nodes
  rewriteWeights(scope, rewriting)
  rewriteInfos(graph, scope, rewriting)
}

function rewriteNode(node: OnnxNode, scope: Scope, { type, verdicts, namings }: Rewriting): void {
  const slots = verdicts.get(node)?.slots
  const renamed = (name: string, precision: Precision) => {
    const value = name === '' ? undefined : find(scope, name)
    return (value === undefined ? undefined : namings.get(value)?.[precision]) ?? name
  }
  if (slots?.outputs[0] && Object.hasOwn(typeAttributes, node.opType)) setTypeAttribute(node, type)
  node.inputs = node.inputs.map((name, i) => renamed(name, slots?.inputs[i] ? 'low' : 'high'))
  node.outputs = node.outputs.map((name, i) => renamed(name, slots?.outputs[i] ? 'low' : 'high'))
}

function setTypeAttribute(node: OnnxNode, type: LowType): void {
  const { attribute, input } = typeAttributes[node.opType]!
  const given = node.attributes.get(attribute)
  // Without it, the output follows the input.
  if (given === undefined && input !== undefined) return
  if (node.opType !== 'ConstantOfShape') {
    node.attributes.set(attribute, makeAttribute(BigInt(numberOfType(type))))
    return
  }
  const value = given?.type === 'tensor' ? given.value : Weights.of('value', 'float32', [1], new Float32Array(1))
  node.attributes.set(attribute, makeAttribute(convertWeights(value, type, value.name)))
}

/** The Cast from how the value is made to the other precision, where that is asked for. */
function casts(value: Value | undefined, { type, namings }: Rewriting): OnnxNode[] {
  const naming = value === undefined ? undefined : namings.get(value)
  if (naming === undefined || naming.made === null || naming.low === null || naming.high === null) return []
  const down = naming.made === 'high'
  const [from, to] = down ? [naming.high, naming.low] : [naming.low, naming.high]
  const attributes = { to: BigInt(numberOfType(down ? type : 'float32')) }
  return [makeNode('Cast', [from], [to], { name: `${value!.name}_to_${down ? type : 'float32'}`, attributes })]
}

function rewriteWeights({ graph, values }: Scope, { type, namings, magnitudes, weightsConverted }: Rewriting): void {
  const rewritten: [string, Weights][] = []
  for (const [name, weights] of graph.initializers) {
    const value = values.get(name)
    const naming = value?.origin === 'initializer' ? namings.get(value) : undefined
    if (value === undefined || naming === undefined || naming.low === null) {
      rewritten.push([name, weights])
      continue
    }
    if (naming.high !== null) rewritten.push([naming.high, weights])
    rewritten.push([naming.low, convertWeights(weights, type, naming.low, magnitudes(value))])
    weightsConverted(value)
  }
  graph.initializers = new Map(rewritten)
}

/** What the file says of values in between follows the names and types. */
function rewriteInfos(graph: OnnxGraph, scope: Scope, { type, namings }: Rewriting): void {
  const infos: ValueInfo[] = []
  for (const info of graph.valueInfo.values()) {
    const value = scope.values.get(info.name)
    const naming = value === undefined ? undefined : namings.get(value)
    if (naming === undefined) infos.push(info)
    else if (naming.high !== null) infos.push({ ...info, name: naming.high })
    if (naming !== undefined && naming.low !== null) infos.push({ ...info, name: naming.low, type })
  }
  graph.valueInfo = new Map(infos.map((info) => [info.name, info]))
  for (const info of [...graph.inputs, ...graph.outputs]) {
    const value = find(scope, info.name)
    const naming = value === undefined ? undefined : namings.get(value)
    // A branch may give back a value of the graph around it as it is.
    if (value?.scope !== scope) info.name = naming?.high ?? info.name
    else if (naming?.low === info.name) info.type = type
  }
}
