import { typeFromNumber } from '../../core/dtypes.js'
import { GraphEditor } from '../graph/edit.js'
import { intAttribute } from '../graph/nodes.js'
import type { OnnxGraph, OnnxModel, OnnxNode } from '../graph/types.js'
import type { LowType } from './convert-weights.js'
import { inferTypes } from './infer-types.js'
import { opsetOf } from '../passes/lift.js'
import { openScope, type Scope, scopesOf } from './scopes.js'

/** Removes Casts that change nothing: to the type a value has, and up to float32 and back down to where it came from. In place. */
export function cleanCasts(model: OnnxModel, type: LowType): void {
  const root = openScope(model.graph)
  inferTypes(root, opsetOf(model))
  for (const scope of scopesOf(root)) cleanGraph(scope, model.graph, type)
}

function cleanGraph({ graph, values }: Scope, root: OnnxGraph, type: LowType): void {
  const editor = new GraphEditor(graph, root)
  const typeOf = (name: string) => values.get(name)?.type
  for (const node of graph.nodes.filter(isCast)) {
    const [from = ''] = node.inputs
    const above = editor.index.producer(from)
    const source = above !== undefined && isCast(above) ? (above.inputs[0] ?? '') : ''
    const target = targetOf(node)
    // A value of the graph around this one cannot take this one's name.
    const pair = target === type && targetOf(above) === 'float32' && typeOf(source) === type
    const original = typeOf(from) === target ? from : pair ? source : ''
    if (original !== '') remove(editor, node, original)
  }
  for (const node of graph.nodes.filter(isCast)) if (!editor.index.isUsed(node.outputs[0] ?? '')) editor.remove(node)
}

function remove(editor: GraphEditor, node: OnnxNode, original: string): void {
  const [output = ''] = node.outputs
  // Two outputs of one value need a node between them; this one does as well as another.
  if (editor.index.isOutput(output) && (editor.index.isOutput(original) || editor.index.producer(original) === undefined)) return
  editor.remove(node)
  editor.replaceValue(output, original)
}

const isCast = (node: OnnxNode) => node.opType === 'Cast' && node.domain === ''

function targetOf(node: OnnxNode | undefined) {
  return node === undefined || !isCast(node) ? undefined : typeFromNumber(intAttribute(node, 'to', 0))
}
