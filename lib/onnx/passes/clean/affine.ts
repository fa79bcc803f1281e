import { floatAttribute, intAttribute } from '../../graph/nodes.js'
import type { OnnxNode } from '../../graph/types.js'
import { Weights } from '../../graph/weights.js'
import { at, channelAxis, channelsOf, type Layer, layerOf, type PerChannel, scaleWeights, setBias } from './layers.js'
import type { Rule } from './patterns.js'
import type { Scope } from './scope.js'
import { is } from './values.js'

/** y = scale · x + shift, each for a channel or for all. */
interface Affine {
  readonly x: string
  readonly scale: PerChannel
  readonly shift: PerChannel
}

interface Channels {
  readonly axis: 1 | -1
  readonly count: number
  readonly rank: number | null
}

/** Mul, Add, BatchNormalization and the like behind a layer go into its weights and bias. */
export const affineIntoLayer: Rule = (scope, node) => {
  if (!is(node, 'Mul', 'Div', 'Add', 'Sub', 'BatchNormalization')) return null
  for (const input of node.inputs.slice(0, 2)) {
    const producer = scope.producer(input)
    if (producer === undefined || producer.outputs[0] !== input || scope.soleReader(input) !== node) continue
    const layer = layerOf(scope, producer)
    const affine = layer && affineOf(scope, node, { axis: channelAxis(layer), count: layer.outputs, rank: layer.rank })
    if (layer === null || affine?.x !== input) continue
    if (!isZero(affine.shift) && layer.bias === undefined) return null
    absorbOutput(scope, layer, affine)
    scope.takeOver(producer, node)
    return is(node, 'BatchNormalization') ? 'batch-norm-into-layer' : 'affine-into-layer'
  }
  return null
}

function absorbOutput(scope: Scope, layer: Layer, { scale, shift }: Affine): void {
  scaleWeights(scope, layer, 'outputOf', scale)
  if (layer.bias !== undefined)
    setBias(
      scope,
      layer,
      layer.bias.map((value, channel) => value * at(scale, channel) + at(shift, channel)),
    )
}

/** The same in front of layers goes into those, where all that read it are layers, and an offset meets no padding. */
export const affineIntoNext: Rule = (scope, node) => {
  if (!is(node, 'Mul', 'Div', 'Add', 'Sub', 'BatchNormalization') || scope.isOutput(node.outputs[0]!)) return null
  const found = readersOf(scope, node)
  if (found === null) return null
  const { layers, affine } = found
  const absorbs = ({ unpadded, bias }: Layer) => unpadded && bias !== undefined
  if (!isZero(affine.shift) && !layers.every(absorbs)) return null
  for (const layer of layers) absorbInput(scope, layer, affine)
  return scope.bypass(node, affine.x) ? 'affine-into-next-layer' : null
}

interface Readers {
  readonly layers: readonly Layer[]
  readonly affine: Affine
}

/** The layers that read what the node makes, at their first input and nowhere else; null where others do, too. */
function readersOf(scope: Scope, node: OnnxNode): Readers | null {
  const [output] = node.outputs as [string]
  const layers: Layer[] = []
  for (const reader of scope.readers(output)) {
    const layer = reader.inputs.indexOf(output) === 0 && reader.inputs.lastIndexOf(output) === 0 ? layerOf(scope, reader) : null
    if (layer === null) return null
    layers.push(layer)
  }
  const [first] = layers
  if (first === undefined) return null
  const axis = channelAxis(first)
  const channels = { axis, count: first.inputs, rank: first.rank }
  if (layers.some((layer) => channelAxis(layer) !== axis || layer.inputs !== first.inputs || layer.rank !== first.rank)) return null
  const affine = affineOf(scope, node, channels)
  if (affine === null) return null
  // A vector may also be what gives the value its channels.
  const several = affine.scale.length > 1 || affine.shift.length > 1
  return several && !is(node, 'BatchNormalization') && channelsOf(scope, affine.x, axis) !== channels.count ? null : { layers, affine }
}

function absorbInput(scope: Scope, layer: Layer, { scale, shift }: Affine): void {
  if (!isZero(shift)) {
    const bias = Float64Array.from(layer.bias!)
    const values = layer.weights.floats()
    for (let i = 0; i < values.length; i++) bias[layer.outputOf(i)]! += values[i]! * at(shift, layer.inputOf(i))
    setBias(scope, layer, bias)
  }
  scaleWeights(scope, layer, 'inputOf', scale)
}

