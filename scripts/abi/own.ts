/** Reads the declarations of native/tensorrt/abi.h out of what the preprocessor makes of it for one shape. */
import { always, parseSince, type Since } from './version.js'

export interface OwnSlot {
  readonly name: string
  /** As declared, without `virtual`, default and semicolon; empty for a slot that is only named (TRT_SKIP). */
  readonly text: string
  readonly since: Since
}

export interface OwnClass {
  readonly name: string
  readonly since: Since
  readonly slots: readonly OwnSlot[]
  /** Derived from Handle<V>: a record of a known size, besides its slots. */
  readonly isHandle: boolean
  /** What getInterfaceInfo answers, for the classes that we implement. */
  readonly info: string | undefined
}

export interface OwnEnum {
  readonly name: string
  readonly since: Since
  readonly values: readonly { readonly name: string; readonly since: Since }[]
}

export interface OwnRecord {
  readonly name: string
  readonly since: Since
  readonly members: readonly string[]
}

export interface OwnHeader {
  /** `trt_10` … */
  readonly space: string
  readonly classes: readonly OwnClass[]
  readonly enums: readonly OwnEnum[]
  readonly records: readonly OwnRecord[]
  /** Public classes that are a vtable with nothing but a destructor, and a pointer. */
  readonly handles: readonly { readonly name: string; readonly since: Since }[]
  /** Exported functions, by the struct of abi/exports.h that holds them. */
  readonly exports: readonly (OwnSlot & { readonly record: string })[]
}

/** Macros under which a slot reads the same whether it is declared or only named. */
export const ownMacros = ['-DTRT_PURE=', '-DTRT_SKIP(name)=virtual trt_skip name()']

/** @param text abi.h, preprocessed with its comments kept (-E -C -P). */
export function parseOwn(text: string): OwnHeader {
  const space = /namespace (trt_\w+) \{/.exec(text)?.[1]
  if (space === undefined) throw new Error('Expected a namespace trt_… in the preprocessed abi.h')
  const ours = text.slice(text.indexOf(`namespace ${space} {`))
  const handles = [...ours.matchAll(/^using (\w+) = Handle<\w+>;[ \t]*(?:\/\/ ?([^\n]*))?/gm)].map(([, name = '', comment]) => ({
    name,
    since: parseSince(comment),
  }))
  return { space, classes: parseClasses(ours), enums: parseEnums(ours), records: parseRecords(ours), handles, exports: parseExports(ours) }
}

function parseClasses(text: string): OwnClass[] {
  const pattern = /(template[^\n]*\n)?((?:^\/\/[^\n]*\n)*)^class (\w+)(?: : public (\w+)(?:<\w+>)?)? \{\n([\s\S]*?)\n\};/gm
  return [...text.matchAll(pattern)].flatMap(([, template, comment = '', name = '', base, body = '']) => {
    if (template !== undefined || name === 'VRoot') return []
    const info = /getInterfaceInfo\(\) const noexcept override \{ return \{("\w+", \d+, \d+)\}; \}/.exec(body)?.[1]
    return [{ name, since: parseSince(comment.replace(/^\/\/ ?/gm, '')), slots: parseSlots(body), isHandle: base === 'Handle', info }]
  })
}

function parseSlots(body: string): OwnSlot[] {
  const pattern = /virtual ([^;{}]+?)\s*(?:= 0\s*)?(?:;|\{[^}]*\})[ \t]*(?:\/\/ ?([^\n]*))?/g
  return [...body.matchAll(pattern)].flatMap(([, declaration = '', comment]) => {
    const text = declaration.replace(/\s+/g, ' ').trim()
    const name = /(~?\w+)\(/.exec(text)?.[1] ?? ''
    if (name.startsWith('~')) return []
    return [{ name, text: text.startsWith('trt_skip ') ? '' : text, since: parseSince(comment) }]
  })
}

function parseEnums(text: string): OwnEnum[] {
  const pattern = /^enum class (\w+) : \w+ \{([^}]*)\};[ \t]*(?:\/\/ ?([^\n]*))?/gm
  return [...text.matchAll(pattern)].map(([, name = '', body = '', comment]) => {
    const values = [...body.matchAll(/(k\w+) = \w+ ?,?[ \t]*(?:\/\/ ?([^\n]*)|\/\* ?([^*]*)\*\/)?/g)].map(
      ([, value = '', line, inline]) => ({
        name: value,
        since: parseSince(line ?? inline),
      }),
    )
    return { name, since: parseSince(comment), values }
  })
}

function parseRecords(text: string): OwnRecord[] {
  return [...text.matchAll(/^struct (\w+) \{\n([\s\S]*?)\n\};/gm)].flatMap(([, name = '', body = '']) => {
    const members = [...body.matchAll(/^ {2}(?!static)[\w ]+[\w*] (\w+)(?:\[\w+\])?;/gm)].map((match) => match[1] ?? '')
    return members.length === 0 ? [] : [{ name, since: recordSince(text, name), members }]
  })
}

/** `// First in 10.8.` above a record. */
function recordSince(text: string, name: string): Since {
  const comment = new RegExp(`// (First in [^\\n]*)\\nstruct ${name} \\{`).exec(text)?.[1]
  return comment === undefined ? always : parseSince(comment)
}

function parseExports(text: string): (OwnSlot & { record: string })[] {
  return [...text.matchAll(/^struct (\w*Exports) \{\n([\s\S]*?)\n\};/gm)].flatMap(([, record = '', body = '']) =>
    [...body.matchAll(/\(\*(\w+)\)\([^)]*\);[ \t]*(?:\/\/ ?([^\n]*))?/g)].map(([declaration, name = '', comment]) => ({
      record,
      name,
      text: declaration,
      since: parseSince(comment),
    })),
  )
}
