/** Finds what a source file imports. Small scanners: TypeScript 7 has no compiler API, and types-only imports count too. */

const tokens = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g

/** Blanks comments and template texts (which may hold code that the program writes); keeps strings and line numbers. */
export function codeOf(source: string): string {
  return source.replace(tokens, (token) => (/^[`/]/.test(token) ? token.replace(/[^\n]/g, ' ') : token))
}

/** Blanks strings as well: what is left is what runs. */
export function withoutTexts(source: string): string {
  return source.replace(tokens, (token) => token.replace(/[^\n]/g, ' '))
}

export interface Import {
  specifier: string
  /** From 1. */
  line: number
}

// `import … from 'x'`, `export … from 'x'`, `import 'x'`; then `import('x')`, `require('x')`, `require.resolve('x')`.
const statement = /(?:^|[;\n])\s*(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])(.+?)\1|(?:^|[;\n])\s*import\s*(['"])(.+?)\3/g
const call = /\b(?:import|require|require\.resolve)\s*\(\s*(['"])(.+?)\1/g

export function importsOf(source: string): Import[] {
  const code = codeOf(source)
  const found: { specifier: string; index: number }[] = []
  for (const match of code.matchAll(statement)) {
    const specifier = match[2] ?? match[4] ?? ''
    found.push({ specifier, index: match.index + match[0].lastIndexOf(specifier) })
  }
  for (const match of code.matchAll(call)) found.push({ specifier: match[2] ?? '', index: match.index })
  return found
    .sort((a, b) => a.index - b.index)
    .map(({ specifier, index }) => ({ specifier, line: code.slice(0, index).split('\n').length }))
}

export interface Include extends Import {
  /** `<…>`, not `"…"`. */
  system: boolean
}

export function includesOf(source: string): Include[] {
  const found: Include[] = []
  for (const [index, text] of codeOf(source).split('\n').entries()) {
    const match = /^\s*#\s*include\s*([<"])([^>"]+)[>"]/.exec(text)
    if (match?.[2]) found.push({ specifier: match[2], line: index + 1, system: match[1] === '<' })
  }
  return found
}
