import { TrtError } from '../../core/errors.js'
import type { CalibrationTable } from '../calibration/types.js'
import { cloneModel } from '../graph/clone.js'
import { GraphEditor } from '../graph/edit.js'
import { describeNode, makeNode } from '../graph/nodes.js'
import type { OnnxModel, OnnxNode } from '../graph/types.js'
import { Weights } from '../graph/weights.js'
import { type PlacedLayer, placedLayers } from './placed-layers.js'
import { residualInputs } from './residuals.js'
import { symmetricScales } from './symmetric-scales.js'
import type { Int8Plan, Int8Weights } from './types.js'

export interface PlaceOptions {
  /**
   * Also quantise the branch that goes past layers of a residual Add, where the sum goes on into int8: TensorRT then adds in the
   * layer's epilogue on codes. Default true.
   */
  readonly residuals?: boolean
}

/**
 * Puts Q/DQ into a cleaned graph where TensorRT 10, 11 and RTX want them, and nowhere else: int8 around zero with the zero point
 * written out, one pair for each tensor however many read it, in front of the planned layers; their weights as int8 codes with
 * a DequantizeLinear along the output channels; biases float; no scalar quantised; nothing between a layer and its activation.
 * What a Concat joins has one scale, and so have both sides of operators that only move values.
 *
 * Pure: the source is not changed, its weights are shared.
 *
 * @param model Opset 13 or later.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: an older opset, a planned layer that is not there or cannot be in int8, a tensor
 *   without a range.
 * @see reference/precision.md §2.6 (the rules, from NVIDIA's Model Optimizer), reference/rtx.md §3.3 (what the builder accepts).
 */
export function placeTensorRt(model: OnnxModel, table: CalibrationTable, plan: Int8Plan, options: PlaceOptions = {}): OnnxModel {
  requireOpset(model)
  const placed = cloneModel(model)
  const editor = new GraphEditor(placed.graph)
  const layers = plannedLayers(placed, plan.layers)
  const residuals =
    options.residuals === false ? [] : residualInputs(editor.index, layers).filter(({ tensor }) => table.tensors.has(tensor))
  const tensors = [...layers.map(({ input }) => input), ...residuals.map(({ tensor }) => tensor)]
  const scales = symmetricScales(placed.graph, table, new Set(tensors))
  const pairs = new Pairs(editor, scales)
  const residualOf = new Map(residuals.map(({ node, tensor }) => [node, tensor]))
  const byNode = new Map(layers.map((layer) => [layer.node, layer]))
  const nodes = [...placed.graph.nodes]
  for (const node of nodes) {
    const layer = byNode.get(node)
    const tensor = layer?.input ?? residualOf.get(node)
    if (tensor === undefined) continue
    const quantised = pairs.before(node, tensor)
    editor.update(node, () => (node.inputs = node.inputs.map((name) => (name === tensor ? quantised : name))))
    if (layer !== undefined) quantiseWeights(editor, layer, plan.weights.get(layer.key) ?? layer.round())
  }
  editor.removeDead()
  return placed
}

/** The tensors whose ranges a placement of these layers needs, and those it makes use of besides: residual branches. */
export function placementTensors(model: OnnxModel, layers: ReadonlySet<string>): { readonly needed: string[]; readonly useful: string[] } {
  const planned = plannedLayers(model, layers)
  const needed = new Set(planned.map(({ input }) => input))
  const residuals = residualInputs(new GraphEditor(model.graph).index, planned).map(({ tensor }) => tensor)
  return { needed: [...needed], useful: [...new Set(residuals)].filter((tensor) => !needed.has(tensor)) }
}

function requireOpset({ opsets }: OnnxModel): void {
  const opset = opsets.get('') ?? 1
  if (opset >= 13) return
  const message = `Scales for each channel need operator set 13; the model has ${opset}. Lift it first.`
  throw new TrtError('TRT_ERR_INVALID_ARGUMENT', message, { opset, least: 13 })
}

function plannedLayers(model: OnnxModel, wanted: ReadonlySet<string>): PlacedLayer[] {
  const { layers, refused } = placedLayers(model)
  const byKey = new Map(layers.map((layer) => [layer.key, layer]))
  for (const key of wanted) {
    if (byKey.has(key)) continue
    const reason = refused.get(key) ?? 'the model has no such layer'
    const message = `The plan wants ${JSON.stringify(key)} in int8, but ${reason}. Leave it out, or plan for the model that is given.`
    throw new TrtError('TRT_ERR_INVALID_ARGUMENT', message, { layer: key, reason })
  }
  return layers.filter(({ key }) => wanted.has(key))
}

/** One Q/DQ pair for each tensor, made where it is first needed. */
class Pairs {
  readonly #made = new Map<string, string>()
  #zero: string | null = null

  constructor(
    readonly editor: GraphEditor,
    readonly scales: ReadonlyMap<string, number>,
  ) {}

  /** @returns The name of what DequantizeLinear gives. */
  before(node: OnnxNode, tensor: string): string {
    const made = this.#made.get(tensor)
    if (made !== undefined) return made
    const scale = this.scales.get(tensor)
    if (scale === undefined) {
      const message = `${describeNode(node)} is to be in int8, but its input ${JSON.stringify(tensor)} has no calibrated range. Calibrate it too, or leave the layer out.`
      throw new TrtError('TRT_ERR_INVALID_ARGUMENT', message, { tensor, node: node.name })
    }
    const { editor } = this
    const name = (suffix: string) => editor.freshName(`${tensor}_${suffix}`)
    const scaleName = editor.setInitializer(Weights.of(name('scale'), 'float32', [], Float32Array.of(scale)))
    this.#zero ??= editor.setInitializer(Weights.of(editor.freshName('zero_int8'), 'int8', [], Int8Array.of(0)))
    const [codes, values] = [name('int8'), name('dequantized')]
    editor.insertBefore(
      node,
      makeNode('QuantizeLinear', [tensor, scaleName, this.#zero], [codes], { name: name('quantize') }),
      makeNode('DequantizeLinear', [codes, scaleName, this.#zero], [values], { name: name('dequantize') }),
    )
    this.#made.set(tensor, values)
    return values
  }
}

function quantiseWeights(editor: GraphEditor, { node, weights }: PlacedLayer, { codes, scales, axis }: Int8Weights): void {
  const base = node.inputs[1] as string
  const name = (suffix: string) => editor.freshName(`${base}_${suffix}`)
  const dims = scales.length === 1 ? [] : [scales.length]
  const inputs = [
    Weights.of(name('int8'), 'int8', weights.dims, codes),
    Weights.of(name('scale'), 'float32', dims, scales),
    Weights.of(name('zero'), 'int8', dims, new Int8Array(scales.length)),
  ].map((each) => editor.setInitializer(each))
  const values = name('dequantized')
  const attributes = scales.length === 1 ? {} : { axis: BigInt(axis) }
  editor.insertBefore(node, makeNode('DequantizeLinear', inputs, [values], { name: name('dequantize'), attributes }))
  editor.update(node, () => (node.inputs[1] = values))
}
