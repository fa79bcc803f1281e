import type { DataType } from '../../core/dtypes.js'
import { exposeValues } from '../calibration/expose.js'
import { labelOf } from '../float16/scopes.js'
import type { OnnxModel, OnnxNode } from '../graph/types.js'
import type { OpenOptions, Runtime, Sample } from '../runtime.js'
import { Fidelity } from './fidelity.js'
import { groupTensors, type SeeingOptions, visibleTensors } from './tensor-groups.js'
import type { OutputFidelity } from './types.js'

export interface TensorComparison {
  /** Of the tensor: the same in both models. */
  readonly name: string
  /** What makes it in the first model. */
  readonly node: string
  readonly opType: string
  readonly types: readonly [DataType, DataType]
  /** Of the first sample. */
  readonly shapes: readonly [readonly number[], readonly number[]]
  readonly fidelity: OutputFidelity
  /** Noise power over signal power: 0 is equal, 1 is nothing of it left. */
  readonly error: number
}

export type CompareOptions = SeeingOptions

interface Common {
  readonly name: string
  readonly node: OnnxNode
}

/**
 * Tensors of the same name in two models, given the same inputs: how far the second is from the first, in the order of the first's
 * graph. Models are run in groups of tensors, so that memory stays bounded; values in subgraphs are not seen.
 *
 * @param samples Each is run once for each group.
 * @throws {TrtError} What the runtime throws.
 */
export async function compareTensors(
  [a, b]: readonly [OnnxModel, OnnxModel],
  samples: readonly Sample[],
  runtime: Runtime,
  options: CompareOptions = {},
): Promise<TensorComparison[]> {
  const [first] = samples
  if (first === undefined) return []
  const common = commonTensors(a, b)
  const { memoryBytes, ...open } = options
  const groups = await groupTensors(a, [...common.keys()], first, { ...open, memoryBytes, runtime })
  const comparisons: TensorComparison[] = []
  for (const names of groups) {
    const group = names.map((name) => ({ name, node: common.get(name)! }))
    comparisons.push(...(await compareGroup([a, b], group, { samples, runtime, open })))
  }
  return comparisons
}

function commonTensors(a: OnnxModel, b: OnnxModel): Map<string, OnnxNode> {
  const [inA, inB] = [visibleTensors(a), visibleTensors(b)]
  const common = new Map<string, OnnxNode>()
  for (const node of a.graph.nodes) for (const name of node.outputs) if (inA.has(name) && inB.has(name)) common.set(name, node)
  return common
}

interface GroupContext {
  readonly samples: readonly Sample[]
  readonly runtime: Runtime
  readonly open: OpenOptions
}

async function compareGroup(
  models: readonly [OnnxModel, OnnxModel],
  group: readonly Common[],
  { samples, runtime, open }: GroupContext,
): Promise<TensorComparison[]> {
  const names = group.map(({ name }) => name)
  const fidelities = names.map((name) => new Fidelity(name))
  const facts: Pick<TensorComparison, 'types' | 'shapes'>[] = []
  const a = await runtime.open(exposeValues(models[0], names, []).bytes, open)
  try {
    const b = await runtime.open(exposeValues(models[1], names, []).bytes, open)
    try {
      for (const sample of samples) {
        const [ours, theirs] = [await a.run(sample), await b.run(sample)]
        names.forEach((name, i) => {
          const [x, y] = [ours[name]!, theirs[name]!]
          facts[i] ??= { types: [x.type, y.type], shapes: [[...x.shape], [...y.shape]] }
          fidelities[i]!.add(x, y)
        })
      }
    } finally {
      await b.close()
    }
  } finally {
    await a.close()
  }
  return group.map(({ name, node }, i) => {
    const fidelity = fidelities[i]!.result()
    return { name, node: labelOf(node), opType: node.opType, ...facts[i]!, fidelity, error: errorOf(fidelity) }
  })
}

/** Noise power over signal power. */
export const errorOf = ({ sqnr }: OutputFidelity) => (sqnr >= 300 ? 0 : 10 ** (-sqnr / 10))
