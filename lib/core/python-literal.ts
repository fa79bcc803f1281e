/** The values a `.npy` header can hold. `tuple` and `list` are told apart: only a tuple is a shape. */
export type PythonValue =
  | { kind: 'text'; value: string }
  | { kind: 'number'; value: number }
  | { kind: 'bool'; value: boolean }
  | { kind: 'none' }
  | { kind: 'tuple' | 'list'; items: PythonValue[] }
  | { kind: 'dict'; items: Map<string, PythonValue> }

// A structured type nests a list of tuples per level; what nests deeper is no header.
const MAX_DEPTH = 16
// Python 2 wrote long integers as `3L`.
const TOKEN = /\s*(?:([{}[\]():,])|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+)L?|(True|False|None))/y

/** Reads one Python literal (dict, tuple, list, string, integer, True, False, None) and nothing after it but blanks. */
export function parsePythonLiteral(text: string): PythonValue {
  const parser = new LiteralParser(text)
  const value = parser.value(0)
  parser.end()
  return value
}

interface Token {
  mark?: string
  value?: PythonValue
}

/** Plain `Error`s: the caller knows which file it reads and makes the message. */
class LiteralParser {
  private position = 0
  private readonly pattern = new RegExp(TOKEN)

  constructor(private readonly text: string) {}

  value(depth: number): PythonValue {
    if (depth > MAX_DEPTH) throw new Error('it nests too deep')
    const token = this.take()
    if (token.value) return token.value
    if (token.mark === '(') return { kind: 'tuple', items: this.sequence(')', depth) }
    if (token.mark === '[') return { kind: 'list', items: this.sequence(']', depth) }
    if (token.mark === '{') return { kind: 'dict', items: this.dictionary(depth) }
    throw new Error(`"${token.mark}" stands where a value should`)
  }

  end(): void {
    if (this.text.slice(this.position).trim() !== '') throw new Error('text follows the closing brace')
  }

  private sequence(close: string, depth: number): PythonValue[] {
    const items: PythonValue[] = []
    while (!this.closes(close)) {
      items.push(this.value(depth + 1))
      if (this.closes(close)) break
      this.expect(',')
    }
    return items
  }

  private dictionary(depth: number): Map<string, PythonValue> {
    const items = new Map<string, PythonValue>()
    while (!this.closes('}')) {
      const key = this.value(depth + 1)
      if (key.kind !== 'text') throw new Error('a key is not text')
      if (items.has(key.value)) throw new Error(`the key "${key.value}" stands twice`)
      this.expect(':')
      items.set(key.value, this.value(depth + 1))
      if (this.closes('}')) break
      this.expect(',')
    }
    return items
  }

  private closes(mark: string): boolean {
    const start = this.position
    if (this.take().mark === mark) return true
    this.position = start
    return false
  }

  private expect(mark: string): void {
    const found = this.take().mark
    if (found !== mark) throw new Error(`"${mark}" is missing`)
  }

  private take(): Token {
    this.pattern.lastIndex = this.position
    const match = this.pattern.exec(this.text)
    if (!match) throw new Error(`character ${this.position} is no Python literal`)
    this.position = this.pattern.lastIndex
    const [, mark, single, double, digits, word] = match
    if (mark !== undefined) return { mark }
    if (digits !== undefined) return { value: { kind: 'number', value: Number(digits) } }
    if (word === 'None') return { value: { kind: 'none' } }
    if (word !== undefined) return { value: { kind: 'bool', value: word === 'True' } }
    return { value: { kind: 'text', value: (single ?? double ?? '').replace(/\\(.)/gs, '$1') } }
  }
}
