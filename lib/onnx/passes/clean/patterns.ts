import { floatAttribute, intAttribute, intsAttribute, type NodeOptions, textAttribute } from '../../graph/nodes.js'
import type { OnnxNode } from '../../graph/types.js'
import type { Scope } from './scope.js'
import { is, isNear, otherInput, rankOf, scalar, withScalar } from './values.js'

/** A rule looks at one node. @returns What it has folded; null: nothing. */
export type Rule = (scope: Scope, node: OnnxNode) => string | null

/** x · clip(x + 3, 0, 6) / 6 in any order, and x · hardSigmoid(x) of slope 1/6 → HardSwish. */
export const hardSwish: Rule = (scope, node) => {
  if (scope.opset < 14) return null
  const gate = is(node, 'Clip') ? clipGate(scope, node) : is(node, 'HardSigmoid') ? sigmoidGate(node) : null
  if (gate === null) return null
  const chain = [...gate.before, node]
  let value = node.outputs[0]!
  let divided = !gate.by6
  let multiplied = false
  for (let step = 0; step < 2 && !(divided && multiplied); step++) {
    const reader = scope.soleReader(value)
    if (reader === undefined) return null
    if (!multiplied && is(reader, 'Mul') && otherInput(reader, value) === gate.x) multiplied = true
    else if (!divided && dividesBy6(scope, reader, value)) divided = true
    else return null
    chain.push(reader)
    value = reader.outputs[0]!
  }
  if (!divided || !multiplied) return null
  merge(scope, chain, { opType: 'HardSwish', inputs: [gate.x] })
  return 'hard-swish'
}

interface Gate {
  readonly x: string
  readonly before: readonly OnnxNode[]
  /** Still to be divided by 6. */
  readonly by6: boolean
}

function clipGate(scope: Scope, clip: OnnxNode): Gate | null {
  const [value, low, high] = clip.inputs
  if (low === undefined || high === undefined || scalar(scope, low) !== 0 || scalar(scope, high) !== 6) return null
  const add = scope.producer(value!)
  if (!is(add, 'Add') || scope.soleReader(value!) !== clip) return null
  const sum = withScalar(scope, add)
  return sum?.number === 3 ? { x: sum.value, before: [add], by6: true } : null
}

function sigmoidGate(node: OnnxNode): Gate | null {
  const sloped = isNear(floatAttribute(node, 'alpha', 0.2), 1 / 6) && floatAttribute(node, 'beta', 0.5) === 0.5
  return sloped ? { x: node.inputs[0]!, before: [], by6: false } : null
}

function dividesBy6(scope: Scope, node: OnnxNode, value: string): boolean {
  if (!is(node, 'Div', 'Mul')) return false
  const found = withScalar(scope, node)
  if (found?.value !== value) return false
  return is(node, 'Div') ? !found.constantFirst && found.number === 6 : isNear(found.number, 1 / 6)
}

/** x · (1 + erf(x / √2)) / 2 in any order → Gelu. */
export const gelu: Rule = (scope, erf) => {
  if (scope.opset < 20 || !is(erf, 'Erf')) return null
  const scaled = scope.producer(erf.inputs[0]!)
  const x = scaled && scope.soleReader(erf.inputs[0]!) === erf ? dividedByRoot2(scope, scaled) : undefined
  const plus = scope.soleReader(erf.outputs[0]!)
  if (x === undefined || !is(plus, 'Add') || withScalar(scope, plus)?.number !== 1) return null
  const chain = [scaled!, erf, plus]
  const todo = new Set<'x' | 'half'>(['x', 'half'])
  let value = plus.outputs[0]!
  while (todo.size > 0) {
    const reader = scope.soleReader(value)
    const factor = reader && factorOf(scope, reader, value, x)
    if (reader === undefined || factor === undefined || !factor.parts.every((part) => todo.delete(part))) return null
    chain.push(...factor.nodes, reader)
    value = reader.outputs[0]!
  }
  merge(scope, chain, { opType: 'Gelu', inputs: [x] })
  return 'gelu'
}

function dividedByRoot2(scope: Scope, node: OnnxNode): string | undefined {
  const found = is(node, 'Div', 'Mul') ? withScalar(scope, node) : undefined
  if (found === undefined || (is(node, 'Div') && found.constantFirst)) return undefined
  return isNear(found.number, is(node, 'Div') ? Math.SQRT2 : Math.SQRT1_2) ? found.value : undefined
}

type Factor = { readonly parts: readonly ('x' | 'half')[]; readonly nodes: readonly OnnxNode[] }

/** What `value` is multiplied with: x, one half, or x / 2. */
function factorOf(scope: Scope, node: OnnxNode, value: string, x: string): Factor | undefined {
  if (halves(scope, node) === value) return { parts: ['half'], nodes: [] }
  const other = is(node, 'Mul') ? otherInput(node, value) : undefined
  if (other === undefined) return undefined
  if (other === x) return { parts: ['x'], nodes: [] }
  const half = scope.producer(other)
  const ours = half !== undefined && scope.soleReader(other) === node && halves(scope, half) === x
  return ours ? { parts: ['x', 'half'], nodes: [half] } : undefined
}

function halves(scope: Scope, node: OnnxNode): string | undefined {
  const found = is(node, 'Mul', 'Div') ? withScalar(scope, node) : undefined
  if (found === undefined || found.number !== (is(node, 'Mul') ? 0.5 : 2)) return undefined
  return is(node, 'Div') && found.constantFirst ? undefined : found.value
}

