import { textAttribute } from '../graph/nodes.js'
import type { CalibrationTable } from '../calibration/types.js'
import type { OnnxGraph, OnnxNode } from '../graph/types.js'

/** A tensor of zeros needs some scale above 0. */
const smallestScale = 1e-30

/**
 * One int8 scale for each tensor that is quantised. Tensors that a Concat joins, or that an operator only moves, have the same
 * one, that of the widest range among those quantised: TensorRT then joins and moves codes.
 */
export function symmetricScales(graph: OnnxGraph, table: CalibrationTable, quantised: ReadonlySet<string>): Map<string, number> {
  const groups = new Groups()
  const shares: [string, number][] = []
  for (const node of graph.nodes) {
    for (const input of tied(node)) for (const output of node.outputs) groups.join(input, output)
  }
  const softmax = new Set(
    graph.nodes.filter(({ opType, domain }) => opType === 'Softmax' && domain === '').flatMap(({ outputs }) => outputs),
  )
  for (const name of quantised) {
    const range = table.tensors.get(name)?.symmetric
    if (range === undefined) continue
    shares.push([name, softmax.has(name) ? 1 : range.high])
  }
  const widest = new Map<string, number>()
  for (const [name, high] of shares) widest.set(groups.of(name), Math.max(high, widest.get(groups.of(name)) ?? 0))
  return new Map(shares.map(([name]) => [name, scaleOf(widest.get(groups.of(name)) as number)]))
}

function scaleOf(high: number): number {
  const scale = Math.fround(high / 127)
  return scale > smallestScale ? scale : 1 / 127
}

const moving: ReadonlySet<string> = new Set([
  'MaxPool',
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Slice',
  'Split',
  'Identity',
])

/** Inputs whose codes the output keeps. */
function tied(node: OnnxNode): readonly string[] {
  if (node.domain !== '') return []
  if (node.opType === 'Concat') return node.inputs
  const nearest = node.opType === 'Resize' && textAttribute(node, 'mode', 'nearest') === 'nearest'
  return nearest || moving.has(node.opType) ? node.inputs.slice(0, 1) : []
}

/** Disjoint sets of names. */
class Groups {
  readonly #parents = new Map<string, string>()

  of(name: string): string {
    let root = name
    for (let next = this.#parents.get(root); next !== undefined; next = this.#parents.get(root)) root = next
    // Shortens the way for the next one.
    for (let each = name; each !== root; ) {
      const next = this.#parents.get(each) as string
      this.#parents.set(each, root)
      each = next
    }
    return root
  }

  join(a: string, b: string): void {
    const [first, second] = [this.of(a), this.of(b)]
    if (first !== second) this.#parents.set(first, second)
  }
}
