import { arrayTypes, isTensorType } from '../core/dtypes.js'
import { TrtError } from '../core/errors.js'
import type { ModelSummary, ValueSummary } from './inspect.js'

const identifier = /^[A-Za-z_$][\w$]*$/

/**
 * The text of a `.d.ts` file that tells the compiler a model's inputs and outputs: `Session<Model>` then refuses wrong names
 * and element types, and shapes whose rank or fixed sizes are wrong, as far as the compiler knows them.
 *
 * @param name Of the interface.
 * @throws {TrtError} `TRT_ERR_UNSUPPORTED`: a value of a kind that no session takes. `TRT_ERR_INVALID_ARGUMENT`: `name` is no
 *   TypeScript identifier.
 */
export function modelTypes(summary: ModelSummary, name = 'Model'): string {
  if (!identifier.test(name)) {
    throw new TrtError(
      'TRT_ERR_INVALID_ARGUMENT',
      `Expected a TypeScript identifier as the name of the interface, received ${quote(name)}.`,
      {
        name,
      },
    )
  }
  return [
    '// Made by `tensorrt-node types`; do not edit.',
    `export interface ${name} {`,
    ...block('inputs', summary.inputs),
    ...block('outputs', summary.outputs),
    '}',
    '',
  ].join('\n')
}

function block(direction: 'inputs' | 'outputs', values: readonly ValueSummary[]): string[] {
  if (values.length === 0) return [`  ${direction}: {}`]
  const members = values.flatMap((value) => [`    /** ${describe(value)} */`, `    ${property(value.name)}: ${typeOf(value, direction)}`])
  return [`  ${direction}: {`, ...members, '  }']
}

function typeOf({ name, kind, type, dims, dimNames }: ValueSummary, direction: 'inputs' | 'outputs'): string {
  if (type !== null && kind === 'tensor' && isTensorType(type)) {
    return dims === null ? `'${type}'` : `{ type: '${type}'; shape: [${dims.map((size, i) => dimension(size, dimNames[i])).join(', ')}] }`
  }
  // ONNX lets outputs go without a type: any that a session can give may come.
  if (kind === 'none' && direction === 'outputs')
    return Object.keys(arrayTypes)
      .map((each) => `'${each}'`)
      .join(' | ')
  const received = kind === 'tensor' ? (type ?? 'an element type unknown here') : kind === 'none' ? 'no type' : `a ${kind}`
  const message = `${direction === 'inputs' ? 'Input' : 'Output'} ${quote(name)} of the model: expected a tensor of numbers or bools, received ${received}. No session takes it, so it has no type; cut it off the graph, or convert it inside of the model.`
  throw new TrtError('TRT_ERR_UNSUPPORTED', message, { name, kind, type })
}

/** A free size by its name, or -1. */
function dimension(size: number, name: string | undefined): string {
  return size >= 0 ? String(size) : name ? quote(name) : '-1'
}

/** A comment in the file we write; nothing from the model may end it, or break its line. */
function describe({ kind, type, dims, dimNames }: ValueSummary): string {
  if (kind === 'none') return 'The model does not say.'
  const shape = dims === null ? 'of any rank' : `[${dims.map((size, i) => (size >= 0 ? size : dimNames[i] || '?')).join(', ')}]`
  const text = `${type} ${shape}`
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?').replaceAll('*/', '* /')
}

function property(name: string): string {
  return identifier.test(name) ? name : quote(name)
}

/** A TypeScript string: JSON's escapes are JavaScript's, U+2028 and U+2029 included since 2019. */
function quote(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
