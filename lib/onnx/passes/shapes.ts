import type { DataType } from '../../core/dtypes.js'
import { cloneModel } from '../graph/clone.js'
import { namedValue } from '../graph/nodes.js'
import { withWeightsInside } from '../graph/open.js'
import type { OnnxModel } from '../graph/types.js'
import { writeOnnx } from '../graph/write.js'
import type { Runtime, Sample } from '../runtime.js'

export interface ValueShape {
  readonly type: DataType
  readonly dims: readonly number[]
}

/**
 * Element type and shape of every value of the outermost graph, as they are when the model runs on `sample`: nothing is
 * inferred. What no session gives out (sequences, strings, values that no node makes) is left out.
 *
 * @throws {TrtError} What the runtime throws: the model does not run, or not on this sample.
 */
export async function shapesOf(model: OnnxModel, runtime: Runtime, sample: Sample): Promise<Map<string, ValueShape>> {
  const shapes = new Map<string, ValueShape>()
  for (const [name, { type, dims }] of model.graph.initializers) shapes.set(name, { type, dims })
  for (const [name, { type, shape }] of Object.entries(sample)) shapes.set(name, { type, dims: shape })
  // Rewritten graphs have other values.
  const open = await runtime.open(writeOnnx(withWeightsInside(exposeAll(model))), { optimize: 'none' })
  try {
    for (const [name, { type, shape }] of Object.entries(await open.run(sample))) shapes.set(name, { type, dims: shape })
  } finally {
    await open.close()
  }
  return shapes
}

/** The model with every value that a node makes as an output; it knows no types of them, and ONNX Runtime finds them out. */
export function exposeAll(model: OnnxModel): OnnxModel {
  const copy = cloneModel(model)
  const { graph } = copy
  const outputs = new Set(graph.outputs.map(({ name }) => name))
  for (const node of graph.nodes) {
    if (givesNoTensor(node.opType)) continue
    for (const name of node.outputs) {
      if (name === '' || outputs.has(name)) continue
      outputs.add(name)
      graph.outputs.push(graph.valueInfo.get(name) ?? namedValue(name))
    }
  }
  return copy
}

function givesNoTensor(opType: string): boolean {
  return /^(Sequence(Construct|Empty|Erase|Insert|Map)|SplitToSequence|Optional|OptionalGetElement|StringNormalizer|StringSplit|StringConcat)$/.test(
    opType,
  )
}

/** What the file itself says, where every dimension is a number. */
export function saidShapes(model: OnnxModel): Map<string, ValueShape> {
  const { graph } = model
  const shapes = new Map<string, ValueShape>()
  for (const { name, type, dims } of [...graph.valueInfo.values(), ...graph.inputs, ...graph.outputs]) {
    if (type !== null && dims?.every((dim) => typeof dim === 'number')) shapes.set(name, { type, dims })
  }
  for (const [name, { type, dims }] of graph.initializers) shapes.set(name, { type, dims })
  return shapes
}
