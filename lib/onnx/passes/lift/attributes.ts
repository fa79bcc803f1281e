import { floatAttribute, intAttribute, intsAttribute } from '../../graph/nodes.js'
import type { OnnxNode } from '../../graph/types.js'
import type { LiftScope, Rule, Rules } from './context.js'

/** Operators whose attributes became inputs. */

const list = (node: OnnxNode, name: string) => intsAttribute(node, name, [0n])

/** An attribute as a scalar input of the type of the data; '' where it is missing. */
function scalarInput(node: OnnxNode, name: string, scope: LiftScope): string {
  const value = floatAttribute(node, name)
  if (value === undefined) return ''
  node.attributes.delete(name)
  return scope.scalar(value, scope.floatType(node.inputs[0] ?? '', node), name)
}

const clip: Rule = (node, scope) => {
  const bounds = [scalarInput(node, 'min', scope), scalarInput(node, 'max', scope)]
  if (bounds[1] === '') bounds.pop()
  if (bounds[0] === '' && bounds.length === 1) bounds.pop()
  node.inputs = [node.inputs[0] ?? '', ...bounds]
}

const pad: Rule = (node, scope) => {
  const pads = scope.integers(list(node, 'pads'), 'pads')
  node.attributes.delete('pads')
  const value = scalarInput(node, 'value', scope)
  node.inputs = [node.inputs[0] ?? '', pads, ...(value === '' ? [] : [value])]
}

const slice: Rule = (node, scope) => {
  const inputs = ['starts', 'ends', 'axes'].filter((name) => node.attributes.has(name))
  if (!inputs.includes('starts') || !inputs.includes('ends')) throw scope.refusal(node, 'it has no starts or no ends')
  node.inputs = [node.inputs[0] ?? '', ...inputs.map((name) => scope.integers(list(node, name), name))]
  for (const name of inputs) node.attributes.delete(name)
}

const topK: Rule = (node, scope) => {
  const k = intAttribute(node, 'k', -1n)
  if (k < 0n) throw scope.refusal(node, 'it has no k')
  node.attributes.delete('k')
  node.inputs = [node.inputs[0] ?? '', scope.integers([k], 'k')]
}

const split: Rule = (node, scope) => {
  if (!node.attributes.has('split')) return
  node.inputs = [node.inputs[0] ?? '', scope.integers(list(node, 'split'), 'split')]
  node.attributes.delete('split')
}

/** Without sizes the number of parts was that of the outputs; from 18 on it is said. */
const splitParts: Rule = (node) => {
  if (node.inputs.length < 2 || node.inputs[1] === '')
    node.attributes.set('num_outputs', { type: 'int', value: BigInt(node.outputs.length) })
}

/** In inference it does nothing before and after: the ratio is kept for people. */
const dropout: Rule = (node, scope) => {
  const ratio = floatAttribute(node, 'ratio')
  node.attributes.delete('ratio')
  if (ratio !== undefined) node.inputs = [node.inputs[0] ?? '', scope.scalar(ratio, 'float32', 'ratio')]
}

/** Before 10 the mask had the type of the data. */
const dropoutMask: Rule = (node, scope) => {
  if (scope.isUsed(node.outputs[1])) throw scope.refusal(node, 'its mask, which had numbers before 10 and has bools since, is used')
  node.outputs = node.outputs.slice(0, 1)
}

const fourier: Rule = (node, scope) => {
  const axis = scope.integers(intAttribute(node, 'axis', 1n), 'axis')
  node.attributes.delete('axis')
  node.inputs = [node.inputs[0] ?? '', node.inputs[1] ?? '', axis]
}

export const attributeRules: Rules = {
  Clip: { 11: clip },
  Pad: { 11: pad },
  Slice: { 10: slice },
  TopK: { 10: topK },
  Split: { 13: split, 18: splitParts },
  Dropout: { 10: dropoutMask, 12: dropout },
  DFT: { 20: fourier },
}
