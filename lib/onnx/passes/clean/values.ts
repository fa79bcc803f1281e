import { intAttribute } from '../../graph/nodes.js'
import type { OnnxNode } from '../../graph/types.js'
import type { Scope } from './scope.js'

/** The one element of a float32 constant; undefined: not constant, of another type, or of several elements. */
export function scalar(scope: Scope, name: string): number | undefined {
  const weights = scope.constant(name)
  return weights?.type === 'float32' && weights.size === 1 ? weights.floats()[0] : undefined
}

/** A number of a graph went through float32, and sometimes through a division, before it came here. */
export const isNear = (value: number | undefined, wanted: number): boolean =>
  value !== undefined && Math.abs(value - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted))

/** Whether it is one of ONNX's own operators of these names. */
export const is = (node: OnnxNode | undefined, ...opTypes: readonly string[]): node is OnnxNode & { readonly domain: '' } =>
  node !== undefined && node.domain === '' && opTypes.includes(node.opType)

/** The input of a binary node that is not `name`; undefined where it reads `name` twice or never. */
export function otherInput(node: OnnxNode, name: string): string | undefined {
  const [a, b] = node.inputs
  if (a === b) return undefined
  return a === name ? b : b === name ? a : undefined
}

/** The constant number at one side of a binary node and the value at the other, which it must not give more dimensions. */
export function withScalar(scope: Scope, node: OnnxNode): { value: string; number: number; constantFirst: boolean } | undefined {
  const [a, b] = node.inputs as [string, string]
  const [first, second] = [scalar(scope, a), scalar(scope, b)]
  if (second !== undefined && first === undefined && keepsRank(scope, b, a)) return { value: a, number: second, constantFirst: false }
  if (first !== undefined && second === undefined && keepsRank(scope, a, b)) return { value: b, number: first, constantFirst: true }
  return undefined
}

function keepsRank(scope: Scope, constant: string, value: string): boolean {
  const dims = scope.constant(constant)!.dims.length
  return dims === 0 || dims <= (rankOf(scope, value) ?? 0)
}

const sameRank = new Set(
  'Relu Clip Sigmoid HardSigmoid HardSwish LeakyRelu PRelu Tanh Elu Erf Gelu Softmax Softplus MaxPool AveragePool GlobalAveragePool BatchNormalization LayerNormalization Resize Identity Dropout Transpose Concat Slice Pad'.split(
    ' ',
  ),
)
const binary = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow'])

/** How many dimensions a value has as far as the nodes before it tell, or that it has at least; null: unknown. */
export function rankOf(scope: Scope, name: string, kind: 'exact' | 'atLeast' = 'atLeast'): number | null {
  return new Ranks(scope, kind).of(name, 64)
}

/** Remembers what it has asked: residual branches meet again and again. */
class Ranks {
  readonly #known = new Map<string, number | null>()

  constructor(
    readonly scope: Scope,
    readonly kind: 'exact' | 'atLeast',
  ) {}

  of(name: string, depth: number): number | null {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    this.#known.set(name, null)
    const rank =
      this.scope.constant(name)?.dims.length ?? this.scope.declaredDims(name)?.length ?? this.#derive(this.scope.producer(name), depth)
    this.#known.set(name, rank)
    return rank
  }

  #derive(node: OnnxNode | undefined, depth: number): number | null {
    if (node === undefined || node.domain !== '' || depth === 0) return null
    const of = (at: number) => this.of(node.inputs[at]!, depth - 1)
    if (is(node, 'Conv', 'ConvTranspose')) return of(1) ?? of(0)
    if (is(node, 'Gemm', 'Flatten')) return 2
    if (sameRank.has(node.opType) || (is(node, 'ReduceMean') && intAttribute(node, 'keepdims', 1) === 1)) return of(0)
    if (!binary.has(node.opType)) return null
    const ranks = [of(0), of(1)]
    if (this.kind === 'exact' && ranks.includes(null)) return null
    return ranks[0] === null && ranks[1] === null ? null : Math.max(...ranks.map((rank) => rank ?? 0))
  }
}
