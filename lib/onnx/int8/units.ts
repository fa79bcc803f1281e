import type { GraphIndex } from '../graph/graph-index.js'
import { floatAttribute, textAttribute } from '../graph/nodes.js'
import type { OnnxGraph, OnnxNode } from '../graph/types.js'
import { codeRange, codeScale } from './scales.js'
import { type Layer, layersOf, type Refused } from './layers.js'
import type { Range } from '../calibration/types.js'

/**
 * What a node may become on uint8 codes.
 * layer: QLinearConv and the like; arithmetic: an operator that ONNX Runtime has for codes; hardSwish: by saturating addition;
 * tied: the same operator on the codes as they are, so that its output has the scale of its input; float: nothing.
 */
export type UnitKind = 'layer' | 'arithmetic' | 'hardSwish' | 'tied' | 'float'

/** A node, or a node and the activation after it that codes make superfluous: they saturate where it would clamp. */
export interface Unit {
  readonly key: string
  readonly node: OnnxNode
  readonly kind: UnitKind
  readonly layer: Layer | null
  readonly activation: OnnxNode | null
  /** Tensors that it takes as codes if it computes in int8. */
  readonly inputs: readonly string[]
  /** All that it takes, by its nodes' names. */
  readonly uses: readonly string[]
  /** What other units see of it: of the activation where there is one. */
  readonly output: string
}

export interface Units {
  readonly units: readonly Unit[]
  readonly refused: readonly Refused[]
}

const arithmetic: ReadonlySet<string> = new Set(['Add', 'Mul', 'Concat', 'LeakyRelu', 'AveragePool', 'GlobalAveragePool'])
const tied: ReadonlySet<string> = new Set(['MaxPool', 'Resize', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten', 'Slice'])

export type Ranges = ReadonlyMap<string, Range>

/** Splits a cleaned graph into units, in its order. @param ranges Calibrated, by tensor; without one a tensor has no codes. */
export function unitsOf(graph: OnnxGraph, index: GraphIndex, ranges: Ranges): Units {
  const { layers, refused } = layersOf(graph, index)
  const byNode = new Map(layers.map((layer) => [layer.node, layer]))
  const absorbed = new Set<OnnxNode>()
  const unready: Refused[] = []
  const units: Unit[] = []
  for (const node of graph.nodes) {
    if (absorbed.has(node) || node.opType === 'Constant') continue
    const layer = byNode.get(node) ?? null
    const unit = unitOf(node, layer, { index, ranges })
    if (unit.activation !== null) absorbed.add(unit.activation)
    if (layer !== null && unit.kind !== 'layer') unready.push({ key: layer.key, node, reason: 'its input or output was not calibrated' })
    units.push(unit)
  }
  return { units, refused: [...refused, ...unready] }
}

interface Known {
  readonly index: GraphIndex
  readonly ranges: Ranges
}

function unitOf(node: OnnxNode, layer: Layer | null, known: Known): Unit {
  const kind = layer === null ? kindOf(node, known.index) : 'layer'
  const key = node.outputs[0] ?? ''
  const activation = kind === 'layer' || kind === 'arithmetic' || kind === 'hardSwish' ? activationOf(key, known) : null
  const output = activation?.outputs[0] ?? key
  const inputs = layer === null ? dataInputs(node, kind, known.index) : [layer.input]
  const outside = [...known.index.usesOf(node)].filter((name) => known.index.constant(name) === undefined)
  const calibrated = [...inputs, output].every((name) => known.ranges.has(name))
  const unit = { key, node, layer, activation, inputs, uses: outside, output }
  return calibrated ? { ...unit, kind } : { ...unit, kind: 'float', activation: null, output: key }
}

function kindOf(node: OnnxNode, index: GraphIndex): UnitKind {
  if (node.domain !== '' || node.outputs.length !== 1) return 'float'
  if (node.opType === 'HardSwish') return 'hardSwish'
  if (arithmetic.has(node.opType)) return arithmeticKind(node, index)
  if (tied.has(node.opType) && isTied(node)) return 'tied'
  return 'float'
}

function arithmeticKind(node: OnnxNode, index: GraphIndex): UnitKind {
  const constants = node.inputs.filter((name) => index.constant(name) !== undefined)
  if (constants.length === node.inputs.length) return 'float'
  if (constants.length === 0) return 'arithmetic'
  // A stored operand becomes codes too: one scale for all of it.
  const small = (node.opType === 'Add' || node.opType === 'Mul') && constants.every((name) => index.constant(name)?.type === 'float32')
  return small ? 'arithmetic' : 'float'
}

function isTied(node: OnnxNode): boolean {
  if (node.opType !== 'Resize') return true
  const mode = textAttribute(node, 'mode', 'nearest')
  // Cubic interpolation leaves the range of its input; codes would wrap.
  return (mode === 'nearest' || mode === 'linear') && textAttribute(node, 'coordinate_transformation_mode', '') !== 'tf_crop_and_resize'
}

function dataInputs(node: OnnxNode, kind: UnitKind, index: GraphIndex): readonly string[] {
  if (kind === 'arithmetic') return node.inputs.filter((name) => index.constant(name) === undefined)
  return node.inputs.slice(0, 1)
}

/** The only user of a value, if it is a clamp whose bounds the codes of its output keep by themselves. */
function activationOf(value: string, { index, ranges }: Known): OnnxNode | null {
  const [next, ...others] = index.consumers(value)
  if (next === undefined || others.length > 0 || index.isOutput(value)) return null
  const bounds = clampOf(next, value, index)
  const range = ranges.get(next.outputs[0] as string)
  if (bounds === null || range === undefined) return null
  const scale = codeScale(range)
  const kept = codeRange(scale)
  // Half a code is what rounding moves an end by anyway.
  const inside = kept.low >= bounds.low - scale.scale / 2 && kept.high <= bounds.high + scale.scale / 2
  return inside ? next : null
}

/** The bounds of a Relu, Clip or Max with a stored number; null for anything else. */
export function clampOf(node: OnnxNode, value: string, index: GraphIndex): Range | null {
  if (node.domain !== '') return null
  if (node.opType === 'Relu') return { low: 0, high: Infinity }
  const stored = (name: string | undefined): number | undefined => {
    const weights = name === undefined || name === '' ? undefined : index.constant(name)
    return weights?.type === 'float32' && weights.size === 1 ? weights.floats()[0] : undefined
  }
  if (node.opType === 'Max' && node.inputs.length === 2) {
    const low = stored(node.inputs.find((name) => name !== value))
    return low === undefined ? null : { low, high: Infinity }
  }
  if (node.opType !== 'Clip' || node.inputs[0] !== value) return null
  const low = node.inputs[1] ? stored(node.inputs[1]) : floatAttribute(node, 'min', -Infinity)
  const high = node.inputs[2] ? stored(node.inputs[2]) : floatAttribute(node, 'max', Infinity)
  return low === undefined || high === undefined ? null : { low, high }
}
