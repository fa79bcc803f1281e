import { type DataType, isTensorType } from '../../core/dtypes.js'
import type { Tensor } from '../../core/tensor.js'
import { exposeShapes, exposeValues } from '../calibration/expose.js'
import { inferTypes } from '../float16/infer-types.js'
import { labelOf, openScope } from '../float16/scopes.js'
import type { OnnxModel, OnnxNode } from '../graph/types.js'
import { opsetOf } from '../passes/lift.js'
import type { OpenOptions, Runtime, Sample } from '../runtime.js'
import { Fidelity } from './fidelity.js'
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

export interface CompareOptions extends OpenOptions {
  /** Bytes of tensors that one run of one model may give. Default 128 MiB. */
  readonly memoryBytes?: number
}

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
  { memoryBytes = 2 ** 27, ...open }: CompareOptions = {},
): Promise<TensorComparison[]> {
  const [first] = samples
  if (first === undefined) return []
  const common = commonTensors(a, b)
  const sizes = await sizesOf(a, common, { sample: first, runtime, open })
  const comparisons: TensorComparison[] = []
  for (const group of groups(common, (name) => sizes.get(name) ?? 0, memoryBytes)) {
    comparisons.push(...(await compareGroup([a, b], group, { samples, runtime, open })))
  }
  return comparisons
}

function commonTensors(a: OnnxModel, b: OnnxModel): Common[] {
  const [inA, inB] = [sessionTensors(a), sessionTensors(b)]
  return a.graph.nodes.flatMap((node) => node.outputs.filter((name) => inA.has(name) && inB.has(name)).map((name) => ({ name, node })))
}

/** Made by a node, of a type that can come out of a session. */
function sessionTensors(model: OnnxModel): Set<string> {
  const scope = openScope(model.graph)
  // Signatures of older operator sets differ in what is an attribute, not in what types go together.
  inferTypes(scope, Math.max(13, opsetOf(model)))
  const made = model.graph.nodes.filter(({ opType }) => opType !== 'Constant').flatMap(({ outputs }) => outputs)
  return new Set(
    made.filter((name) => {
      const type = scope.values.get(name)?.type
      return type !== undefined && isTensorType(type)
    }),
  )
}

interface SizeContext {
  readonly sample: Sample
  readonly runtime: Runtime
  readonly open: OpenOptions
}

async function sizesOf(model: OnnxModel, common: readonly Common[], { sample, runtime, open }: SizeContext): Promise<Map<string, number>> {
  if (common.length === 0) return new Map()
  const { bytes, outputs } = exposeShapes(
    model,
    common.map(({ name }) => name),
  )
  const opened = await runtime.open(bytes, open)
  try {
    const shapes = await opened.run(sample)
    return new Map([...outputs].map(([name, output]) => [name, 4 * product(shapes[output]!)]))
  } finally {
    await opened.close()
  }
}

const product = ({ data }: Tensor) => Array.from(data as BigInt64Array, Number).reduce((size, dim) => size * dim, 1)

function groups(common: readonly Common[], bytesOf: (name: string) => number, budget: number): Common[][] {
  const made: Common[][] = []
  let bytes = Infinity
  for (const each of common) {
    const own = bytesOf(each.name)
    if (bytes + own > budget) {
      made.push([])
      bytes = 0
    }
    made.at(-1)!.push(each)
    bytes += own
  }
  return made
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
