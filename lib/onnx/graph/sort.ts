import { TrtError } from '../../core/errors.js'
import { describeNode } from './nodes.js'
import { usesOf } from './scopes.js'
import type { OnnxNode } from './types.js'

/**
 * Nodes in topological order, otherwise in the order given: a node moves only in front of the first that needs it.
 *
 * @throws {TrtError} `TRT_ERR_MODEL`: a cycle.
 */
export function sortNodes(nodes: readonly OnnxNode[]): OnnxNode[] {
  const producers = new Map<string, OnnxNode>()
  for (const node of nodes) for (const name of node.outputs) if (name !== '') producers.set(name, node)
  const sorted: OnnxNode[] = []
  const state = new Map<OnnxNode, 'open' | 'done'>()
  for (const root of nodes) {
    // A stack of our own: a chain of nodes may be longer than JavaScript's.
    const path = state.has(root) ? [] : [enter(root)]
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const needed = top.needs.pop()
      if (needed === undefined) {
        state.set(top.node, 'done')
        sorted.push(top.node)
        path.pop()
      } else if (!state.has(needed)) path.push(enter(needed))
      else if (state.get(needed) === 'open') throw cycle(path.slice(path.findIndex(({ node }) => node === needed)).map(({ node }) => node))
    }
  }
  return sorted

  function enter(node: OnnxNode): { node: OnnxNode; needs: OnnxNode[] } {
    state.set(node, 'open')
    const needs = [...usesOf(node)].flatMap((name) => producers.get(name) ?? [])
    return { node, needs: needs.toReversed() }
  }
}

function cycle(nodes: readonly OnnxNode[]): TrtError {
  const names = nodes.map(describeNode)
  const shown = names.length > 6 ? [...names.slice(0, 6), '…'] : names
  const message = `The graph has a cycle: ${shown.join(' → ')} needs its own result. ONNX graphs have none: export the model again.`
  return new TrtError('TRT_ERR_MODEL', message, { nodes: names })
}
