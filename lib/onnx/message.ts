import { malformed } from './errors.js'
import type { Field, Kind, Schema } from './schema.js'
import type { Reader } from './wire.js'
import { Writer } from './writer.js'

interface Read {
  int64: bigint
  int32: number
  float: number
  name: string
  text: string
  bytes: Uint8Array
  message: Reader
}

interface Written {
  int64: bigint | number
  int32: number
  float: number
  name: string
  text: string
  bytes: Uint8Array
  message: Writer
}

/** Called with each value of a field, in the order of the file. Fields without a handler are skipped, at no cost. */
export type Handlers<S extends Schema> = { readonly [K in keyof S]?: (value: Read[S[K]['kind']], at: number) => void }

export type Values<S extends Schema> = {
  readonly [K in keyof S]?: S[K] extends Field<Kind, true> ? readonly Written[S[K]['kind']][] : Written[S[K]['kind']]
}

const namesByNumber = new WeakMap<Schema, ReadonlyMap<number, string>>()

function nameOf(schema: Schema, number: number): string | undefined {
  let names = namesByNumber.get(schema)
  if (names === undefined) {
    names = new Map(Object.entries(schema).map(([name, field]) => [field.number, name]))
    namesByNumber.set(schema, names)
  }
  return names.get(number)
}

/**
 * Walks a message once and materialises nothing: memory does not grow with what a hostile file claims.
 *
 * A message field that may occur once is refused when it occurs twice: protobuf would merge the two, and a merged tensor
 * would say something else than either of those a handler saw.
 *
 * @param rest Gets the fields without a handler, whole and encoded, in the order of the file.
 */
export function readMessage<S extends Schema>(reader: Reader, schema: S, handlers: Handlers<S>, rest?: (field: Uint8Array) => void): void {
  let seen: Set<string> | undefined
  while (reader.next()) {
    const name = nameOf(schema, reader.field)
    const handler = name === undefined ? undefined : handlers[name]
    if (name === undefined || handler === undefined) {
      rest?.(reader.raw())
      continue
    }
    const field = schema[name] as Field
    if (field.kind === 'message' && !field.repeated) {
      if (seen?.has(name)) throw malformed(reader.at, `"${name}" once in its message`, 'it a second time')
      seen = (seen ?? new Set()).add(name)
    }
    deliver(reader, field, handler as (value: unknown, at: number) => void)
  }
}

function deliver(reader: Reader, field: Field, handle: (value: unknown, at: number) => void): void {
  const { at } = reader
  if (field.repeated && field.kind === 'int64') reader.int64s((value) => handle(value, at))
  else if (field.repeated && field.kind === 'float') reader.floats((value) => handle(value, at))
  else handle(reader[field.kind](), at)
}

/** Fields in the order of the schema, repeated numbers unpacked: what protobuf's own writers make of ONNX (proto2). */
export function writeMessage<S extends Schema>(schema: S, values: Values<S>): Writer {
  const writer = new Writer()
  for (const [name, field] of Object.entries(schema)) {
    const value: unknown = values[name]
    if (value === undefined) continue
    for (const item of field.repeated ? (value as readonly unknown[]) : [value]) write(writer, field, item)
  }
  return writer
}

function write(writer: Writer, { number, kind }: Field, value: unknown): void {
  if (kind === 'int64' || kind === 'int32') writer.int64(number, value as bigint | number)
  else if (kind === 'float') writer.float(number, value as number)
  else if (kind === 'bytes') writer.bytes(number, value as Uint8Array)
  else if (kind === 'message') writer.message(number, value as Writer)
  else writer.text(number, value as string)
}
