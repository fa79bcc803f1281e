import { tableOf } from '../calibration/metadata.js'
import { cloneModel } from '../graph/clone.js'
import { GraphEditor } from '../graph/edit.js'
import { intAttribute } from '../graph/nodes.js'
import type { OnnxModel, OnnxNode } from '../graph/types.js'
import { Weights } from '../graph/weights.js'
import { lowerForCpu } from './lower-cpu.js'
import { readPlan } from './plan-metadata.js'
import { valuesOf } from './rounding.js'
import type { Int8Weights } from './types.js'

/**
 * The portable form of `quantize()` as ONNX Runtime's CPU kernels want it, from the ranges and plans in its metadata: no data is
 * needed, weights keep the codes that they were rounded to.
 *
 * @returns Null: the model carries no such metadata; it is somebody else's, or not quantised.
 * @throws {TrtError} `TRT_ERR_FILE`: the metadata is damaged. `TRT_ERR_INVALID_ARGUMENT`: it is of another graph.
 */
export function lowerPortable(model: OnnxModel): OnnxModel | null {
  const table = tableOf(model)
  const plan = readPlan(model)
  if (table === null || plan === null) return null
  const copy = cloneModel(model)
  const weights = restoreFloat(copy)
  return lowerForCpu(copy, table, { ...plan, weights })
}

/** Takes Q/DQ pairs out and puts float weights in. @returns The codes that there were, by layer. */
function restoreFloat({ graph }: OnnxModel): Map<string, Int8Weights> {
  const editor = new GraphEditor(graph)
  const codes = new Map<string, Int8Weights>()
  for (const node of graph.nodes.slice()) {
    if (node.opType !== 'DequantizeLinear' || node.domain !== '') continue
    const [input = '', scaleName = ''] = node.inputs
    const output = node.outputs[0] as string
    const quantise = editor.index.producer(input)
    if (quantise?.opType === 'QuantizeLinear') {
      editor.replaceUses(output, quantise.inputs[0] as string)
      editor.remove(node)
      continue
    }
    const [stored, scales] = [editor.index.constant(input), editor.index.constant(scaleName)]
    if (stored?.type !== 'int8' || scales === undefined) continue
    const restored = codesOf(node, stored, scales)
    for (const layer of editor.index.consumers(output)) codes.set(layer.outputs[0] as string, restored)
    editor.remove(node)
    graph.initializers.set(output, Weights.of(output, 'float32', stored.dims, valuesOf(restored, stored.dims)))
  }
  editor.removeDead()
  return codes
}

function codesOf(node: OnnxNode, stored: Weights, scales: Weights): Int8Weights {
  const axis = Number(intAttribute(node, 'axis', 1n))
  const bytes = stored.bytes()
  const codes = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { codes, scales: Float32Array.from(scales.floats()), axis: axis < 0 ? axis + stored.dims.length : axis }
}
