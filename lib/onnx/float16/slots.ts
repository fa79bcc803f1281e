import type { OnnxNode } from '../graph/types.js'
import { typeAttributes } from './infer-types.js'
import { operatorTypes, variableAt } from './operator-types.js'
import { find, isOnnx, type Scope } from './scopes.js'
import type { LowType } from './convert-weights.js'

/** Which parameters of a node can be of the lower type, by position. */
export interface Slots {
  readonly inputs: readonly boolean[]
  readonly outputs: readonly boolean[]
}

/** Inputs that stay float32 although ONNX allows 16 bits. */
const pinned: Readonly<Record<string, readonly number[]>> = {
  // roi: TensorRT wants it as it wants the scales, which ONNX has in float32 alone.
  Resize: [1],
  // Indices and a count, which 16 bits cannot tell apart beyond 2048.
  OneHot: [0, 1],
}

/** Operators whose types say more than the variables of their schemas. */
const opaque: ReadonlySet<string> = new Set(['BitCast', 'Optional', 'OptionalGetElement', 'OptionalHasElement'])

/**
 * Operators that ONNX allows in 16 bits and TensorRT does not (RTX 1.7): its parser refuses Celu in either type, HardSwish and
 * Mish in bfloat16, and its compiler finds no types for a ConvTranspose in bfloat16.
 */
const refused: Readonly<Record<LowType, ReadonlySet<string>>> = {
  float16: new Set(['Celu']),
  bfloat16: new Set(['Celu', 'ConvTranspose', 'HardSwish', 'Mish']),
}

/** Whether it is TensorRT, not ONNX, that keeps an operator in float32. */
export const refusedByTensorRt = (opType: string, type: LowType) => refused[type].has(opType)

/** Null: the node has no float32 that could be of the lower type. */
export function slotsOf(node: OnnxNode, scope: Scope, opset: number, type: LowType): Slots | null {
  const possible = isOnnx(node) && !opaque.has(node.opType) && !refused[type].has(node.opType)
  const types = possible ? operatorTypes(node.opType, opset) : undefined
  if (types === undefined || scope.bodies.has(node) || types.allowed.some(({ size }) => size === 0)) return null
  const low = new Set<number>()
  const fits = (name: string, variable: number | undefined): variable is number =>
    variable !== undefined && types.allowed[variable]!.has(type) && name !== '' && find(scope, name)?.type === 'float32'
  const inputs = node.inputs.map((name, position) => {
    const variable = variableAt(types, 'inputs', position)
    if (!fits(name, variable) || pinned[node.opType]?.includes(position)) return false
    low.add(variable)
    return true
  })
  const outputs = node.outputs.map((name, position) => {
    const variable = variableAt(types, 'outputs', position)
    if (!fits(name, variable)) return false
    // A type that no input gives is fixed by the operator, or follows from an attribute that can be changed.
    return low.has(variable) || (position === 0 && Object.hasOwn(typeAttributes, node.opType))
  })
  return inputs.includes(true) || outputs.includes(true) ? { inputs, outputs } : null
}

/** Whether a node computes with float32 at all: what the share of converted operators is counted over. */
export function touchesFloat(node: OnnxNode, scope: Scope): boolean {
  if (scope.bodies.has(node) || node.opType === 'Constant') return false
  return [...node.inputs, ...node.outputs].some((name) => name !== '' && find(scope, name)?.type === 'float32')
}
