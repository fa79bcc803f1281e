import { choice, flag, invalid, number, rejectUnknown, text } from '../../core/options.js'
import type { LowType } from './convert-weights.js'

export interface AutocastOptions {
  readonly type: LowType
  /** Inputs and outputs of the model stay float32, with a Cast behind or before them. Default true. */
  readonly keepIOTypes?: boolean
  /** Nodes that stay float32: names, operators; `*` stands for any characters. Default none. */
  readonly exclude?: readonly string[]
  /** Nodes that go into 16 bits against all rules but `exclude` and ONNX's own. Default none. */
  readonly include?: readonly string[]
  /** What values the tensors took on reference data, by name. Default none: nothing is known of them. */
  readonly ranges?: ReadonlyMap<string, { readonly min: number; readonly max: number }>
  /** Magnitude of values from which on a node stays float32. Default 512 for float16, Infinity for bfloat16. */
  readonly maxRange?: number
  /** Terms of one sum from which on a node stays float32: the error of adding up in 16 bits grows with them. Default 16384. */
  readonly maxDepth?: number
  /** Shapes of tensors by name, for `maxDepth` where weights do not tell. Default those that the model states. */
  readonly shapes?: ReadonlyMap<string, readonly number[]>
}

const known = ['type', 'keepIOTypes', 'exclude', 'include', 'ranges', 'maxRange', 'maxDepth', 'shapes']

/** The only place where defaults and limits live. */
export function resolveAutocastOptions(given: AutocastOptions): Required<AutocastOptions> {
  rejectUnknown(given, known, 'autocast')
  const type = choice('type', given.type, ['float16', 'bfloat16'])
  return {
    type,
    keepIOTypes: flag('keepIOTypes', given.keepIOTypes ?? true),
    exclude: names('exclude', given.exclude ?? []),
    include: names('include', given.include ?? []),
    ranges: map('ranges', given.ranges ?? new Map()),
    // In float16, 512 is where steps reach 0.5; bfloat16 has the range of float32, and its steps are as wide everywhere.
    maxRange: number('maxRange', given.maxRange ?? (type === 'float16' ? 512 : Infinity), 0, Infinity),
    maxDepth: number('maxDepth', given.maxDepth ?? 16_384, 1, Infinity),
    shapes: map('shapes', given.shapes ?? new Map()),
  }
}

function names(option: string, given: readonly string[]): readonly string[] {
  if (!Array.isArray(given)) throw invalid(`Expected an array of names for ${option}.`, { option })
  return given.map((name, i) => text(`${option}[${i}]`, name))
}

function map<K, V>(option: string, given: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  if (!(given instanceof Map)) throw invalid(`Expected a Map for ${option}.`, { option })
  return given
}
