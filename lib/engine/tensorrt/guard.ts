import { TrtError } from '../../core/errors.js'
import { readMessage } from '../../onnx/message.js'
import { attributeProto, graphProto, modelProto, nodeProto } from '../../onnx/schema.js'
import { readTensor } from '../../onnx/tensor.js'
import { Reader } from '../../onnx/wire.js'

/** `Dims` of TensorRT holds eight; its parser writes beyond them. */
const maxShapeEntries = 8
/** Nodes in a row. The optimizer recurses along them: 3,000 end a stack of 8 MiB, and ours has 64 MiB. */
const maxChain = 10_000
const onnxDomains = new Set(['', 'ai.onnx'])

interface Node {
  op: string
  domain: string
  name: string
  inputs: string[]
  outputs: string[]
  /** Of its body, where it has one. */
  body: { inputs: number; outputs: number } | null
}

/** What a name stands for: how many entries a constant vector has, and how many nodes led to it. */
interface Scope {
  readonly constants: Map<string, number>
  readonly depths: Map<string, number>
}

/**
 * Refuses what is known to crash NVIDIA's parser or optimizer, process and all (each found with TensorRT-RTX 1.7): for builds
 * in this process. It cannot know all of it, so that models from strangers are built with `isolate`.
 *
 * @throws {TrtError} `TRT_ERR_MODEL`
 */
export function guardModel(bytes: Uint8Array): void {
  let outputs = 0
  readMessage(new Reader(bytes), modelProto, {
    graph: (graph) => {
      outputs = guardGraph(graph, { constants: new Map(), depths: new Map() }).outputs
    },
  })
  if (outputs === 0) throw refused('The model has no graph with outputs, so that nothing could be built of it', {})
}

function guardGraph(reader: Reader, outer: Scope): { inputs: number; outputs: number } {
  const scope: Scope = { constants: new Map(outer.constants), depths: new Map(outer.depths) }
  const counts = { inputs: 0, outputs: 0 }
  const nodes: Reader[] = []
  readMessage(reader, graphProto, {
    initializer: (value) => {
      const { name, dims } = readTensor(value)
      scope.constants.set(name, entries(dims))
    },
    input: () => counts.inputs++,
    output: () => counts.outputs++,
    node: (value) => nodes.push(value.again()),
  })
  // A second pass: a file may have its nodes before the constants that they take.
  for (const node of nodes) guardNode(node, scope)
  return counts
}

function guardNode(reader: Reader, scope: Scope): void {
  const node: Node = { op: '', domain: '', name: '', inputs: [], outputs: [], body: null }
  const attributes = reader.again()
  readMessage(reader, nodeProto, {
    opType: (value) => (node.op = value),
    domain: (value) => (node.domain = value),
    name: (value) => (node.name = value),
    input: (value) => void node.inputs.push(value),
    output: (value) => void node.outputs.push(value),
  })
  readMessage(attributes, nodeProto, { attribute: (value) => readAttribute(value, node, scope) })
  if (node.outputs.length === 0) throw refused(`${title(node)} has no outputs; expected at least 1`, facts(node))
  if (onnxDomains.has(node.domain)) guardOperator(node, scope)
  const depth = 1 + node.inputs.reduce((deepest, name) => Math.max(deepest, scope.depths.get(name) ?? 0), 0)
  if (depth > maxChain) throw refused(`More than ${maxChain} nodes in a row lead to ${title(node)}`, { ...facts(node), maxChain })
  for (const output of node.outputs) scope.depths.set(output, depth)
}

function readAttribute(reader: Reader, node: Node, scope: Scope): void {
  readMessage(reader, attributeProto, {
    t: (tensor) => {
      if (node.op === 'Constant') for (const output of node.outputs) scope.constants.set(output, entries(readTensor(tensor).dims))
    },
    g: (graph) => {
      node.body = guardGraph(graph, scope)
    },
  })
}

const entries = (dims: readonly number[]) => dims.reduce((product, dim) => product * dim, 1)

/** Where the input stands that is a shape. */
const shapeInputs: Readonly<Record<string, number>> = { Reshape: 1, Expand: 1, ConstantOfShape: 0 }

function guardOperator(node: Node, { constants }: Scope): void {
  const wrong = wrongArity(node)
  if (wrong !== null) throw refused(`${title(node)} has ${wrong}`, facts(node))
  const shapeInput = shapeInputs[node.op]
  const length = shapeInput === undefined ? undefined : constants.get(node.inputs[shapeInput] ?? '')
  if (length !== undefined && length > maxShapeEntries) {
    throw refused(`${title(node)} has a constant shape of ${length} entries; TensorRT takes at most ${maxShapeEntries}`, facts(node))
  }
  if (node.op !== 'TopK' && node.op !== 'NonMaxSuppression') return
  if (node.inputs.some((name) => constants.get(name) === 0)) throw refused(`${title(node)} has an empty constant as an input`, facts(node))
}

/** Null: as ONNX has it, for the operators where TensorRT's parser does not look. */
function wrongArity({ op, inputs, outputs, body }: Node): string | null {
  if (op === 'TopK' && outputs.length !== 2) return `${outputs.length} outputs; expected 2`
  if (op === 'Clip' && (inputs.length < 1 || inputs.length > 3)) return `${inputs.length} inputs; expected 1 to 3`
  if (op === 'Scan' && inputs.length === 0) return 'no inputs; expected at least 1'
  if ((op !== 'Loop' && op !== 'Scan') || body === null) return null
  // A loop's body answers with a condition, too, that the loop has not.
  const most = op === 'Loop' ? { inputs: body.inputs, outputs: body.outputs - 1 } : body
  if (inputs.length > most.inputs) return `${inputs.length} inputs; its body takes ${most.inputs}`
  return outputs.length > most.outputs ? `${outputs.length} outputs; its body gives ${most.outputs}` : null
}

const title = ({ op, name }: Node) => `The node "${name}" (${op})`
const facts = ({ op, name }: Node) => ({ node: name, operator: op })

function refused(what: string, details: Readonly<Record<string, unknown>>): TrtError {
  const message = `${what}. NVIDIA's parser crashes on such a model: mend it, or build it in a process of its own (isolate: true).`
  return new TrtError('TRT_ERR_MODEL', message, details)
}
