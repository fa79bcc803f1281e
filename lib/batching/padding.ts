import { invalid } from '../core/options.js'
import { TrtError } from '../core/errors.js'
import { suggestion } from '../core/nearest.js'
import { formatSpec } from '../core/shapes.js'
import type { BatchIo } from './target.js'

/** How an output that grew with a padded input is cut back. */
export interface CropOption {
  readonly axis: number
  /** Of the output's dimension, from the input's own. Default: the same. @example (width) => Math.ceil(width / 8) */
  readonly size?: (length: number) => number
}

/** Pads one free dimension of an input. */
export interface PadOption {
  readonly axis: number
  /** The sizes to pad to, each at most what the engine takes. A request is padded to the smallest that is not below its own. */
  readonly buckets: readonly number[]
  /** What the padding holds. Default 0. With several axes of one input, the first one's. */
  readonly value?: number | bigint
  /**
   * By output name, for outputs with a free dimension that does not carry the padded dimension's name: how to cut it, or
   * false to leave it as it is. Outputs that carry the name are cut to the request's own size without being told.
   */
  readonly crop?: Readonly<Record<string, CropOption | false>>
}

/** An output is cut along `axis` to what `input` had along `inputAxis`. */
export interface Crop {
  readonly output: string
  readonly axis: number
  readonly inputIndex: number
  readonly inputAxis: number
  readonly size: (length: number) => number
}

const same = (length: number) => length

/** What is known of both ends; null: nothing, they are not described. */
export interface Ends {
  readonly inputs: readonly BatchIo[]
  readonly outputs: readonly BatchIo[] | null
  readonly batchAxis: number
}

/**
 * Which outputs are cut, and how.
 *
 * @throws {TrtError} `TRT_ERR_NAME`, `TRT_ERR_SHAPE`, `TRT_ERR_INVALID_ARGUMENT`: not an input, not a free dimension of it, or
 *   an output of which it cannot be told whether it grows with the padding.
 */
export function cropsOf(pad: Readonly<Record<string, readonly PadOption[]>>, ends: Ends): Crop[] {
  const padded = new Set(
    Object.entries(pad).flatMap(([name, options]) => options.map(({ axis }) => dimName(requireInput(ends.inputs, name), axis))),
  )
  const told = new Set(Object.values(pad).flatMap((options) => options.flatMap(({ crop = {} }) => Object.keys(crop))))
  const known = new Set(ends.inputs.flatMap(({ dimNames }) => dimNames).filter((name) => name !== '' && !padded.has(name)))
  return Object.entries(pad).flatMap(([name, options]) => {
    const input = requireInput(ends.inputs, name)
    return options.flatMap((option) => {
      requireFree(input, option, ends.batchAxis)
      const from = { inputIndex: ends.inputs.indexOf(input), inputAxis: option.axis }
      return [...given(option, ends), ...implied(input, option, { ends, known, padded, told })].map((cut): Crop => Object.assign(cut, from))
    })
  })
}

function requireInput(inputs: readonly BatchIo[], name: string): BatchIo {
  const input = inputs.find((each) => each.name === name)
  if (input !== undefined) return input
  const names = inputs.map((each) => each.name)
  throw new TrtError('TRT_ERR_NAME', `pad names "${name}", which is not an input.${suggestion(name, names)}`, {
    expected: names,
    received: name,
  })
}

function requireFree(input: BatchIo, { axis }: PadOption, batchAxis: number): void {
  if (axis === batchAxis) throw invalid(`pad.${input.name} names the batch axis, ${axis}: rows are joined along it.`, { axis })
  if (input.shape === null || input.shape[axis] === -1) return
  const message = `pad.${input.name} names axis ${axis}; input "${input.name}" takes ${formatSpec(input)}, where it is not free.`
  throw new TrtError('TRT_ERR_SHAPE', message, { input: input.name, axis, expected: formatSpec(input) })
}

const dimName = ({ dimNames }: BatchIo, axis: number) => dimNames[axis] ?? ''

type Cut = Omit<Crop, 'inputIndex' | 'inputAxis'>

function given({ crop = {} }: PadOption, { outputs }: Ends): Cut[] {
  const names = outputs?.map(({ name }) => name)
  return Object.entries(crop).flatMap(([output, rule]) => {
    if (names !== undefined && !names.includes(output)) {
      const message = `pad's crop names "${output}", which is not an output.${suggestion(output, names)}`
      throw new TrtError('TRT_ERR_NAME', message, { expected: names, received: output })
    }
    return rule === false ? [] : [{ output, axis: rule.axis, size: rule.size ?? same }]
  })
}

interface Context {
  readonly ends: Ends
  /** Names of dimensions that are not padded. */
  readonly known: ReadonlySet<string>
  readonly padded: ReadonlySet<string>
  /** Outputs that some crop names. */
  readonly told: ReadonlySet<string>
}

/** Outputs whose dimension carries the padded one's name. One whose free dimension nobody knows must be told of. */
function implied(input: BatchIo, option: PadOption, { ends, known, padded, told }: Context): Cut[] {
  const name = dimName(input, option.axis)
  return (ends.outputs ?? []).flatMap((output) => {
    if (option.crop?.[output.name] !== undefined) return []
    if (output.shape === null) {
      if (told.has(output.name)) return []
      throw unclear(input, option, output)
    }
    return output.shape.flatMap((dim, axis) => {
      if (dim >= 0 || axis === ends.batchAxis) return []
      const own = dimName(output, axis)
      if (own !== '' && own === name) return [{ output: output.name, axis, size: same }]
      if (told.has(output.name) || (own !== '' && (known.has(own) || padded.has(own)))) return []
      throw unclear(input, option, output)
    })
  })
}

function unclear(input: BatchIo, { axis }: PadOption, output: BatchIo): TrtError {
  const message = `pad.${input.name} makes axis ${axis} longer, and output "${output.name}", ${formatSpec(output)}, may grow with it. Say how to cut it: pad: { ${input.name}: { …, crop: { ${output.name}: { axis, size } } } }, or false to leave it.`
  return invalid(message, { input: input.name, axis, output: output.name, shape: formatSpec(output) })
}
