import { observe } from '../calibration/collect.js'
import type { DataType } from '../../core/dtypes.js'
import type { OnnxModel } from '../graph/types.js'
import type { Runtime, Sample } from '../runtime.js'

export interface TensorFacts {
  readonly type: DataType
  readonly dims: readonly number[]
  readonly size: number
}

export type Facts = ReadonlyMap<string, TensorFacts>

/** Types and shapes of all tensors of the outermost graph for one sample, as ONNX Runtime computes them. */
export async function factsOf(model: OnnxModel, sample: Sample, runtime: Runtime, signal?: AbortSignal): Promise<Facts> {
  const inputs = model.graph.inputs.filter(({ name }) => !model.graph.initializers.has(name))
  const names = [...inputs.map(({ name }) => name), ...model.graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''))]
  const facts = new Map<string, TensorFacts>()
  const observers = names.map((name) => ({
    tensors: [name],
    observe(values: ReadonlyMap<string, { readonly type: DataType; readonly shape: readonly number[]; readonly size: number }>) {
      const tensor = values.get(name)
      if (tensor !== undefined) facts.set(name, { type: tensor.type, dims: tensor.shape, size: tensor.size })
    },
  }))
  await observe(model, observers, [sample], runtime, { signal })
  return facts
}
