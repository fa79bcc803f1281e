import { type DataType, typeFromNumber } from '../../../core/dtypes.js'
import { allGraphs, intAttribute } from '../../graph/nodes.js'
import type { OnnxGraph } from '../../graph/types.js'
import type { LiftScope } from './context.js'

const maxSteps = 2000

/** Operators whose first result has another type than their first input. */
// biome-ignore format: a table
const changing = new Set([
  'Cast', 'CastLike', 'Shape', 'Size', 'ArgMax', 'ArgMin', 'Equal', 'Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual', 'IsNaN', 'IsInf', 'NonZero',
  'QuantizeLinear', 'DequantizeLinear', 'ConstantOfShape', 'Constant', 'EyeLike', 'RandomNormal', 'RandomUniform', 'RandomNormalLike',
  'RandomUniformLike', 'Multinomial', 'Where', 'OneHot', 'If', 'Loop', 'Scan', 'NonMaxSuppression', 'ConvInteger', 'MatMulInteger',
])

/** The element type of a value that is known to be a float; undefined: nothing tells. */
export function typeOf(name: string, scope: LiftScope): DataType | undefined {
  const found = follow(name, scope)
  if (found !== undefined) return found
  let root = scope
  while (root.outer !== null) root = root.outer
  return hasOtherFloats(root.graph) ? undefined : 'float32'
}

function follow(from: string, scope: LiftScope): DataType | undefined {
  let name = from
  for (let steps = 0; steps < maxSteps; steps++) {
    const { graph, index } = scope
    const known = scope.said(name)?.type ?? graph.initializers.get(name)?.type ?? index.constant(name)?.type
    if (known !== undefined && known !== null) return known
    const node = index.producer(name)
    if (node === undefined) return index.isInput(name) || scope.outer === null ? undefined : follow(name, scope.outer)
    if (node.opType === 'Cast') return typeFromNumber(intAttribute(node, 'to', 1))
    if (node.domain !== '' || changing.has(node.opType) || node.outputs[0] !== name) return undefined
    name = node.inputs[0] ?? ''
  }
  return undefined
}

/** Whether any value may be a float of another size: then nothing is taken for float32 without being told. */
function hasOtherFloats(root: OnnxGraph): boolean {
  const isOther = (type: DataType | null | undefined) => type === 'float16' || type === 'float64' || type === 'bfloat16'
  for (const graph of allGraphs(root)) {
    const values = [...graph.inputs, ...graph.outputs, ...graph.valueInfo.values(), ...graph.initializers.values()]
    if (values.some(({ type }) => isOther(type))) return true
    for (const node of graph.nodes) {
      if (node.opType === 'Cast' && isOther(typeFromNumber(intAttribute(node, 'to', 1)))) return true
      for (const attribute of node.attributes.values()) if (attribute.type === 'tensor' && isOther(attribute.value.type)) return true
    }
  }
  return false
}
