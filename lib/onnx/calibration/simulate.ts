import { codeScale } from '../int8/scales.js'
import { makeNode } from '../graph/nodes.js'
import { takenNames } from '../graph/scopes.js'
import type { OnnxModel, OnnxNode } from '../graph/types.js'
import { Weights } from '../graph/weights.js'
import type { CalibrationTable } from './types.js'

const linear = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul'])

/**
 * The model with what its layers read rounded to uint8 codes and back, weights left as they are: what ranges alone cost, whatever
 * the form that the model is lowered to later.
 *
 * @param model Of opset 13 or later. Is not changed.
 */
export function simulateCodes(model: OnnxModel, table: CalibrationTable): OnnxModel {
  const { graph } = model
  const rounded = new Rounding(graph.nodes, table, takenNames(graph))
  const nodes = graph.nodes.flatMap((node) => rounded.before(node))
  const initializers = new Map([...graph.initializers, ...rounded.constants.map((weights) => [weights.name, weights] as const)])
  return { ...model, graph: { ...graph, nodes, initializers } }
}

class Rounding {
  readonly constants: Weights[] = []
  readonly #constants: ReadonlySet<string>
  /** By tensor, its rounded twin: made once for all who read it. */
  readonly #made = new Map<string, string>()

  constructor(
    nodes: readonly OnnxNode[],
    private readonly table: CalibrationTable,
    private readonly taken: Set<string>,
  ) {
    this.#constants = new Set(nodes.filter(({ opType }) => opType === 'Constant').flatMap(({ outputs }) => outputs))
  }

  /** The node, reading rounded inputs, after the nodes that round them. */
  before(node: OnnxNode): OnnxNode[] {
    if (node.domain !== '' || !linear.has(node.opType)) return [node]
    const nodes: OnnxNode[] = []
    const inputs = node.inputs.map((name, i) =>
      i < 2 && this.table.tensors.has(name) && !this.#constants.has(name) ? this.#round(name, nodes) : name,
    )
    return [...nodes, { ...node, inputs }]
  }

  #round(name: string, nodes: OnnxNode[]): string {
    const known = this.#made.get(name)
    if (known !== undefined) return known
    const { scale, zero } = codeScale(this.table.tensors.get(name)!.asymmetric)
    const scales = this.#constant(Weights.of(this.#fresh('scale'), 'float32', [], Float32Array.of(scale)))
    const zeros = this.#constant(Weights.of(this.#fresh('zero'), 'uint8', [], Uint8Array.of(zero)))
    const [codes, twin] = [this.#fresh('codes'), this.#fresh('rounded')]
    nodes.push(makeNode('QuantizeLinear', [name, scales, zeros], [codes]), makeNode('DequantizeLinear', [codes, scales, zeros], [twin]))
    this.#made.set(name, twin)
    return twin
  }

  #constant(weights: Weights): string {
    this.constants.push(weights)
    return weights.name
  }

  #fresh(what: string): string {
    let name = ''
    for (let i = this.taken.size; name === '' || this.taken.has(name); i++) name = `calibration_${what}_${i}`
    this.taken.add(name)
    return name
  }
}
