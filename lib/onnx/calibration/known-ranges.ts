import { floatAttribute } from '../graph/nodes.js'
import { GraphIndex } from '../graph/graph-index.js'
import type { OnnxGraph, OnnxNode } from '../graph/types.js'
import type { CalibrationTable, Range } from './types.js'

/** Ranges that follow from the operator alone: more was never worth a code, less would cut off what may come. */
export function knownRanges(graph: OnnxGraph): Map<string, Range> {
  const ranges = new Map<string, Range>()
  for (const { opType, domain, outputs } of graph.nodes) {
    if (opType === 'Softmax' && domain === '' && outputs[0] !== undefined) ranges.set(outputs[0], { low: 0, high: 1 })
  }
  return ranges
}

/** A table of ranges around zero alone, TensorRT's, for uint8 too: tensors that cannot be negative get the whole range for what they can be. */
export function sharpen(table: CalibrationTable, graph: OnnxGraph): CalibrationTable {
  const index = new GraphIndex(graph)
  const tensors = new Map(table.tensors)
  for (const node of graph.nodes) {
    const name = node.outputs[0] ?? ''
    const tensor = tensors.get(name)
    if (tensor === undefined || !isNeverNegative(node, index)) continue
    tensors.set(name, { ...tensor, min: Math.max(0, tensor.min), asymmetric: { low: 0, high: tensor.asymmetric.high } })
  }
  return { ...table, tensors }
}

const neverNegative = new Set(['Relu', 'Sigmoid', 'HardSigmoid', 'Softmax', 'Abs', 'Exp', 'Sqrt'])

function isNeverNegative(node: OnnxNode, index: GraphIndex): boolean {
  if (node.domain !== '') return false
  if (neverNegative.has(node.opType)) return true
  if (node.opType !== 'Clip') return false
  const low = node.inputs[1]
  const bound = low === undefined || low === '' ? floatAttribute(node, 'min') : index.constant(low)?.floats()[0]
  return bound !== undefined && bound >= 0
}
