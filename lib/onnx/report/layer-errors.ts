import { labelOf } from '../float16/scopes.js'
import type { OnnxModel } from '../graph/types.js'
import type { TensorComparison } from './compare-tensors.js'
import type { LayerReport } from './types.js'

/**
 * The layers of a report with the errors that a comparison of tensors found, worst first; those that were not measured at the end.
 *
 * @param model The first of the two that were compared.
 * @param known Layers with a reason to stay float32.
 */
export function layersWithErrors(model: OnnxModel, known: readonly LayerReport[], comparisons: readonly TensorComparison[]): LayerReport[] {
  const positions = new Map(model.graph.nodes.map((node, i) => [labelOf(node), i]))
  const byNode = new Map(known.map((layer) => [layer.node, layer]))
  const measured = new Map<string, LayerReport>()
  for (const { node, opType, types, error } of comparisons) {
    const { type, reason } = byNode.get(node) ?? { type: types[1], reason: null }
    const before = measured.get(node)
    // Of several outputs, the worst.
    if (before !== undefined && before.error! >= error) continue
    measured.set(node, { node, opType, position: positions.get(node) ?? 0, type, error, reason })
  }
  const rest = known.filter(({ node }) => !measured.has(node))
  return [...[...measured.values()].toSorted((a, b) => b.error! - a.error!), ...rest]
}
