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
  if (patterns.length === 0) return () => false
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')))
  const wild = patterns.filter((pattern) => pattern.includes('*')).map((pattern) => ({ pattern, expression: expressionOf(pattern) }))
  const present = new Set(nodes.flatMap((node) => [labelOf(node), node.opType]))
  for (const name of exact) if (!present.has(name)) throw unknown(option, name, nodes)
  for (const { pattern, expression } of wild) {
    if (![...present].some((name) => expression.test(name))) throw unknown(option, pattern, nodes)
  }
  const fits = (name: string) => exact.has(name) || wild.some(({ expression }) => expression.test(name))
  return (node) => fits(labelOf(node)) || fits(node.opType)
}

const expressionOf = (pattern: string) => new RegExp(`^${pattern.split('*').map(quoted).join('.*')}$`, 's')
const quoted = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')

function unknown(option: string, pattern: string, nodes: readonly OnnxNode[]): TrtError {
  const names = [...new Set(nodes.flatMap((node) => [labelOf(node), node.opType]))]
  const message = `Expected names of nodes or operators in ${option}, but no node is called or of kind ${JSON.stringify(pattern)}.${suggestion(pattern, names)} \`*\` stands for any characters.`
  return new TrtError('TRT_ERR_INVALID_ARGUMENT', message, { option, pattern })
}
