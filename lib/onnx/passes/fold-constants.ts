import { cloneModel } from '../graph/clone.js'
import { GraphEditor } from '../graph/edit.js'
import { constantValue } from '../graph/graph-index.js'
import { graphsOf } from '../graph/nodes.js'
import type { OnnxGraph, OnnxModel, OnnxNode } from '../graph/types.js'
import type { Weights } from '../graph/weights.js'
import { arithmetic, cast, unary } from './fold/arithmetic.js'
import { concat, constantOfShape, gather, reshape, shape, size, slice, squeeze, transpose, unsqueeze } from './fold/shaping.js'
import { toValue, toWeights, type Value } from './fold/values.js'

type Fold = (node: OnnxNode, inputs: readonly Value[]) => Value | null

const folds: Readonly<Record<string, Fold>> = {
  Identity: (_node, [x]) => x ?? null,
  Add: arithmetic,
  Sub: arithmetic,
  Mul: arithmetic,
  Div: arithmetic,
  Neg: unary,
  Sqrt: unary,
  Floor: unary,
  Ceil: unary,
  Cast: cast,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Reshape: reshape,
  Concat: concat,
  Gather: gather,
  Slice: slice,
  Transpose: transpose,
  ConstantOfShape: constantOfShape,
}

/** What is known without the values, from a shape alone. */
const fromShape: Readonly<Record<string, (node: OnnxNode, dims: readonly number[]) => Value>> = { Shape: shape, Size: size }

export interface FoldOptions {
  /** Of values of the outermost graph that have the same shape in every run: `shapesOf` a model whose inputs have fixed ones. */
  readonly shapes?: ReadonlyMap<string, { readonly dims: readonly number[] }>
}

/**
 * Constant nodes as initializers, and the small arithmetic on shapes and constants that exporters leave behind computed here:
 * in float32, int32 and int64, to the bit as ONNX Runtime computes them. In the graphs of If, Loop and Scan too. Names of
 * inputs, outputs and of the values that stay are kept.
 *
 * @returns A new model; `model` is not changed, weights are shared.
 * @throws {TrtError} `TRT_ERR_MODEL`: a constant with more or fewer values than its shape says.
 */
export function foldConstants(model: OnnxModel, { shapes }: FoldOptions = {}): OnnxModel {
  const copy = cloneModel(model)
  foldGraph(copy.graph, { root: copy.graph, lookup: () => undefined, shapes: shapes ?? new Map() })
  return copy
}

type Lookup = (name: string) => Weights | undefined

interface Around {
  readonly root: OnnxGraph
  readonly lookup: Lookup
  readonly shapes: ReadonlyMap<string, { readonly dims: readonly number[] }>
}

function foldGraph(graph: OnnxGraph, around: Around): void {
  const editor = new GraphEditor(graph, around.root)
  const defined = new Set([...graph.inputs.map(({ name }) => name), ...graph.nodes.flatMap(({ outputs }) => outputs)])
  const lookup: Lookup = (name) => editor.index.constant(name) ?? (defined.has(name) ? undefined : around.lookup(name))
  const shapes = knownShapes(graph, around.shapes)
  const gone = new Set<OnnxNode>()
  for (const node of graph.nodes) {
    for (const inner of graphsOf(node)) foldGraph(inner, { ...around, lookup, shapes: new Map() })
    const weights = fold(node, lookup, shapes)
    const [name = ''] = node.outputs
    // An output must have a producer that runs: ONNX Runtime takes initializers for outputs, TensorRT does not.
    if (weights === null || editor.index.isOutput(name) || node.outputs.length !== 1) continue
    editor.index.delete(node)
    gone.add(node)
    editor.setInitializer(weights)
  }
  graph.nodes = graph.nodes.filter((node) => !gone.has(node))
  dropUnused(editor)
}

function fold(node: OnnxNode, lookup: Lookup, shapes: ReadonlyMap<string, readonly number[]>): Weights | null {
  if (node.domain !== '') return null
  const [name = ''] = node.outputs
  if (node.opType === 'Constant') return constantValue(node) ?? null
  const [first = ''] = node.inputs
  const dims = lookup(first)?.dims ?? shapes.get(first)
  const measure = fromShape[node.opType]
  if (measure !== undefined) return dims === undefined ? null : toWeights(name, measure(node, dims))
  const compute = folds[node.opType]
  const weights = node.inputs.map((input) => (input === '' ? undefined : lookup(input)))
  if (compute === undefined || weights.length === 0 || weights.some((each, i) => each === undefined && node.inputs[i] !== '')) return null
  if (node.opType === 'Identity') return (weights[0] as Weights).renamed(name)
  return evaluate(node, compute, weights)
}

function evaluate(node: OnnxNode, compute: Fold, weights: readonly (Weights | undefined)[]): Weights | null {
  const values = weights.map((each) => (each === undefined ? undefined : toValue(each)))
  // Optional inputs are only left out at the end of those operators that have them in the table.
  while (values.at(-1) === undefined && values.length > 0) values.pop()
  if (values.some((value) => value === undefined || value === null)) return null
  const result = compute(node, values as Value[])
  return result === null ? null : toWeights(node.outputs[0] ?? '', result)
}

/** Of inputs and values of which the file gives every dimension as a number. */
function knownShapes(graph: OnnxGraph, measured: Around['shapes']): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>()
  for (const [name, { dims }] of measured) shapes.set(name, dims)
  for (const { name, type, dims } of [...graph.inputs, ...graph.valueInfo.values()]) {
    if (type !== null && dims?.every((dim) => typeof dim === 'number')) shapes.set(name, dims)
  }
  return shapes
}

/** Weights that no node reads any more, and no caller may give. */
function dropUnused(editor: GraphEditor): void {
  const { graph, index } = editor
  for (const name of graph.initializers.keys()) if (!index.isUsed(name) && !index.isInput(name)) graph.initializers.delete(name)
}