/** (x − mean) / √(variance + ε) · γ + β over the last dimension → LayerNormalization. */
export const layerNorm: Rule = (scope, div) => {
  if (scope.opset < 17 || !is(div, 'Div')) return null
  const found = normalised(scope, div)
  const mul = scope.soleReader(div.outputs[0]!)
  if (found === null || !is(mul, 'Mul')) return null
  const gamma = otherInput(mul, div.outputs[0]!)!
  if (!isVector(scope, gamma)) return null
  const inputs = [found.x, gamma]
  const chain = [...found.chain, div, mul]
  const add = scope.soleReader(mul.outputs[0]!)
  const beta = is(add, 'Add') ? otherInput(add, mul.outputs[0]!) : undefined
  if (beta !== undefined && isVector(scope, beta) && scope.constant(beta)!.size === scope.constant(gamma)!.size) {
    chain.push(add!)
    inputs.push(beta)
  }
  merge(scope, chain, { opType: 'LayerNormalization', inputs, attributes: { axis: -1n, epsilon: found.epsilon } })
  return 'layer-norm'
}

const isVector = (scope: Scope, name: string): boolean => {
  const weights = scope.constant(name)
  return weights?.type === 'float32' && weights.dims.length === 1 && weights.size > 1
}

interface Normalised {
  readonly x: string
  readonly epsilon: number
  readonly chain: readonly OnnxNode[]
}

function normalised(scope: Scope, div: OnnxNode): Normalised | null {
  const [centred, deviation] = div.inputs as [string, string]
  const sub = scope.producer(centred)
  const sqrt = scope.producer(deviation)
  if (!is(sub, 'Sub') || !is(sqrt, 'Sqrt') || scope.soleReader(deviation) !== div) return null
  const add = scope.producer(sqrt.inputs[0]!)
  const sum = is(add, 'Add') && scope.soleReader(add.outputs[0]!) === sqrt ? withScalar(scope, add) : undefined
  const variance = sum && scope.producer(sum.value)
  if (!isMean(scope, variance) || scope.soleReader(sum!.value) !== add) return null
  const square = scope.producer(variance.inputs[0]!)
  if (square === undefined || scope.soleReader(variance.inputs[0]!) !== variance || !squares(scope, square, centred)) return null
  const [x, average] = sub.inputs as [string, string]
  const mean = scope.producer(average)
  const readers = new Set(scope.readers(centred))
  const inside = readers.size === 2 && readers.has(div) && readers.has(square) && !scope.isOutput(centred)
  if (!inside || !isMean(scope, mean) || mean.inputs[0] !== x || scope.soleReader(average) !== sub) return null
  return { x, epsilon: sum!.number, chain: [mean, sub, square, variance, add!, sqrt] }
}

function squares(scope: Scope, node: OnnxNode, value: string): boolean {
  const [a, b] = node.inputs
  if (a !== value) return false
  return is(node, 'Mul') ? b === value : is(node, 'Pow') && scalar(scope, b!) === 2 && scope.constant(b!)!.dims.length <= 1
}

/** ReduceMean over the last dimension, which it keeps. */
function isMean(scope: Scope, node: OnnxNode | undefined): node is OnnxNode {
  if (!is(node, 'ReduceMean') || intAttribute(node, 'keepdims', 1) !== 1) return false
  const axes = intsAttribute(node, 'axes') ?? (node.inputs[1] ? scope.constant(node.inputs[1])?.integers().map(Number) : undefined)
  if (axes?.length !== 1) return false
  const rank = rankOf(scope, node.inputs[0]!, 'exact')
  return axes[0] === -1 || (rank !== null && axes[0] === rank - 1)
}

/** Values that pass unchanged: Identity, Dropout at inference, · 1, + 0. */
export const neutral: Rule = (scope, node) => {
  if (is(node, 'Identity')) return scope.bypass(node, node.inputs[0]!) ? 'identity' : null
  if (is(node, 'Dropout')) return isDropout(scope, node) && scope.bypass(node, node.inputs[0]!) ? 'dropout' : null
  if (!is(node, 'Mul', 'Div', 'Add', 'Sub')) return null
  const found = withScalar(scope, node)
  const same = is(node, 'Mul', 'Div') ? 1 : 0
  const commutes = is(node, 'Mul', 'Add')
  if (found === undefined || found.number !== same || (found.constantFirst && !commutes)) return null
  return scope.bypass(node, found.value) ? 'neutral' : null
}

function isDropout(scope: Scope, node: OnnxNode): boolean {
  const [, mask] = node.outputs
  const unused = mask === undefined || mask === '' || (scope.readers(mask).length === 0 && !scope.isOutput(mask))
  const training = node.inputs[2]
  const off = training === undefined || training === '' || scope.constant(training)?.integers()[0] === 0n
  return unused && off && textAttribute(node, 'mode') === undefined
}

/** The nodes of a chain become one, in the place of the last. */
function merge(scope: Scope, chain: readonly OnnxNode[], { opType, inputs, attributes }: Replacement): void {
  const end = chain.at(-1)!
  for (const node of chain) if (node !== end) scope.remove(node)
  scope.become(end, opType, inputs, attributes)
}

interface Replacement {
  readonly opType: string
  readonly inputs: readonly string[]
  readonly attributes?: NodeOptions['attributes']
}
