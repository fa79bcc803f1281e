import { cloneModel } from '../graph/clone.js'
import { constantValue } from '../graph/graph-index.js'
import { allGraphs } from '../graph/nodes.js'
import type { OnnxModel, OnnxNode } from '../graph/types.js'
import { liftOpset, opsetOf } from '../passes/lift.js'
import { classify } from './classify.js'
import { cleanCasts } from './clean-casts.js'
import { type LowType, type Magnitudes, magnitudesOf } from './convert-weights.js'
import { inferTypes } from './infer-types.js'
import { nameFilter } from './name-filter.js'
import { nameValues } from './naming.js'
import { type AutocastOptions, resolveAutocastOptions } from './options.js'
import { type AutocastReport, describeAutocast } from './describe.js'
import { rewrite } from './rewrite.js'
import { nodesOf, openScope, type Scope, type Value } from './scopes.js'

export type { AutocastOptions } from './options.js'
export type { AutocastReport } from './describe.js'

const bfloat16Opset = 22

export interface Autocast {
  readonly model: OnnxModel
  readonly report: AutocastReport
}

/**
 * A model that computes in 16 bits wherever that is safe, as TensorRT's strong typing and ONNX Runtime read it from the graph:
 * weights are stored in 16 bits, and Casts stand where the type changes. What stays float32, and why, is in the report.
 *
 * The given model is not changed. It is lifted to operator set 13 for float16, 19 with QuantizeLinear, 22 for bfloat16.
 *
 * @see NVIDIA Model Optimizer, `modelopt/onnx/autocast`, whose rules these are in most parts.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: an option. `TRT_ERR_MODEL`: not a sound model. `TRT_ERR_UNSUPPORTED`: weights
 *   beside the model that cannot be read, or an operator that cannot be lifted.
 */
export function autocast(given: OnnxModel, options: AutocastOptions): Autocast {
  const resolved = resolveAutocastOptions(options)
  const { type, keepIOTypes } = resolved
  const model = cloneModel(lifted(given, type))
  constantsToInitializers(model)
  const root = openScope(model.graph)
  const opset = opsetOf(model)
  inferTypes(root, opset)
  const nodes = [...nodesOf(root)].map(([node]) => node)
  const magnitudes = remembered()
  const verdicts = classify(root, {
    ...resolved,
    opset,
    magnitudes,
    exclude: nameFilter('exclude', resolved.exclude, nodes),
    include: nameFilter('include', resolved.include, nodes),
  })
  const converted = new Set<Value>()
  const report = describeAutocast({ verdicts, converted, magnitudes, type, nodes: counted(root) })
  const namings = nameValues(root, { type, keepIOTypes, verdicts })
  rewrite(root, { type, verdicts, namings, magnitudes, weightsConverted: (value) => converted.add(value) })
  cleanCasts(model, type)
  return { model, report: report() }
}

function lifted(model: OnnxModel, type: LowType): OnnxModel {
  const opset = opsetOf(model)
  if (type === 'bfloat16' && opset < bfloat16Opset) {
    // From 21 to 22 the operators learned bfloat16 and nothing else.
    const next = liftOpset(model, bfloat16Opset - 1)
    next.opsets.set('', bfloat16Opset)
    return next
  }
  const quantized = [...allGraphs(model.graph)].some(({ nodes }) => nodes.some(({ opType }) => opType === 'DequantizeLinear'))
  const needed = quantized ? 19 : 13
  return opset < needed ? liftOpset(model, needed) : model
}

/** Exporters that keep weights in Constant nodes: both are the same to what follows. */
function constantsToInitializers({ graph: root }: OnnxModel): void {
  for (const graph of allGraphs(root)) {
    const outputs = new Set(graph.outputs.map(({ name }) => name))
    graph.nodes = graph.nodes.filter((node) => {
      const [name = ''] = node.outputs
      const value = node.opType === 'Constant' && node.domain === '' && !outputs.has(name) ? constantValue(node) : undefined
      if (value?.type !== 'float32') return true
      graph.initializers.set(name, value)
      return false
    })
  }
}

function remembered(): (value: Value) => Magnitudes {
  const known = new Map<Value, Magnitudes>()
  return (value) => {
    let found = known.get(value)
    if (found === undefined) known.set(value, (found = magnitudesOf(value.weights!.floats())))
    return found
  }
}

/** What the coverage is counted over: nodes that compute, not those that hold a graph or a constant. */
function counted(root: Scope): readonly (readonly [OnnxNode, Scope])[] {
  return [...nodesOf(root)].filter(([node, scope]) => !scope.bodies.has(node) && node.opType !== 'Constant')
}
