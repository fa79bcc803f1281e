import type { DataType } from '../../core/dtypes.js'
import type { OnnxNode } from '../graph/types.js'
import { find, isOnnx, nodesOf, type Scope, type Value } from './scopes.js'

/** Their values need not fit the 11 bits of a float16's significand. */
const wide: ReadonlySet<DataType> = new Set(['int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'])

/** What arithmetic with sizes and positions is made of. A Conv or MatMul of an integer picture computes with floats. */
const arithmetic: ReadonlySet<string> = new Set(
  `Add Sub Mul Div Mod Pow Neg Abs Floor Ceil Round Sqrt Max Min Clip Where ReduceProd ReduceSum ReduceMax ReduceMin CumSum
  Cast Identity Concat Slice Gather Squeeze Unsqueeze Reshape Expand Transpose Split`.split(/\s+/),
)

/**
 * Floats that come from integers alone: sizes on their way through a division, positions, counts. In 16 bits they would be
 * rounded from 2048 on, and a shape that is made of them would be a wrong one.
 */
export function integerValues(root: Scope): ReadonlySet<Value> {
  const found = new Set<Value>()
  for (const [node, scope] of nodesOf(root)) {
    if (!isOnnx(node) || !arithmetic.has(node.opType) || !fromIntegers(node, scope, found)) continue
    for (const name of node.outputs) {
      const value = name === '' ? undefined : find(scope, name)
      if (value?.type === 'float32') found.add(value)
    }
  }
  return found
}

function fromIntegers(node: OnnxNode, scope: Scope, found: ReadonlySet<Value>): boolean {
  const inputs = node.inputs.flatMap((name) => (name === '' ? [] : (find(scope, name) ?? [])))
  const made = inputs.filter(({ origin }) => origin !== 'initializer')
  const integer = ({ type }: Value) => type !== undefined && wide.has(type)
  if (node.opType === 'Cast') return made.length === 1 && (integer(made[0]!) || found.has(made[0]!))
  return made.some((value) => found.has(value)) && made.every((value) => found.has(value) || integer(value))
}
