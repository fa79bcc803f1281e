import { readMessage } from '../message.js'
import { attributeProto, attributeType } from '../schema.js'
import type { Reader } from '../wire.js'
import type { Budget } from './budget.js'
import type { Attribute, OnnxGraph } from './types.js'
import { Unknown } from './unknown.js'
import { type ExternalSource, Weights } from './weights.js'

/** What reading a part of a model needs to know of the rest. */
export interface ReadContext {
  readonly budget: Budget
  readonly source: ExternalSource | undefined
  graph(reader: Reader): OnnxGraph
}

type Kind = Exclude<Attribute['type'], 'other'>
type Member = keyof typeof attributeProto

const members: Readonly<Record<Kind, Member>> = {
  float: 'f',
  int: 'i',
  string: 's',
  tensor: 't',
  graph: 'g',
  floats: 'floats',
  ints: 'ints',
  strings: 'strings',
  tensors: 'tensors',
  graphs: 'graphs',
}
const kinds = Object.keys(members) as Kind[]

const referenceField = 21

export function readAttribute(reader: Reader, context: ReadContext): [name: string, attribute: Attribute] {
  context.budget.spend('attribute', reader.start)
  const encoded = reader.view
  const { name, kind } = head(reader.again())
  const value = kind && readValue(reader, kind, context)
  return [name, value || { type: 'other', encoded }]
}

/** Old exporters leave the type out: then the first field that has a value says it. */
function head(reader: Reader): { name: string; kind: Kind | null } {
  let name = ''
  let number = 0
  let isReference = false
  const present = new Set<number>()
  while (reader.next()) {
    present.add(reader.field)
    if (reader.field === attributeProto.name.number) name = reader.name()
    else if (reader.field === attributeProto.type.number) number = reader.int32()
    else if (reader.field === referenceField) isReference = reader.bytes().length > 0
  }
  if (isReference) return { name, kind: null }
  const fits = (kind: Kind) => (number === 0 ? present.has(attributeProto[members[kind]].number) : attributeType[kind] === number)
  return { name, kind: kinds.find(fits) ?? null }
}

function readValue(reader: Reader, kind: Kind, context: ReadContext): Attribute | null {
  const values: unknown[] = []
  const unknown = new Unknown()
  const push = (value: unknown) => {
    context.budget.spend('number', reader.at)
    values.push(value)
  }
  const take: Record<string, (value: never) => void> = {
    tensor: (value: Reader) => push(Weights.read(value, context.source)),
    graph: (value: Reader) => push(context.graph(value)),
  }
  const single = kind.endsWith('s') ? kind.slice(0, -1) : kind
  const skip = () => {}
  readMessage(reader, attributeProto, { name: skip, type: skip, [members[kind]]: take[single] ?? push }, unknown.add)
  if (values.includes(null)) return null
  const value = single === kind ? (values.at(-1) ?? absent(kind)) : values
  if (value === undefined) return null
  const rest = unknown.joined()
  return { type: kind, value, ...(rest.length > 0 && { unknown: rest }) } as Attribute
}

/** Protobuf's defaults: a field that is missing has a value, but messages do not. */
function absent(kind: Kind): unknown {
  if (kind === 'int') return 0n
  if (kind === 'float') return 0
  return kind === 'string' ? new Uint8Array(0) : undefined
}
