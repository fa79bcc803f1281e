import { intsAttribute } from '../../graph/nodes.js'
import type { Rule, Rules } from './context.js'

/** From then on `axes` is the second input. An empty list and none mean the same before and after: all axes. */
const axesToInput: Rule = (node, scope) => {
  const axes = intsAttribute(node, 'axes', [0n])
  const isGiven = node.attributes.delete('axes') && axes.length > 0
  if (isGiven) node.inputs = [node.inputs[0] ?? '', scope.integers(axes, 'axes')]
}

const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'] as const

export const axesRules: Rules = {
  Squeeze: { 13: axesToInput },
  Unsqueeze: { 13: axesToInput },
  ReduceSum: { 13: axesToInput },
  ...Object.fromEntries(reductions.map((name) => [`Reduce${name}`, { 18: axesToInput }])),
}
