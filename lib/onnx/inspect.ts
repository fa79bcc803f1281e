import { type DataType, typeFromNumber } from '../core/dtypes.js'
import { malformed } from './errors.js'
import { readMessage } from './message.js'
import { walkModel } from './model.js'
import {
  dimensionProto,
  operatorSetIdProto,
  stringStringEntryProto,
  tensorShapeProto,
  tensorTypeProto,
  typeProto,
  valueInfoProto,
} from './schema.js'
import { addDimension, readEntry, safeInteger, type TensorHeader } from './tensor.js'
import type { Place } from './walk.js'
import type { Reader } from './wire.js'

/** `none`: the file gives no type, as it may for outputs. */
export type ValueKind = 'tensor' | 'sequence' | 'map' | 'optional' | 'sparse' | 'opaque' | 'none'

export interface ValueSummary {
  readonly name: string
  readonly kind: ValueKind
  /** Null: not a tensor, or of an element type that is unknown here. */
  readonly type: DataType | null
  /** -1 = free. Null: the file does not give the rank. */
  readonly dims: readonly number[] | null
  /** One for each dimension, '' = no name. Empty where `dims` is null. */
  readonly dimNames: readonly string[]
}

export interface TensorTotals {
  readonly count: number
  /** Of the elements, wherever they are kept; strings and element types unknown here count as 0. */
  readonly bytes: number
}

/** JSON-safe. */
export interface ModelSummary {
  readonly irVersion: number
  readonly producer: { readonly name: string; readonly version: string }
  readonly graphName: string
  /** Version by domain; ONNX's own is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>
  readonly metadata: Readonly<Record<string, string>>
  /** What a caller must give: without the inputs that an initializer is the default of. */
  readonly inputs: readonly ValueSummary[]
  readonly outputs: readonly ValueSummary[]
  /** How often each operator stands in the graph, its subgraphs and functions; `domain.Operator` outside of `ai.onnx`. */
  readonly operators: Readonly<Record<string, number>>
  readonly initializers: TensorTotals
  /** Tensors in attributes (Constant nodes): where some exporters keep the weights. */
  readonly constants: TensorTotals
}

const onnxDomain = 'ai.onnx'

/**
 * What an ONNX model says of itself. Reads structure only: the weights are not touched, external data is not opened.
 *
 * @throws {TrtError} `TRT_ERR_MODEL`: not an ONNX model, or a damaged one.
 */
export function inspectModel(bytes: Uint8Array): ModelSummary {
  const found = new Findings()
  walkModel(bytes, found)
  return found.summary()
}

class Findings {
  #irVersion = 0
  #graphName = ''
  readonly #producer = { name: '', version: '' }
  readonly #opsets = new Map<string, number>()
  readonly #metadata = new Map<string, string>()
  readonly #operators = new Map<string, number>()
  readonly #initialized = new Set<string>()
  readonly #inputs = new Map<string, ValueSummary>()
  readonly #outputs = new Map<string, ValueSummary>()
  readonly #totals = { initializer: { count: 0, bytes: 0 }, attribute: { count: 0, bytes: 0 } }

  irVersion(version: number): void {
    this.#irVersion = version
  }

  name(name: string): void {
    this.#graphName = name
  }

  producer(part: 'name' | 'version', text: string): void {
    this.#producer[part] = text
  }

  opset(reader: Reader): void {
    let domain = ''
    let version = 0
    readMessage(reader, operatorSetIdProto, {
      domain: (value) => {
        domain = value
      },
      version: (value, at) => {
        version = safeInteger(value, at, 'an operator set version')
      },
    })
    this.#opsets.set(domain || onnxDomain, version)
  }

  metadata(entry: Reader): void {
    this.#metadata.set(...readEntry(entry, stringStringEntryProto))
  }

  node = (opType: string, domain: string): void => {
    const operator = domain === '' || domain === onnxDomain ? opType : `${domain}.${opType}`
    this.#operators.set(operator, (this.#operators.get(operator) ?? 0) + 1)
  }

  tensor = ({ bytes }: TensorHeader, place: Place): void => {
    this.#totals[place].count++
    this.#totals[place].bytes += bytes ?? 0
  }

  initializer(name: string): void {
    this.#initialized.add(name)
  }

  input(value: Reader): void {
    add(this.#inputs, value, 'input')
  }

  output(value: Reader): void {
    add(this.#outputs, value, 'output')
  }

  summary(): ModelSummary {
    return {
      irVersion: this.#irVersion,
      producer: this.#producer,
      graphName: this.#graphName,
      opsets: Object.fromEntries(this.#opsets),
      metadata: Object.fromEntries(this.#metadata),
      inputs: [...this.#inputs.values()].filter(({ name }) => !this.#initialized.has(name)),
      outputs: [...this.#outputs.values()],
      operators: Object.fromEntries([...this.#operators].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))),
      initializers: this.#totals.initializer,
      constants: this.#totals.attribute,
    }
  }
}

/** More than any model has; it bounds what a hostile file can make us remember. */
const maxValues = 65_536

/** Names are how values are bound: one that is missing or doubled makes the model ambiguous. */
function add(values: Map<string, ValueSummary>, reader: Reader, what: string): void {
  const at = reader.start
  const value = readValue(reader)
  if (value.name === '') throw malformed(at, `a name for each ${what} of the graph`, 'none')
  if (values.has(value.name)) throw malformed(at, `${what}s of different names`, `${JSON.stringify(value.name)} twice`)
  if (values.size === maxValues) throw malformed(at, `at most ${maxValues} ${what}s`, 'more')
  values.set(value.name, value)
}

interface Type {
  kind: ValueKind
  type: DataType | null
  dims: number[] | null
  dimNames: string[]
}

function readValue(reader: Reader): ValueSummary {
  let name = ''
  const type: Type = { kind: 'none', type: null, dims: null, dimNames: [] }
  readMessage(reader, valueInfoProto, {
    name: (value) => {
      name = value
    },
    type: (value) => readType(value, type),
  })
  return { name, ...type }
}

function readType(reader: Reader, into: Type): void {
  // Members of one union: the last in the file counts, and takes the place of what came before.
  const other = (kind: ValueKind) => () => void Object.assign(into, { kind, type: null, dims: null, dimNames: [] })
  readMessage(reader, typeProto, {
    tensorType: (value) => {
      into.kind = 'tensor'
      readTensorType(value, into)
    },
    sequenceType: other('sequence'),
    mapType: other('map'),
    optionalType: other('optional'),
    sparseTensorType: other('sparse'),
    opaqueType: other('opaque'),
  })
}

function readTensorType(reader: Reader, into: Type): void {
  readMessage(reader, tensorTypeProto, {
    elemType: (value) => {
      into.type = typeFromNumber(value) ?? null
    },
    shape: (shape) => {
      const dims: number[] = (into.dims = [])
      readMessage(shape, tensorShapeProto, { dim: (dim) => readDimension(dim, dims, into.dimNames) })
    },
  })
}

/** Some exporters write a free dimension as a negative size; ONNX Runtime takes it so, too. */
function readDimension(reader: Reader, dims: number[], names: string[]): void {
  let size = -1
  let symbol = ''
  readMessage(reader, dimensionProto, {
    value: (value, at) => {
      size = value < 0n ? -1 : safeInteger(value, at, 'a dimension')
      symbol = ''
    },
    param: (value) => {
      size = -1
      symbol = value
    },
  })
  addDimension(dims, size, reader.start)
  names.push(symbol)
}
