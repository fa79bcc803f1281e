import type { OnnxNode } from '../graph/types.js'
import { find, isOnnx, nodesOf, type Scope, type Value } from './scopes.js'

/**
 * The nodes between the difference and the quotient of a layer normalisation that is written out:
 * mean → x − mean → square → mean → + epsilon → root → quotient. The square overflows float16 from 256 on, epsilon is lost
 * in it, and TensorRT warns of both. The operator LayerNormalization computes them in float32 by itself.
 */
export function layerNormNodes(root: Scope): ReadonlySet<OnnxNode> {
  const producers = new Map<Value, OnnxNode>()
  for (const [node, scope] of nodesOf(root)) {
    for (const name of node.outputs) {
      const value = find(scope, name)
      if (value !== undefined) producers.set(value, node)
    }
  }
  const found = new Set<OnnxNode>()
  for (const [node, scope] of nodesOf(root)) {
    if (node.opType !== 'Sqrt' || !isOnnx(node)) continue
    for (const each of variance(node, (from, position) => producers.get(find(scope, from.inputs[position] ?? '')!))) found.add(each)
  }
  return found
}

type Above = (node: OnnxNode, position: number) => OnnxNode | undefined

/** From the root up to the square; empty: not the pattern. */
function variance(root: OnnxNode, above: Above): OnnxNode[] {
  const sum = above(root, 0)
  if (sum?.opType !== 'Add') return []
  const mean = [above(sum, 0), above(sum, 1)].find((node) => node?.opType === 'ReduceMean')
  const square = mean === undefined ? undefined : above(mean, 0)
  if (mean === undefined || square === undefined) return []
  const squares = square.opType === 'Pow' || (square.opType === 'Mul' && square.inputs[0] === square.inputs[1])
  const difference = squares ? above(square, 0) : undefined
  const centred = difference?.opType === 'Sub' && above(difference, 1)?.opType === 'ReduceMean'
  return centred ? [root, sum, mean, square] : []
}
