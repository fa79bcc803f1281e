import type { OnnxNode } from '../graph/types.js'
import { takenNames } from '../graph/scopes.js'
import type { Verdict } from './classify.js'
import type { LowType } from './convert-weights.js'
import { find, nodesOf, type Scope, scopesOf, type Value } from './scopes.js'

export type Precision = 'low' | 'high'

/** How a value is made, under which name in which precision it is had, and whether that takes a Cast. */
export interface Naming {
  /** What its producer gives; null: an initializer, which is had in both without a Cast. */
  readonly made: Precision | null
  /** Null: nobody asks for it. */
  readonly low: string | null
  readonly high: string | null
}

export interface NamingOptions {
  readonly type: LowType
  /** Whether inputs and outputs of the model stay float32. */
  readonly keepIOTypes: boolean
  readonly verdicts: ReadonlyMap<OnnxNode, Verdict>
}

interface Wants {
  made: Precision | null
  low: boolean
  high: boolean
  /** As an output of its graph, where the name is fixed. */
  output: Precision | null
}

/** A name for each float32 value in each precision that somebody asks for. */
export function nameValues(root: Scope, options: NamingOptions): Map<Value, Naming> {
  const taken = takenNames(root.graph)
  const fresh = (base: string) => {
    let name = base
    for (let i = 1; taken.has(name); i++) name = `${base}_${i}`
    taken.add(name)
    return name
  }
  const namings = new Map<Value, Naming>()
  for (const [value, wants] of collectWants(root, options)) namings.set(value, naming(value, wants, options.type, fresh))
  return namings
}

function collectWants(root: Scope, { verdicts, keepIOTypes }: NamingOptions): Map<Value, Wants> {
  const all = new Map<Value, Wants>()
  const wantsOf = (scope: Scope, name: string): Wants | undefined => {
    const value = name === '' ? undefined : find(scope, name)
    if (value?.type !== 'float32') return undefined
    let wants = all.get(value)
    if (wants === undefined) all.set(value, (wants = { made: madeBefore(value, root, keepIOTypes), low: false, high: false, output: null }))
    return wants
  }
  for (const scope of scopesOf(root)) {
    for (const { name } of scope.graph.inputs) wantsOf(scope, name)
    for (const { name } of scope.graph.outputs) {
      const wants = wantsOf(scope, name)
      if (wants === undefined) continue
      if (!scope.values.has(name)) wants.high = true
      else wants.output = scope === root && !keepIOTypes ? 'low' : 'high'
    }
  }
  for (const [node, scope] of nodesOf(root)) {
    const slots = verdicts.get(node)?.slots
    node.inputs.forEach((name, i) => {
      const wants = wantsOf(scope, name)
      if (wants !== undefined) wants[slots?.inputs[i] ? 'low' : 'high'] = true
    })
    node.outputs.forEach((name, i) => {
      const wants = wantsOf(scope, name)
      if (wants !== undefined) wants.made = slots?.outputs[i] ? 'low' : 'high'
    })
  }
  return all
}

function madeBefore({ origin, scope }: Value, root: Scope, keepIOTypes: boolean): Precision | null {
  if (origin === 'initializer') return null
  return origin === 'input' && scope === root && !keepIOTypes ? 'low' : 'high'
}

function naming({ name }: Value, { made, low, high, output }: Wants, type: LowType, fresh: (base: string) => string): Naming {
  const other = (precision: Precision) => fresh(`${name}_${precision === 'low' ? type : 'float32'}`)
  const asked = { low: low || made === 'low' || output === 'low', high: high || made === 'high' || output === 'high' }
  // The name belongs to the output where there is one, else to what is made; weights keep it for what they were.
  const owner: Precision = output ?? made ?? (high ? 'high' : 'low')
  const named = (precision: Precision) => (!asked[precision] ? null : precision === owner ? name : other(precision))
  return { made, low: named('low'), high: named('high') }
}
