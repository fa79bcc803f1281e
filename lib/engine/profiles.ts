import type { DataType } from '../core/dtypes.js'
import { TrtError } from '../core/errors.js'
import { suggestion } from '../core/nearest.js'
import { invalid, plainObject, received, rejectUnknown } from '../core/options.js'
import { checkedSize, formatShape, formatSpec, matches, type Range, type ShapeSpec } from '../core/shapes.js'
import type { Profiles } from './io-info.js'

/** Bounds of one input: least, most common and largest shape; or one shape for all three. */
export type ShapeRange = Range | readonly number[]

/** Entries of a shape: TensorRT has eight dimensions at most, and some operators take a pair for each. */
const maxValues = 16

/** Bounds by input name. */
export type ShapeRanges = Readonly<Record<string, ShapeRange>>

/** What is known of an input before the build. */
export interface ModelInput extends ShapeSpec {
  readonly name: string
  /** Null or left out: not known. */
  readonly type?: DataType | null
}

/** Rows of a batch: bounds for models whose inputs are free in their first dimension only. */
export interface BatchRange {
  /** Default 1. */
  readonly min?: number
  /** Most common. Default: `max`. */
  readonly opt?: number
  readonly max: number
}

/**
 * Bounds for each input with a free first dimension.
 *
 * @param inputs Null: not known beforehand.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_SHAPE`: an input has other free dimensions, which a batch says nothing of.
 */
export function batchShapes({ min = 1, max, opt = max }: BatchRange, inputs: readonly ModelInput[] | null): ShapeRanges {
  if (inputs === null) throw invalid('batch needs a model whose inputs are known. Give shapes instead.')
  const free = inputs.filter(({ shape }) => shape !== null && shape.some((dim) => dim < 0))
  const range = ({ name, shape, dimNames }: ModelInput): [string, Range] => {
    const [first, ...rest] = shape!
    if (first! >= 0 || rest.some((dim) => dim < 0)) {
      const spec = formatSpec({ shape, dimNames, ranges: [] })
      const message = `batch bounds the first dimension only, and input "${name}" is ${spec}. Give shapes with min, opt and max for it.`
      throw new TrtError('TRT_ERR_SHAPE', message, { input: name, received: [...shape!] })
    }
    return [name, { min: [min, ...rest], opt: [opt, ...rest], max: [max, ...rest] }]
  }
  return Object.fromEntries(free.map(range))
}

/**
 * Profiles for a build. Inputs of fixed shape may be left out; each with a free dimension must be there.
 *
 * @param inputs Null: not known beforehand; then only the numbers themselves are checked.
 * @throws {TrtError} `TRT_ERR_NAME`, `TRT_ERR_SHAPE`, `TRT_ERR_INVALID_ARGUMENT`
 */
export function resolveProfiles(
  shapes: ShapeRanges | undefined,
  profiles: readonly ShapeRanges[] | undefined,
  inputs: readonly ModelInput[] | null,
): Profiles {
  if (shapes !== undefined && profiles !== undefined)
    throw invalid('Expected shapes or profiles, but received both. shapes is short for one profile.')
  if (profiles !== undefined && (!Array.isArray(profiles) || profiles.length === 0)) {
    throw invalid(`Expected an array of at least one profile for profiles but received ${received(profiles)}.`)
  }
  const given: readonly [string, ShapeRanges][] =
    profiles?.map((profile, i) => [`profiles[${i}]`, profile] as const) ?? (shapes === undefined ? [] : [['shapes', shapes]])
  return given.map(([where, ranges]) => resolveProfile(where, plainObject(where, ranges) as ShapeRanges, inputs))
}

function resolveProfile(where: string, given: ShapeRanges, inputs: readonly ModelInput[] | null): Record<string, Range> {
  const known = inputs?.map(({ name }) => name)
  const result: Record<string, Range> = {}
  for (const [name, range] of Object.entries(given)) {
    if (known !== undefined && !known.includes(name)) {
      const message = `${where} has bounds for "${name}", which is not an input of the model.${suggestion(name, known)} It takes ${known.join(', ')}.`
      throw new TrtError('TRT_ERR_NAME', message, { expected: known, received: name })
    }
    result[name] = resolveRange(
      `${where}.${name}`,
      range,
      inputs?.find((input) => input.name === name),
    )
  }
  for (const input of inputs ?? []) {
    // What may be a shape tensor is bounded by its values, which nobody but the caller knows.
    if (result[input.name] !== undefined || input.shape === null || valueCount(input) !== null) continue
    if (input.shape.some((dim) => dim < 0)) {
      throw invalid(
        `${where} has no bounds for input "${input.name}", ${formatSpec(input)}. Give min, opt and max for each input with a free dimension.`,
        {
          input: input.name,
        },
      )
    }
    result[input.name] = { min: input.shape, opt: input.shape, max: input.shape }
  }
  return result
}

/** How many values an input has that may be a shape tensor of TensorRT: a scalar or short list of integers. Null: it cannot be one. */
function valueCount({ type, shape }: ModelInput): number | null {
  if ((type !== 'int64' && type !== 'int32') || shape === null || shape.length > 1) return null
  const [length = 1] = shape
  return length >= 0 && length <= maxValues ? length : null
}

function resolveRange(where: string, given: ShapeRange, input: ModelInput | undefined): Range {
  const range = isShape(given) ? { min: given, opt: given, max: given } : given
  rejectUnknown(plainObject(where, range), ['min', 'opt', 'max'], where)
  for (const bound of ['min', 'opt', 'max'] as const) {
    const shape = range[bound]
    checkedSize(`${bound} of ${where}`, shape)
    if (input === undefined || input.shape === null || matches(shape, input.shape) || shape.length === valueCount(input)) continue
    const message = `${where}.${bound} is ${formatShape(shape)}; the model's input takes ${formatSpec(input)}.`
    throw new TrtError('TRT_ERR_SHAPE', message, { input: input.name, expected: formatSpec(input), received: [...shape] })
  }
  const { min, opt, max } = range
  const ordered = min.length === opt.length && opt.length === max.length && opt.every((dim, i) => min[i]! <= dim && dim <= max[i]!)
  if (ordered) return { min: [...min], opt: [...opt], max: [...max] }
  const message = `Expected min ≤ opt ≤ max in each dimension of ${where}; received ${formatShape(min)}, ${formatShape(opt)}, ${formatShape(max)}.`
  throw new TrtError('TRT_ERR_SHAPE', message, { min: [...min], opt: [...opt], max: [...max] })
}

const isShape = (given: ShapeRange): given is readonly number[] => Array.isArray(given)
