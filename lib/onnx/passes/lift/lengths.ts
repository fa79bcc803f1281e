import { intAttribute, intsAttribute } from '../../graph/nodes.js'
import type { OnnxNode } from '../../graph/types.js'
import type { LiftScope } from './context.js'

/** How many elements a value of one dimension has: what exporters make of dynamic shapes. Undefined: nothing tells. */
export function lengthOf(name: string, scope: LiftScope, steps: number): number | undefined {
  if (name === '' || steps <= 0) return undefined
  const constant = scope.constant(name)
  if (constant !== undefined) return constant.dims.length === 1 ? constant.dims[0] : undefined
  const node = scope.index.producer(name)
  if (node === undefined || node.domain !== '') return undefined
  const [first = ''] = node.inputs
  switch (node.opType) {
    case 'Cast':
    case 'Identity':
      return lengthOf(first, scope, steps - 1)
    case 'Shape':
      return node.attributes.size === 0 ? scope.rank(first, steps - 1) : undefined
    case 'Unsqueeze':
      return scope.rank(name, steps - 1) === 1 ? 1 : undefined
    case 'Slice':
      return sliced(node, scope, steps)
    case 'Concat':
      return node.inputs.reduce<number | undefined>((total, part) => {
        const length = total === undefined ? undefined : lengthOf(part, scope, Math.floor(steps / 4))
        return length === undefined ? undefined : (total as number) + length
      }, 0)
    default:
      return undefined
  }
}

function sliced(node: OnnxNode, scope: LiftScope, steps: number): number | undefined {
  const [data = '', starts = '', ends = '', , by = ''] = node.inputs
  const length = lengthOf(data, scope, steps - 1)
  const start = first(node, 'starts', starts, scope)
  const end = first(node, 'ends', ends, scope)
  if (by !== '' || length === undefined || start === undefined || end === undefined) return undefined
  const inside = (index: number) => Math.min(Math.max(index < 0 ? index + length : index, 0), length)
  return Math.max(inside(end) - inside(start), 0)
}

/** The only value of what was an attribute before operator set 10 and is an input since. */
function first(node: OnnxNode, attribute: string, input: string, scope: LiftScope): number | undefined {
  const values = intsAttribute(node, attribute) ?? scope.knownIntegers(input)?.map(Number)
  return values?.length === 1 && intAttribute(node, 'axis', 0) === 0 ? values[0] : undefined
}
