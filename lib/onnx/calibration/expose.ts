import { numberOfType } from '../../core/dtypes.js'
import { TrtError } from '../../core/errors.js'
import { suggestion } from '../../core/nearest.js'
import { makeNode, namedValue } from '../graph/nodes.js'
import { takenNames } from '../graph/scopes.js'
import type { OnnxModel, OnnxNode } from '../graph/types.js'
import { writeOnnx } from '../graph/write.js'

/** A model whose outputs are what somebody wants to see. */
export interface Exposed {
  readonly bytes: Uint8Array
  /** By tensor, the output that tells of it. */
  readonly outputs: ReadonlyMap<string, string>
}

/**
 * What of the tensors are values inside of the model: inputs need no output.
 *
 * @throws {TrtError} `TRT_ERR_NAME`: no value of the graph, or a constant of it.
 */
export function exposable({ graph }: OnnxModel, tensors: Iterable<string>): { inner: string[]; inputs: string[] } {
  const inner = new Set(graph.nodes.flatMap(({ outputs }) => outputs))
  const inputs = new Set(graph.inputs.map(({ name }) => name).filter((name) => !graph.initializers.has(name)))
  const wanted = [...new Set(tensors)]
  for (const name of wanted) {
    if (name !== '' && (inner.has(name) || inputs.has(name))) continue
    const what = graph.initializers.has(name) ? 'is a constant of the model, the same for every sample' : 'is no value of the graph'
    const near = suggestion(name, [...inner, ...inputs])
    throw new TrtError(
      'TRT_ERR_NAME',
      `Tensor "${name}" ${what}: it cannot be observed.${near} Values inside of If, Loop and Scan cannot either.`,
      {
        name,
      },
    )
  }
  return { inner: wanted.filter((name) => inner.has(name)), inputs: wanted.filter((name) => !inner.has(name)) }
}

/** The tensors themselves; of `guarded` ones a float32 scalar each, which is 0 where all elements are finite and NaN where one is not. */
export function exposeValues(model: OnnxModel, tensors: readonly string[], guarded: readonly string[]): Exposed & { guards: string[] } {
  const fresh = namer(model)
  const guards = guarded.map(() => fresh('guard'))
  const nodes = guarded.flatMap((tensor, i) => {
    const [value, difference] = [fresh('value'), fresh('difference')]
    return [
      makeNode('Cast', [tensor], [value], { attributes: { to: BigInt(numberOfType('float32')) } }),
      // inf - inf and NaN - NaN are NaN; of anything finite it is 0.
      makeNode('Sub', [value, value], [difference]),
      makeNode('ReduceSum', [difference], [guards[i]!], { attributes: { keepdims: 0n } }),
    ]
  })
  return { bytes: withOutputs(model, nodes, [...tensors, ...guards]), outputs: new Map(tensors.map((name) => [name, name])), guards }
}

/** Only the shapes: a few bytes, however large the tensors. */
export function exposeShapes(model: OnnxModel, tensors: readonly string[]): Exposed {
  const fresh = namer(model)
  const outputs = new Map(tensors.map((tensor) => [tensor, fresh('shape')]))
  const nodes = [...outputs].map(([tensor, output]) => makeNode('Shape', [tensor], [output]))
  return { bytes: withOutputs(model, nodes, [...outputs.values()]), outputs }
}

/** The model itself stays as it is: nothing of its graph is changed, only other lists are made. */
function withOutputs(model: OnnxModel, nodes: readonly OnnxNode[], outputs: readonly string[]): Uint8Array {
  const { graph } = model
  const known = new Map(graph.outputs.map((value) => [value.name, value]))
  return writeOnnx({
    ...model,
    graph: { ...graph, nodes: [...graph.nodes, ...nodes], outputs: outputs.map((name) => known.get(name) ?? namedValue(name)) },
  })
}

function namer({ graph }: OnnxModel): (what: string) => string {
  const taken = takenNames(graph)
  let next = 0
  return (what) => {
    for (;;) {
      const name = `calibration_${what}_${next++}`
      if (!taken.has(name)) return name
    }
  }
}
