import { GraphIndex } from '../graph/graph-index.js'
import type { OnnxGraph, OnnxNode } from '../graph/types.js'

const linear = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'BatchNormalization', 'Add'])
/** Become part of what is before them: their range alone says where codes end. */
const absorbed = new Set(['Relu', 'Clip'])

/**
 * The values of a graph whose ranges an int8 build may ask for: all of the inputs and of what nodes compute, but for those between a
 * layer and the Relu or Clip that alone reads them, where no codes ever are. Which of them are floats the graph does not tell.
 */
export function calibrationTensors(graph: OnnxGraph): string[] {
  const index = new GraphIndex(graph)
  const inputs = graph.inputs.map(({ name }) => name).filter((name) => !graph.initializers.has(name))
  const inner = graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== '' && !isBetween(node, name, index)))
  return [...inputs, ...inner.filter((name) => index.constant(name) === undefined)]
}

function isBetween(node: OnnxNode, name: string, index: GraphIndex): boolean {
  if (node.domain !== '' || !linear.has(node.opType) || index.isOutput(name)) return false
  const [reader, another] = index.consumers(name)
  return reader !== undefined && another === undefined && reader.domain === '' && absorbed.has(reader.opType) && reader.inputs[0] === name
}
