import type { OnnxNode } from '../graph/types.js'
import { depthOf } from './depth.js'
import { integerValues } from './integer-values.js'
import { layerNormNodes } from './layer-norm.js'
import { limitsOf, type LowType, type Magnitudes } from './convert-weights.js'
import type { NameFilter } from './name-filter.js'
import { find, isOnnx, nodesOf, type Scope, type Value } from './scopes.js'
import { refusedByTensorRt, type Slots, slotsOf, touchesFloat } from './slots.js'

export interface Rules {
  readonly type: LowType
  readonly opset: number
  readonly exclude: NameFilter
  readonly include: NameFilter
  readonly ranges: ReadonlyMap<string, { readonly min: number; readonly max: number }>
  readonly maxRange: number
  readonly maxDepth: number
  readonly shapes: ReadonlyMap<string, readonly number[]>
  readonly magnitudes: (value: Value) => Magnitudes
}

/** Null slots: the node stays float32, for that reason. */
export interface Verdict {
  readonly slots: Slots | null
  readonly reason: string | null
}

/** What becomes of each node that computes with float32, in graph order, bodies before the node that has them. */
export function classify(root: Scope, rules: Rules): Map<OnnxNode, Verdict> {
  const verdicts = new Map<OnnxNode, Verdict>()
  const patterns = layerNormNodes(root)
  const integers = integerValues(root)
  for (const [node, scope] of nodesOf(root)) {
    if (!touchesFloat(node, scope)) continue
    const slots = slotsOf(node, scope, rules.opset, rules.type)
    const reason = slots === null ? notPossible(node, rules) : notWanted({ node, scope, slots }, rules, { patterns, integers })
    verdicts.set(node, { slots: reason === null ? slots : null, reason })
  }
  return verdicts
}

function notPossible(node: OnnxNode, { type, opset }: Rules): string {
  if (!isOnnx(node)) return `an operator of ${node.domain}: left alone`
  if (refusedByTensorRt(node.opType, type)) return `TensorRT takes no ${node.opType} in ${type}`
  return `${node.opType} takes no ${type} (operator set ${opset})`
}

interface Candidate {
  readonly node: OnnxNode
  readonly scope: Scope
  readonly slots: Slots
}

interface Found {
  readonly patterns: ReadonlySet<OnnxNode>
  readonly integers: ReadonlySet<Value>
}

function notWanted(candidate: Candidate, rules: Rules, { patterns, integers }: Found): string | null {
  const { node, scope, slots } = candidate
  if (rules.exclude(node)) return 'excluded'
  if (rules.include(node)) return null
  const touched = [...values(scope, node.inputs, slots.inputs), ...values(scope, node.outputs, slots.outputs)]
  if (touched.some((value) => integers.has(value))) return 'computes with integers, which 16 bits cannot tell apart beyond 2048'
  if (patterns.has(node)) return 'inside of a layer normalisation: squares and their mean'
  return weightReason(node, touched, rules) ?? rangeReason(touched, rules) ?? depthReason(candidate, rules)
}

function values(scope: Scope, names: readonly string[], low: readonly boolean[]): Value[] {
  return names.flatMap((name, position) => (low[position] ? (find(scope, name) ?? []) : []))
}

const short = (value: number) => Number(value.toPrecision(3)).toString()

function weightReason({ opType }: OnnxNode, touched: readonly Value[], { type, magnitudes }: Rules): string | null {
  const { max: largest, tiny } = limitsOf[type]
  for (const value of touched) {
    if (value.weights === undefined || value.origin !== 'initializer') continue
    const { max } = magnitudes(value)
    if (max > largest) return `weights up to ${short(max)}, beyond ${type}'s ${short(largest)}`
    // Fewer than seven bits would be left of the largest of them. What is added is lost beside anything larger in float32 as well,
    // but for the one number that keeps a divisor from zero.
    const added = (opType === 'Add' || opType === 'Sub') && value.weights.size > 1
    if (max !== 0 && max < tiny * 128 && !added) return `weights of at most ${short(max)}, too small for ${type}`
  }
  return null
}

function rangeReason(touched: readonly Value[], { ranges, maxRange }: Rules): string | null {
  for (const { name, scope } of touched) {
    const range = scope.parent === undefined ? ranges.get(name) : undefined
    if (range === undefined) continue
    const most = Math.max(Math.abs(range.min), Math.abs(range.max))
    // Not `most > maxRange`: a NaN is no reason to trust 16 bits.
    if (!(most <= maxRange)) return `values up to ${short(most)} on reference data, beyond ${short(maxRange)}`
  }
  return null
}

function depthReason({ node, scope }: Candidate, { maxDepth, shapes }: Rules): string | null {
  const depth = depthOf(node, scope, shapes)
  return depth > maxDepth ? `sums of ${depth} terms, more than ${maxDepth}` : null
}
