import { isTensorType } from '../../core/dtypes.js'
import type { Tensor } from '../../core/tensor.js'
import { exposeShapes } from '../calibration/expose.js'
import { inferTypes } from '../float16/infer-types.js'
import { openScope, type Value } from '../float16/scopes.js'
import type { OnnxModel } from '../graph/types.js'
import { opsetOf } from '../passes/lift.js'
import type { OpenOptions, Runtime, Sample } from '../runtime.js'

export interface SeeingOptions extends OpenOptions {
  /** Bytes of tensors that one run of one model may give. Default 128 MiB. */
  readonly memoryBytes?: number | undefined
}

/** What nodes of the outermost graph make and a session can give, in graph order. */
export function visibleTensors(model: OnnxModel): Map<string, Value> {
  const scope = openScope(model.graph)
  // Signatures of older operator sets differ in what is an attribute, not in what types go together.
  inferTypes(scope, Math.max(13, opsetOf(model)))
  const made = model.graph.nodes.filter(({ opType }) => opType !== 'Constant').flatMap(({ outputs }) => outputs)
  const visible = new Map<string, Value>()
  for (const name of made) {
    const value = scope.values.get(name)
    if (value?.type !== undefined && isTensorType(value.type)) visible.set(name, value)
  }
  return visible
}

/** Tensors in their order, in groups that stay within the memory: by their shapes for this sample. */
export async function groupTensors(
  model: OnnxModel,
  names: readonly string[],
  sample: Sample,
  { runtime, memoryBytes = 2 ** 27, ...open }: SeeingOptions & { readonly runtime: Runtime },
): Promise<string[][]> {
  if (names.length === 0) return []
  const { bytes, outputs } = exposeShapes(model, names)
  const opened = await runtime.open(bytes, open)
  const groups: string[][] = []
  try {
    const shapes = await opened.run(sample)
    let used = Infinity
    for (const [name, output] of outputs) {
      const own = bytesPerElement * product(shapes[output]!)
      if (used + own > memoryBytes) {
        groups.push([])
        used = 0
      }
      groups.at(-1)!.push(name)
      used += own
    }
    return groups
  } finally {
    await opened.close()
  }
}

/** An upper bound for all but float64 and int64. */
const bytesPerElement = 4

const product = ({ data }: Tensor) => Array.from(data as BigInt64Array, Number).reduce((size, dim) => size * dim, 1)
