import type { DataType } from '../../core/dtypes.js'
import { operatorTypesData } from './operator-types-data.js'

/** How the table writes element types. */
export const typeLetters = {
  float32: 'f',
  float16: 'h',
  bfloat16: 'b',
  float64: 'd',
  int8: 'c',
  uint8: 'C',
  int16: 's',
  uint16: 'S',
  int32: 'i',
  uint32: 'I',
  int64: 'l',
  uint64: 'L',
  bool: 'o',
  string: 't',
  complex64: 'x',
  complex128: 'X',
  float8e4m3fn: 'e',
  float8e4m3fnuz: 'E',
  float8e5m2: 'g',
  float8e5m2fnuz: 'G',
  int4: 'n',
  uint4: 'N',
  float4e2m1: 'F',
} as const satisfies Readonly<Record<DataType, string>>

const byLetter = new Map(Object.entries(typeLetters).map(([type, letter]) => [letter as string, type as DataType]))

/** Parameters that share a type variable have the same element type: `Where` takes `bool` and two of `T`, and gives `T`. */
export interface OperatorTypes {
  /** Index into `allowed`, by position. */
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  /** The last of them may be repeated. */
  readonly variadic: { readonly inputs: boolean; readonly outputs: boolean }
  /** What each type variable may be; empty: no tensor (a sequence), or a type unknown here. */
  readonly allowed: readonly ReadonlySet<DataType>[]
}

const parsed = new Map<string, readonly { since: number; types: OperatorTypes }[]>()

/** @returns undefined for an operator that ONNX does not have at this operator set (13 or later) */
export function operatorTypes(opType: string, opset: number): OperatorTypes | undefined {
  if (!Object.hasOwn(operatorTypesData, opType)) return undefined
  let versions = parsed.get(opType)
  if (versions === undefined) parsed.set(opType, (versions = operatorTypesData[opType]!.split('|').map(parse)))
  return versions.findLast(({ since }) => since <= opset)?.types
}

/** Type variable of a parameter; undefined beyond the last. */
export function variableAt(types: OperatorTypes, side: 'inputs' | 'outputs', position: number): number | undefined {
  const own = types[side]
  return own[position] ?? (types.variadic[side] ? own.at(-1) : undefined)
}

function parse(text: string): { since: number; types: OperatorTypes } {
  const [since = '', signature = '', sets = ''] = text.split(' ')
  const [inputs = '', outputs = ''] = signature.split('>')
  const digits = (side: string) => Array.from(side.replace('*', ''), (digit) => Number.parseInt(digit, 36))
  return {
    since: Number(since),
    types: {
      inputs: digits(inputs),
      outputs: digits(outputs),
      variadic: { inputs: inputs.endsWith('*'), outputs: outputs.endsWith('*') },
      allowed: sets.split(',').map((letters) => new Set(Array.from(letters, (letter) => byLetter.get(letter)!))),
    },
  }
}
