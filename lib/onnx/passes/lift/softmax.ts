import { intAttribute, makeAttribute, makeNode } from '../../graph/nodes.js'
import type { Rule, Rules } from './context.js'

/**
 * Before 13 all dimensions from `axis` on counted as one; since then `axis` alone is meant. The same for the last one; else
 * the tensor is flattened before and shaped back after.
 */
const softmax: Rule = (node, scope) => {
  const axis = intAttribute(node, 'axis', 1)
  const [x = ''] = node.inputs
  const [y = ''] = node.outputs
  const isLast = axis === -1 || scope.rank(x) === axis + 1
  node.attributes.set('axis', { type: 'int', value: -1n })
  if (isLast) return {}
  const [shape, flat, result] = ['shape', 'flat', 'result'].map((part) => scope.freshName(`${y}_${part}`)) as [string, string, string]
  const name = (value: string) => ({ name: scope.freshName(`${node.name || y}_${value}`) })
  node.inputs = [flat]
  node.outputs = [result]
  const flatten = makeNode('Flatten', [x], [flat], { ...name('Flatten'), attributes: { axis: BigInt(axis) } })
  const back = makeNode('Reshape', [result, shape], [y], name('Reshape'))
  // A dimension of size 0 stays one; known since 14, and the default would copy another.
  if (scope.task.to >= 14) back.attributes.set('allowzero', makeAttribute(1n))
  return { before: [makeNode('Shape', [x], [shape], name('Shape')), flatten], after: [back] }
}

export const softmaxRules: Rules = { Softmax: { 13: softmax }, LogSoftmax: { 13: softmax }, Hardmax: { 13: softmax } }
