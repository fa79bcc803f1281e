import { TrtError } from '../../core/errors.js'
import { malformed } from '../errors.js'
import { readMessage, writeMessage } from '../message.js'
import { explainModelError } from '../model.js'
import { graphProto, modelProto, nodeProto, operatorSetIdProto, stringStringEntryProto } from '../schema.js'
import { readEntry, safeInteger } from '../tensor.js'
import { Reader } from '../wire.js'
import { Writer } from '../writer.js'
import { Budget } from './budget.js'
import { readAttribute, type ReadContext } from './read-attribute.js'
import type { Attribute, OnnxGraph, OnnxModel, OnnxNode, ValueInfo } from './types.js'
import { Unknown } from './unknown.js'
import { readValueInfo } from './value-info.js'
import { type ExternalSource, Weights } from './weights.js'

export interface ReadOptions {
  /** Where external data is read from. Without it such weights keep their reference, and nobody can ask for their values. */
  readonly source?: ExternalSource | undefined
}

/**
 * A model to be edited. Weights, and what this package does not know, are views of `bytes`, which must not change meanwhile;
 * memory beside them goes with the structure of the graph, and is bounded.
 *
 * @throws {TrtError} `TRT_ERR_MODEL`: not an ONNX model, or a damaged one.
 */
export function readOnnx(bytes: Uint8Array, { source }: ReadOptions = {}): OnnxModel {
  if (!(bytes instanceof Uint8Array)) {
    throw new TrtError('TRT_ERR_INVALID_ARGUMENT', `Expected the bytes of an ONNX model in a Uint8Array, received ${typeof bytes}.`)
  }
  const context: ReadContext = { budget: new Budget(), source, graph: (reader) => readGraph(reader, context) }
  try {
    // A Buffer's own `slice` and `toString` would go into every view.
    return readModel(new Reader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)), context)
  } catch (error) {
    throw explainModelError(bytes, error)
  }
}

function readModel(reader: Reader, context: ReadContext): OnnxModel {
  const unknown = new Unknown()
  const functions: Uint8Array[] = []
  let graph: OnnxGraph | null = null
  let irVersion: number | null = null
  const model = {
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0n,
    opsets: new Map<string, number>(),
    metadata: new Map<string, string>(),
  }
  readMessage(
    reader,
    modelProto,
    {
      irVersion: (value, at) => {
        irVersion = safeInteger(value, at, 'an IR version')
      },
      producerName: (value) => void (model.producerName = value),
      producerVersion: (value) => void (model.producerVersion = value),
      domain: (value) => void (model.domain = value),
      modelVersion: (value) => void (model.modelVersion = value),
      opsetImport: (value) => readOpset(value, model.opsets),
      metadataProps: (value) => readMetadata(value, model.metadata, unknown),
      functions: (value) => functions.push(value.view),
      graph: (value) => void (graph = context.graph(value)),
    },
    unknown.add,
  )
  if (graph === null) throw malformed(reader.size, 'a graph in the model', 'the end of the file')
  if (irVersion === null) throw malformed(reader.size, 'an IR version in the model', 'the end of the file')
  return { irVersion, ...model, graph, functions, unknown: unknown.joined() }
}

function readOpset(reader: Reader, into: Map<string, number>): void {
  let domain = ''
  let version = 0
  readMessage(reader, operatorSetIdProto, {
    domain: (value) => {
      domain = canonicalDomain(value)
    },
    version: (value, at) => void (version = safeInteger(value, at, 'an operator set version')),
  })
  const other = into.get(domain)
  if (other !== undefined && other !== version) {
    throw malformed(reader.start, `one version of operator set "${domain || 'ai.onnx'}"`, `${other} and ${version}`)
  }
  into.set(domain, version)
}

function canonicalDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain
}

/** What a map of texts cannot say (a key twice, other bytes than UTF-8) stays as it is. */
function readMetadata(reader: Reader, into: Map<string, string>, unknown: Unknown): void {
  const entry = reader.view
  const [key, value] = readEntry(reader, stringStringEntryProto)
  const again = writeMessage(stringStringEntryProto, { key, value }).finish()
  if (into.has(key) || Buffer.compare(again, entry) !== 0) {
    unknown.add(new Writer().bytes(modelProto.metadataProps.number, entry).finish())
  } else into.set(key, value)
}

function readGraph(reader: Reader, context: ReadContext): OnnxGraph {
  const unknown = new Unknown()
  const { budget } = context
  const graph = {
    name: '',
    nodes: [] as OnnxNode[],
    inputs: [] as ValueInfo[],
    outputs: [] as ValueInfo[],
    initializers: new Map<string, Weights>(),
    valueInfo: new Map<string, ValueInfo>(),
  }
  const value = (found: Reader) => {
    budget.spend('value', found.start)
    return readValueInfo(found)
  }
  const keep = (number: number, found: Reader) => unknown.add(new Writer().bytes(number, found.view).finish())
  readMessage(
    reader,
    graphProto,
    {
      node: (found) => graph.nodes.push(readNode(found, context)),
      name: (text) => void (graph.name = text),
      initializer: (found) => {
        budget.spend('value', found.start)
        const weights = Weights.read(found, context.source)
        // A tensor without a name is of no use to any node.
        if (weights === null || weights.name === '') keep(graphProto.initializer.number, found)
        else graph.initializers.set(weights.name, weights)
      },
      input: (found) => graph.inputs.push(value(found)),
      output: (found) => graph.outputs.push(value(found)),
      valueInfo: (found) => {
        const info = value(found)
        if (info.name === '' || graph.valueInfo.has(info.name)) keep(graphProto.valueInfo.number, found)
        else graph.valueInfo.set(info.name, info)
      },
    },
    unknown.add,
  )
  return { ...graph, unknown: unknown.joined() }
}

/** Many exporters write these out: kept, so that an unedited node comes out as it went in. */
const emptyName = new Writer().text(nodeProto.name.number, '').finish()
const emptyDomain = new Writer().text(nodeProto.domain.number, '').finish()

function readNode(reader: Reader, context: ReadContext): OnnxNode {
  const unknown = new Unknown()
  const { budget } = context
  budget.spend('node', reader.start)
  const node = {
    name: '',
    opType: '',
    domain: '',
    inputs: [] as string[],
    outputs: [] as string[],
    attributes: new Map<string, Attribute>(),
  }
  const name = (list: string[]) => (value: string, at: number) => {
    budget.spend('name', at)
    list.push(value)
  }
  readMessage(
    reader,
    nodeProto,
    {
      input: name(node.inputs),
      output: name(node.outputs),
      name: (value) => {
        node.name = value
        if (value === '') unknown.add(emptyName)
      },
      opType: (value) => void (node.opType = value),
      domain: (value) => {
        node.domain = canonicalDomain(value)
        if (value === '') unknown.add(emptyDomain)
      },
      attribute: (value, at) => {
        const [key, attribute] = readAttribute(value, context)
        if (node.attributes.has(key)) throw malformed(at, `one attribute "${key}" of node "${node.name || node.opType}"`, 'a second one')
        node.attributes.set(key, attribute)
      },
    },
    unknown.add,
  )
  return { ...node, unknown: unknown.joined() }
}