/**
 * s · x + t in front of layers that cannot take the offset: written as s · (x + t / s), so that they can take the scale. What
 * rounding costs is relative to the same sums as before.
 */
export const offsetFirst: Rule = (scope, add) => {
  if (!is(add, 'Add') || scope.isOutput(add.outputs[0]!)) return null
  const found = readersOf(scope, add)
  const mul = found && scope.producer(found.affine.x)
  if (found === null || !is(mul ?? undefined, 'Mul') || scope.soleReader(found.affine.x) !== add) return null
  const { rank, inputs } = found.layers[0]!
  const scaling = affineOf(scope, mul!, { axis: channelAxis(found.layers[0]!), count: inputs, rank })
  const { shift } = found.affine
  if (scaling === null || shift.length !== 1 || scaling.scale.length !== 1) return null
  const offset = at(shift, 0) / at(scaling.scale, 0)
  if (!Number.isFinite(Math.fround(offset)) || Math.abs(at(scaling.scale, 0)) < 1e-30) return null
  for (const layer of found.layers) scaleWeights(scope, layer, 'inputOf', scaling.scale)
  const name = scope.store(`${add.outputs[0]}.offset`, (fresh) => Weights.of(fresh, 'float32', [1], Float32Array.of(offset)))
  scope.changed(add.outputs[0]!)
  scope.become(add, 'Add', [scaling.x, name])
  scope.remove(mul!)
  return 'affine-into-next-layer'
}

function affineOf(scope: Scope, node: OnnxNode, channels: Channels): Affine | null {
  if (is(node, 'BatchNormalization')) return batchNorm(scope, node, channels)
  const [a, b] = node.inputs as [string, string]
  const constantFirst = scope.constant(a) !== undefined
  const values = perChannel(scope, constantFirst ? a : b, channels)
  if (values === null || (constantFirst && scope.constant(b) !== undefined)) return null
  const x = constantFirst ? b : a
  const map = (change: (value: number) => number) => Float64Array.from(values, change)
  const [none, one] = [[0], [1]]
  if (is(node, 'Mul')) return { x, scale: values, shift: none }
  if (is(node, 'Add')) return { x, scale: one, shift: values }
  if (is(node, 'Sub')) return constantFirst ? { x, scale: [-1], shift: values } : { x, scale: one, shift: map((value) => -value) }
  const inverse = map((value) => 1 / value)
  return constantFirst || !inverse.every(Number.isFinite) ? null : { x, scale: inverse, shift: none }
}

function batchNorm(scope: Scope, node: OnnxNode, { axis, count }: Channels): Affine | null {
  const training = intAttribute(node, 'training_mode', 0) !== 0 || node.outputs.slice(1).some((name) => name !== '')
  const constants = node.inputs.slice(1, 5).map((name) => scope.constant(name))
  if (training || axis !== 1 || constants.length !== 4) return null
  const vectors = constants.map((weights) => (weights?.type === 'float32' && weights.size === count ? weights.floats() : null))
  if (vectors.includes(null)) return null
  const [gamma, beta, mean, variance] = vectors as [Float32Array, Float32Array, Float32Array, Float32Array]
  const epsilon = floatAttribute(node, 'epsilon', 1e-5)
  const scale = Float64Array.from(gamma, (value, i) => value / Math.sqrt(variance[i]! + epsilon))
  const shift = scale.map((value, i) => beta[i]! - value * mean[i]!)
  return [...scale, ...shift].every(Number.isFinite) ? { x: node.inputs[0]!, scale, shift } : null
}

/** A constant that broadcasts along channels alone and gives the value no more dimensions, nor more channels. */
function perChannel(scope: Scope, name: string, { axis, count, rank }: Channels): PerChannel | null {
  const weights = scope.constant(name)
  if (weights?.type !== 'float32' || weights.size === 0) return null
  const { dims } = weights
  // A matrix product of unknown rank has one dimension at least.
  if (dims.length > (rank ?? 1)) return null
  const channel = axis === -1 ? dims.length - 1 : dims.length - rank! + 1
  if (!dims.every((dim, i) => dim === 1 || (i === channel && dim === count))) return null
  const values = weights.floats()
  return values.every(Number.isFinite) ? values : null
}

const isZero = (values: PerChannel): boolean => Array.prototype.every.call(values, (value) => value === 0)
