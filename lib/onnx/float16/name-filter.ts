import { TrtError } from '../../core/errors.js'
import { suggestion } from '../../core/nearest.js'
import type { OnnxNode } from '../graph/types.js'
import { labelOf } from './scopes.js'

export type NameFilter = (node: OnnxNode) => boolean

/**
 * Nodes by name (or, without one, by their first output) or by operator; `*` stands for any characters.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: one of the patterns fits no node.
 */
export function nameFilter(option: string, patterns: readonly string[], nodes: readonly OnnxNode[]): NameFilter {
  const expressions = patterns.map((pattern) => ({
    pattern,
    expression: new RegExp(`^${pattern.split('*').map(quoted).join('.*')}$`, 's'),
  }))
  const fits = (node: OnnxNode, expression: RegExp) => expression.test(labelOf(node)) || expression.test(node.opType)
  for (const { pattern, expression } of expressions) {
    if (!nodes.some((node) => fits(node, expression))) throw unknown(option, pattern, nodes)
  }
  return (node) => expressions.some(({ expression }) => fits(node, expression))
}

const quoted = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')

function unknown(option: string, pattern: string, nodes: readonly OnnxNode[]): TrtError {
  const names = [...new Set(nodes.flatMap((node) => [labelOf(node), node.opType]))]
  const message = `Expected names of nodes or operators in ${option}, but no node is called or of kind ${JSON.stringify(pattern)}.${suggestion(pattern, names)} \`*\` stands for any characters.`
  return new TrtError('TRT_ERR_INVALID_ARGUMENT', message, { option, pattern })
}
