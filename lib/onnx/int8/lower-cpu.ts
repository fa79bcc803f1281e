import type { CalibrationTable } from '../calibration/types.js'
import { cloneNode } from '../graph/clone.js'
import { GraphIndex } from '../graph/graph-index.js'
import { makeNode } from '../graph/nodes.js'
import type { OnnxGraph, OnnxModel, OnnxNode } from '../graph/types.js'
import { Weights } from '../graph/weights.js'
import { invalid } from '../../core/options.js'
import { CodeGraph } from './code-graph.js'
import type { Layer } from './layers.js'
import { biasCodes, roundToNearest, scaleFloors } from './rounding.js'
import { type CodeScale, codeScale } from './scales.js'
import type { CpuPlan, Int8Weights } from './types.js'
import { type Ranges, type Unit, unitsOf } from './units.js'

/** Ranges for uint8 with a zero point. */
export function asymmetricRanges({ tensors }: CalibrationTable): Ranges {
  return new Map([...tensors].map(([name, { asymmetric }]) => [name, asymmetric]))
}

/**
 * A cleaned graph as ONNX Runtime's CPU kernels want it: uint8 codes, Q/DQ around every planned layer so that it becomes one
 * integer kernel, activations left out where codes saturate anyway, hard-swish as a saturating addition and a multiplication.
 * Pure: the source is not changed, its weights are shared.
 *
 * @param model Opset 13 or later.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: the plan names a layer that the graph does not have, or that cannot be in int8.
 */
export function lowerForCpu(model: OnnxModel, table: CalibrationTable, plan: CpuPlan): OnnxModel {
  const { graph } = model
  const ranges = asymmetricRanges(table)
  const index = new GraphIndex(graph)
  const { units } = unitsOf(graph, index, ranges)
  checkPlan(units, plan)
  const initializers = new Map(graph.initializers)
  const codes = new CodeGraph(graph, initializers, (tensor) => codeScale(ranges.get(tensor) ?? { low: 0, high: 0 }))
  const lowering = { codes, ranges, plan, index }
  const outputs = new Set(graph.outputs.map(({ name }) => name))
  codes.nodes.push(...graph.nodes.filter(({ opType, domain }) => opType === 'Constant' && domain === '').map(cloneNode))
  for (const unit of units) lowerUnit(unit, lowering)
  for (const name of outputs) codes.float(name)
  return { ...model, opsets: new Map(model.opsets), metadata: new Map(model.metadata), graph: finished(graph, codes.nodes, initializers) }
}

interface Lowering {
  readonly codes: CodeGraph
  readonly ranges: Ranges
  readonly plan: CpuPlan
  readonly index: GraphIndex
}

function checkPlan(units: readonly Unit[], plan: CpuPlan): void {
  const able = new Set(units.flatMap(({ kind, key }) => (kind === 'layer' ? [key] : [])))
  const unable = [...plan.layers].find((key) => !able.has(key))
  if (unable === undefined) return
  throw invalid(
    `The int8 plan names the layer ${JSON.stringify(unable)}, which this graph does not have or which cannot be in int8: make the plan from this graph.`,
    { layer: unable },
  )
}

function lowerUnit(unit: Unit, lowering: Lowering): void {
  const { codes, plan } = lowering
  if (unit.kind === 'layer' && plan.layers.has(unit.key)) return lowerLayer(unit, unit.layer as Layer, lowering)
  if (!plan.elementwise.has(unit.key)) return keepFloat(unit, codes)
  if (unit.kind === 'arithmetic') return lowerArithmetic(unit, lowering)
  if (unit.kind === 'hardSwish') return lowerHardSwish(unit, lowering)
  if (unit.kind === 'tied') return lowerTied(unit, codes)
  return keepFloat(unit, codes)
}

function keepFloat(unit: Unit, codes: CodeGraph): void {
  for (const name of unit.uses) codes.float(name)
  for (const node of [unit.node, unit.activation]) {
    if (node === null) continue
    codes.nodes.push(cloneNode(node))
    for (const output of node.outputs) codes.hasFloat(output)
  }
}

function lowerLayer(unit: Unit, layer: Layer, lowering: Lowering): void {
  const { codes } = lowering
  const { scale } = codes.codes(layer.input)
  const inputs = [codes.dequantized(layer.input), ...storedOperands(layer, scale.scale, lowering)]
  // Integer matrix products may end in floats by themselves; without a stored bias in int32 they also add it there.
  if (layer.node.opType === 'MatMul') {
    codes.nodes.push({ ...cloneNode(layer.node), inputs, outputs: [unit.key] })
    codes.hasFloat(unit.key)
    if (unit.activation !== null) codes.nodes.push(cloneNode(unit.activation))
    return codes.hasFloat(unit.output)
  }
  quantized(unit, inputs, lowering)
}

/** The node on the dequantised inputs, and its output at once as codes. */
function quantized(unit: Unit, inputs: readonly string[], { codes, ranges }: Lowering): void {
  const value = codes.fresh(`${unit.output}_value`)
  codes.nodes.push({ ...cloneNode(unit.node), inputs: [...inputs], outputs: [value] })
  quantizeOutput(unit, value, { codes, ranges })
}

