import { cloneModel } from '../graph/clone.js'
import type { OnnxModel } from '../graph/types.js'
import { Weights } from '../graph/weights.js'
import type { Layer } from './layers.js'
import type { RoundedLayer } from './round-layers.js'

/**
 * A model whose int8 layers have the mean output that they would have in float. Only they: a layer that stays float has nothing
 * to correct. A MatMul has no bias and stays as it is.
 *
 * @param int8 Keys of layers.
 */
export function correctBiases(
  model: OnnxModel,
  layers: readonly Layer[],
  rounded: ReadonlyMap<string, RoundedLayer>,
  int8: ReadonlySet<string>,
): OnnxModel {
  const copy = cloneModel(model)
  const nodes = new Map(copy.graph.nodes.map((node) => [node.outputs[0], node]))
  const taken = new Set(copy.graph.initializers.keys())
  for (const layer of layers) {
    const correction = rounded.get(layer.key)?.correction
    const node = nodes.get(layer.key)
    if (!int8.has(layer.key) || correction === undefined || node === undefined || node.opType === 'MatMul') continue
    const before = layer.bias?.floats()
    let name = `${layer.key}_corrected_bias`
    while (taken.has(name)) name += '_'
    taken.add(name)
    const values = correction.map((value, c) => value + (before?.[c] ?? 0))
    copy.graph.initializers.set(name, Weights.of(name, 'float32', [values.length], values))
    node.inputs[2] = name
  }
  return copy
}
