import { readMessage } from './message.js'
import { attributeProto, functionProto, graphProto, nodeProto, sparseTensorProto } from './schema.js'
import { readTensor, type TensorHeader } from './tensor.js'
import type { Reader } from './wire.js'

/** Where a tensor stands: in a graph's initializers, or in an attribute of a node. */
export type Place = 'initializer' | 'attribute'

/** Sees every node and every tensor of a graph and of all graphs inside of it (If, Loop, Scan, functions). */
export interface Visitor {
  node?(opType: string, domain: string): void
  /** `label` names the tensor for people: its own name, else what its node makes. */
  tensor?(tensor: TensorHeader, place: Place, label: string): void
}

/** What only the outermost graph is asked for. */
export interface GraphVisitor extends Visitor {
  name?(name: string): void
  initializer?(name: string): void
  input?(valueInfo: Reader): void
  output?(valueInfo: Reader): void
}

export function walkGraph(reader: Reader, visitor: GraphVisitor): void {
  const tensor = (found: TensorHeader) => {
    visitor.initializer?.(found.name)
    visitor.tensor?.(found, 'initializer', found.name)
  }
  readMessage(reader, graphProto, {
    name: (value) => visitor.name?.(value),
    node: (node) => walkNode(node, visitor),
    initializer: (value) => tensor(readTensor(value)),
    sparseInitializer: (value) => walkSparse(value, tensor),
    input: (value) => visitor.input?.(value),
    output: (value) => visitor.output?.(value),
  })
}

export function walkFunction(reader: Reader, visitor: Visitor): void {
  readMessage(reader, functionProto, {
    node: (node) => walkNode(node, visitor),
    attributeProto: (attribute) => walkAttribute(attribute, visitor, ''),
  })
}

function walkNode(reader: Reader, visitor: Visitor): void {
  let opType = ''
  let domain = ''
  let made = ''
  let name = ''
  const attributes = reader.again()
  readMessage(reader, nodeProto, {
    opType: (value) => {
      opType = value
    },
    domain: (value) => {
      domain = value
    },
    output: (value) => {
      made ||= value
    },
    name: (value) => {
      name = value
    },
  })
  visitor.node?.(opType, domain)
  // A second pass: the fields of a message may come in any order, and the label needs those read above.
  readMessage(attributes, nodeProto, { attribute: (attribute) => walkAttribute(attribute, visitor, made || name || opType) })
}

function walkAttribute(reader: Reader, visitor: Visitor, owner: string): void {
  const tensor = (found: TensorHeader) => visitor.tensor?.(found, 'attribute', found.name || owner)
  const graph = (value: Reader) => walkGraph(value, subgraphOf(visitor))
  readMessage(reader, attributeProto, {
    t: (value) => tensor(readTensor(value)),
    tensors: (value) => tensor(readTensor(value)),
    g: graph,
    graphs: graph,
    sparseTensor: (value) => walkSparse(value, tensor),
    sparseTensors: (value) => walkSparse(value, tensor),
  })
}

/** The inputs, outputs and names of an inner graph are not the model's. */
function subgraphOf({ node, tensor }: Visitor): Visitor {
  return { ...(node && { node }), ...(tensor && { tensor }) }
}

function walkSparse(reader: Reader, tensor: (found: TensorHeader) => void): void {
  readMessage(reader, sparseTensorProto, {
    values: (value) => tensor(readTensor(value)),
    indices: (value) => tensor(readTensor(value)),
  })
}
