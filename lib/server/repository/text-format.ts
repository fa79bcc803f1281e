import { TrtError } from '../../core/errors.js'

/** A message in protobuf's text format: each field's values in the order of the file, since any field may be repeated. */
export type TextMessage = ReadonlyMap<string, readonly TextValue[]>
export type TextValue = string | number | boolean | TextMessage

const token =
  /\s+|#[^\n]*|([A-Za-z_][\w.]*)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([:{}<>[\],;])/gy
/** Deeper than any model configuration. */
const maxDepth = 32

/**
 * Reads protobuf's text format, in which Triton's model configurations are written. Field names are not checked here.
 *
 * @throws {TrtError} `TRT_ERR_FILE`: what is wrong, with the line.
 * @see https://protobuf.dev/reference/protobuf/textformat-spec/
 */
export function parseTextFormat(text: string): TextMessage {
  return new Parser(text).message(null, 0)
}

class Parser {
  readonly #text: string
  #at = 0
  #token = ''
  #kind: 'name' | 'text' | 'number' | 'sign' | 'end' = 'end'

  constructor(text: string) {
    this.#text = text
    this.#next()
  }

  message(end: string | null, depth: number): TextMessage {
    if (depth === maxDepth) throw this.#wrong(`at most ${maxDepth} levels`)
    const fields = new Map<string, TextValue[]>()
    while (this.#kind !== 'end') {
      if (end !== null && this.#is(end)) break
      const name = this.#take('name', 'the name of a field')
      const values = fields.get(name) ?? []
      values.push(...this.#values(depth))
      fields.set(name, values)
      if (this.#is(',') || this.#is(';')) this.#next()
    }
    if (end === null) return fields
    if (!this.#is(end)) throw this.#wrong(`"${end}"`)
    this.#next()
    return fields
  }

  #values(depth: number): TextValue[] {
    const colon = this.#is(':')
    if (colon) this.#next()
    if (!this.#is('[')) return [this.#value(colon, depth)]
    this.#next()
    const values: TextValue[] = []
    while (!this.#is(']')) {
      values.push(this.#value(true, depth))
      if (this.#is(',')) this.#next()
      else if (!this.#is(']')) throw this.#wrong('"," or "]"')
    }
    this.#next()
    return values
  }

  #value(scalar: boolean, depth: number): TextValue {
    if (this.#is('{') || this.#is('<')) {
      const end = this.#is('{') ? '}' : '>'
      this.#next()
      return this.message(end, depth + 1)
    }
    if (!scalar) throw this.#wrong('":" or "{"')
    if (this.#kind === 'number') return Number(this.#take('number', 'a value'))
    if (this.#kind === 'text') return unquote(this.#take('text', 'a value'))
    const word = this.#take('name', 'a value')
    return word === 'true' ? true : word === 'false' ? false : word
  }

  #is(sign: string): boolean {
    return this.#token === sign
  }

  #take(kind: 'name' | 'text' | 'number', what: string): string {
    if (this.#kind !== kind) throw this.#wrong(what)
    const taken = this.#token
    this.#next()
    return taken
  }

  #next(): void {
    while (this.#at < this.#text.length) {
      token.lastIndex = this.#at
      const match = token.exec(this.#text)
      if (match === null) throw this.#wrong('a name, a value or a bracket', this.#text[this.#at])
      this.#at = token.lastIndex
      const kinds = ['name', 'text', 'number', 'sign'] as const
      const kind = kinds.find((_, index) => match[index + 1] !== undefined)
      if (kind === undefined) continue
      this.#kind = kind
      this.#token = match[0]
      return
    }
    this.#kind = 'end'
    this.#token = ''
  }

  #wrong(expected: string, got = this.#kind === 'end' ? 'the end of the file' : this.#token): TrtError {
    const line = this.#text.slice(0, this.#at).split('\n').length
    const message = `Expected ${expected} in line ${line} of the model configuration but received ${JSON.stringify(got)}.`
    return new TrtError('TRT_ERR_FILE', message, { line, expected, received: got })
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replaceAll(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter)
}