function quantizeOutput(unit: Unit, value: string, { codes, ranges }: Pick<Lowering, 'codes' | 'ranges'>): void {
  const scale = codeScale(ranges.get(unit.output) ?? { low: 0, high: 0 })
  codes.hasCodes(unit.output, codes.quantize(value, scale, `${unit.output}_codes`), scale)
}

function storedOperands(layer: Layer, inputScale: number, { codes, plan }: Lowering): readonly string[] {
  const bias = layer.bias?.floats() ?? null
  const weights = plan.weights.get(layer.key) ?? roundToNearest(layer, scaleFloors(layer, bias, inputScale))
  const operands = [storedWeights(layer, weights, codes)]
  if (bias === null) return operands
  const { codes: values, scales } = biasCodes(bias, inputScale, weights.scales)
  const name = (layer.bias as Weights).name
  const stored = codes.stored(`${name}_int32`, (fresh) => Weights.of(fresh, 'int32', [values.length], values))
  return [...operands, dequantizedStored(stored, { scales, axis: 0, zero: null }, codes)]
}

function storedWeights({ weights }: Layer, { codes: values, scales, axis }: Int8Weights, codes: CodeGraph): string {
  const stored = codes.stored(`${weights.name}_int8`, (fresh) => Weights.of(fresh, 'int8', weights.dims, values))
  return dequantizedStored(stored, { scales, axis, zero: 'int8' }, codes)
}

interface StoredScale {
  readonly scales: Float32Array
  readonly axis: number
  readonly zero: 'int8' | null
}

function dequantizedStored(stored: string, { scales, axis, zero }: StoredScale, codes: CodeGraph): string {
  const dims = scales.length === 1 ? [] : [scales.length]
  const scaleName = codes.stored(`${stored}_scale`, (fresh) => Weights.of(fresh, 'float32', dims, scales))
  const inputs = [stored, scaleName]
  if (zero !== null) inputs.push(codes.stored(`${stored}_zero`, (fresh) => Weights.of(fresh, 'int8', dims, new Int8Array(scales.length))))
  const output = codes.fresh(`${stored}_float`)
  codes.nodes.push(makeNode('DequantizeLinear', inputs, [output], { attributes: dims.length === 0 ? {} : { axis: BigInt(axis) } }))
  return output
}

function lowerArithmetic(unit: Unit, lowering: Lowering): void {
  const { codes, index } = lowering
  const inputs = unit.node.inputs.map((name) => {
    if (unit.inputs.includes(name)) return codes.dequantized(name)
    return storedCodes(index.constant(name) as Weights, codes)
  })
  quantized(unit, inputs, lowering)
}

/** A stored operand as codes of one scale: the ends of its range are exact. */
function storedCodes(weights: Weights, codes: CodeGraph): string {
  const values = weights.floats()
  let [low, high] = [0, 0]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const scale = codeScale({ low, high })
  const stored = Uint8Array.from(values, (value) => Math.max(0, Math.min(255, Math.round(value / scale.scale) + scale.zero)))
  return codes.dequantize(
    codes.stored(`${weights.name}_codes`, (fresh) => Weights.of(fresh, 'uint8', weights.dims, stored)),
    scale,
  )
}

/** One sixth of the codes from 0 to 6 is the codes from 0 to 1: the same bytes, read with another scale. */
const clampScale: CodeScale = { scale: Math.fround(6 / 255), zero: 0 }
const gateScale: CodeScale = { scale: Math.fround(1 / 255), zero: 0 }
const threeScale: CodeScale = { scale: Math.fround(3 / 255), zero: 0 }

/** x · clip(x + 3, 0, 6) / 6: the codes of the sum saturate at 0 and 6 by themselves. */
function lowerHardSwish(unit: Unit, lowering: Lowering): void {
  const { codes } = lowering
  const input = unit.inputs[0] as string
  const three = codes.stored('int8_three', (fresh) => Weights.of(fresh, 'uint8', [], Uint8Array.of(255)))
  const sum = codes.fresh(`${unit.key}_sum`)
  codes.nodes.push(makeNode('Add', [codes.dequantized(input), codes.dequantize(three, threeScale)], [sum]))
  const gate = codes.dequantize(codes.quantize(sum, clampScale, `${unit.key}_gate`), gateScale)
  const value = codes.fresh(`${unit.output}_value`)
  codes.nodes.push(makeNode('Mul', [codes.dequantized(input), gate], [value]))
  quantizeOutput(unit, value, lowering)
}

function lowerTied(unit: Unit, codes: CodeGraph): void {
  const { name, scale } = codes.codes(unit.inputs[0] as string)
  const output = codes.fresh(`${unit.output}_codes`)
  const [, ...others] = unit.node.inputs
  codes.nodes.push({ ...cloneNode(unit.node), inputs: [name, ...others], outputs: [output] })
  codes.hasCodes(unit.output, output, scale)
}

function finished(graph: OnnxGraph, nodes: OnnxNode[], initializers: Map<string, Weights>): OnnxGraph {
  const index = new GraphIndex({ ...graph, nodes })
  const stays = (name: string) => index.isUsed(name) || index.isInput(name)
  return { ...graph, nodes, initializers: new Map([...initializers].filter(([name]) => stays(name))), valueInfo: new Map() }
}
