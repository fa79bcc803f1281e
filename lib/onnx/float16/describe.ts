import type { OnnxNode } from '../graph/types.js'
import type { LayerReport } from '../report/types.js'
import type { Verdict } from './classify.js'
import { limitsOf, type LowType, type Magnitudes } from './convert-weights.js'
import { find, labelOf, type Scope, type Value } from './scopes.js'

/** What an autocast did: parts of a PrecisionReport. */
export interface AutocastReport {
  /** Nodes by the type that they compute in: those with any float16 in or out count as float16, and so on. */
  readonly operators: Readonly<Record<'float32' | 'float16' | 'bfloat16' | 'int8' | 'other', number>>
  /** Share of the nodes with float32 that compute in 16 bits now, 0 … 1; 1 where there are none. */
  readonly converted: number
  /** Nodes that stay float32, each with the reason, in the order of the graph. */
  readonly layers: readonly LayerReport[]
  readonly notes: readonly string[]
}

export interface Facts {
  readonly nodes: readonly (readonly [OnnxNode, Scope])[]
  readonly verdicts: ReadonlyMap<OnnxNode, Verdict>
  /** Filled while the model is rewritten. */
  readonly converted: ReadonlySet<Value>
  readonly magnitudes: (value: Value) => Magnitudes
  readonly type: LowType
}

/** Looks at the graph as it is now; the answer is asked for when it has been rewritten. */
export function describeAutocast({ nodes, verdicts, converted, magnitudes, type }: Facts): () => AutocastReport {
  const operators = { float32: 0, float16: 0, bfloat16: 0, int8: 0, other: 0 }
  const layers: LayerReport[] = []
  for (const [node, scope] of nodes) {
    const verdict = verdicts.get(node)
    if (verdict === undefined) {
      operators[otherType(node, scope)]++
      continue
    }
    operators[verdict.slots === null ? 'float32' : type]++
    if (verdict.slots === null) {
      layers.push({ node: labelOf(node), opType: node.opType, type: 'float32', error: null, reason: verdict.reason })
    }
  }
  const low = [...verdicts.values()].filter(({ slots }) => slots !== null).length
  const share = verdicts.size === 0 ? 1 : low / verdicts.size
  // By the names that the nodes have now.
  const before = [...nothingToDo(verdicts), ...nanNotes(nodes, magnitudes)]
  return () => ({ operators, converted: share, layers, notes: [...before, ...conversionNotes(converted, magnitudes, type)] })
}

const types = ['float16', 'bfloat16', 'int8'] as const

/** Of a node without float32. */
function otherType(node: OnnxNode, scope: Scope): (typeof types)[number] | 'other' {
  const found = new Set([...node.inputs, ...node.outputs].map((name) => (name === '' ? undefined : find(scope, name)?.type)))
  return types.find((type) => found.has(type)) ?? 'other'
}

function nothingToDo(verdicts: Facts['verdicts']): string[] {
  return verdicts.size === 0 ? ['The model has no float32 tensors that a node computes with: it is left as it was.'] : []
}

function conversionNotes(converted: ReadonlySet<Value>, magnitudes: Facts['magnitudes'], type: LowType): string[] {
  const { max: largest, tiny } = limitsOf[type]
  const notes: string[] = []
  let raised = 0
  for (const value of converted) {
    const { max, min } = magnitudes(value)
    if (max > largest)
      notes.push(`Weights ${JSON.stringify(value.name)}: values up to ${max.toPrecision(3)} became ${largest}, the largest of ${type}.`)
    if (min !== 0 && min <= tiny / 2) raised++
  }
  if (raised > 0)
    notes.push(
      `Values that would be zero in ${type} became ${tiny.toPrecision(3)}, its smallest, with their sign: in ${raised} tensors of weights.`,
    )
  return notes
}

const mostNamed = 5

function nanNotes(nodes: Facts['nodes'], magnitudes: Facts['magnitudes']): string[] {
  const names = new Set<string>()
  for (const [node, scope] of nodes) {
    for (const name of node.inputs) {
      const value = name === '' ? undefined : find(scope, name)
      if (value?.origin === 'initializer' && value.type === 'float32' && magnitudes(value).nan) names.add(name)
    }
  }
  if (names.size === 0) return []
  const list = [...names].slice(0, mostNamed).map((name) => JSON.stringify(name))
  const more = names.size > mostNamed ? ` and ${names.size - mostNamed} more` : ''
  return [`Weights ${list.join(', ')}${more} hold NaN: what they reach is NaN, in any precision.`]
}
