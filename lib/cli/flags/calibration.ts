import { stat } from 'node:fs/promises'
import { readdir } from 'node:fs/promises'
import { extname } from 'node:path'
import { type Command, Option } from 'commander'
import { fileError } from '../../engine/files.js'
import { arrays } from '../../engine/precision/sources/arrays.js'
import type { ImageOptions } from '../../engine/precision/sources/image-options.js'
import { images } from '../../engine/precision/sources/images.js'
import type { Samples } from '../../onnx/calibration/sample.js'
import { calibrationMethods } from '../../onnx/calibration/types.js'
import { UsageError } from '../usage.js'
import { integerFlag, numberFlag, numbersFlag } from './numbers.js'

/** Where calibration data comes from, and how pictures become inputs. */
export interface CalibrationFlags {
  calib?: readonly string[]
  calibInput?: string
  calibRows?: number
  calibSize?: { width: number; height: number }
  calibLayout?: 'nchw' | 'nhwc'
  calibOrder?: NonNullable<ImageOptions['order']>
  calibFit?: NonNullable<ImageOptions['fit']>
  calibScale?: number
  calibMean?: readonly number[]
  calibStd?: readonly number[]
  calibMost?: number
}

export interface CalibrationMethodFlags {
  calibMethod?: 'auto' | (typeof calibrationMethods)[number]
  percentile?: number
}

const anyNumber = { min: -1e30, max: 1e30 }

export function addCalibrationFlags(command: Command): Command {
  const add = (flag: string, text: string, parse: (text: string) => unknown) => data(flag, text).argParser(parse)
  return command
    .addOption(
      data('--calib <path>', 'a folder of pictures, a folder of .npz or .npy, or such a file; several are one after the other').argParser(
        (text: string, before: readonly string[] | undefined) => [...(before ?? []), text],
      ),
    )
    .addOption(data('--calibInput <name>', 'input that pictures and .npy files are for (default: the only one)'))
    .addOption(add('--calibRows <n>', 'cut arrays along their first axis into samples of so many rows', integerFlag('--calibRows', 1)))
    .addOption(add('--calibMost <n>', 'most pictures, from all over the folder', integerFlag('--calibMost', 1)))
    .addOption(add('--calibSize <WxH>', "of pictures for the model, 640x480 (default: the model's)", parseSize))
    .addOption(data('--calibLayout <name>', "that the model takes (default: the model's, else nchw)").choices(['nchw', 'nhwc']))
    .addOption(data('--calibOrder <name>', 'channels that the model takes (default: rgb)').choices(['rgb', 'bgr', 'rgba', 'bgra', 'gray']))
    .addOption(data('--calibFit <name>', 'how pictures get their size (default: fill)').choices(['fill', 'cover', 'contain']))
    .addOption(
      add('--calibScale <x>', 'pixels become (value * scale - mean) / std (default: 1/255)', numberFlag('--calibScale', -1e30, 1e30)),
    )
    .addOption(add('--calibMean <list>', '0.485,0.456,0.406, or one for all (default: 0)', numbersFlag('--calibMean', anyNumber)))
    .addOption(add('--calibStd <list>', '0.229,0.224,0.225, or one for all (default: 1)', numbersFlag('--calibStd', anyNumber)))
}

export function addCalibrationMethodFlags(command: Command): Command {
  return command
    .addOption(data('--calibMethod <name>', 'how ranges are chosen (default: auto)').choices(['auto', ...calibrationMethods]))
    .addOption(
      data('--percentile <p>', 'of the values kept, for percentile (default: 99.999)').argParser(numberFlag('--percentile', 0, 100)),
    )
}

const data = (flag: string, text: string) => new Option(flag, text).helpGroup('Calibration:')

/** What the model's file says of an input: null where it says nothing. */
export interface InputShape {
  readonly name: string
  /** -1: free. */
  readonly dims: readonly number[] | null
}

/** The samples that the flags describe. */
export async function calibrationSamples(flags: CalibrationFlags, inputs: readonly InputShape[]): Promise<Samples> {
  const places = flags.calib ?? []
  if (places.length === 0)
    throw new UsageError('Expected calibration data but received none: give --calib, a folder of pictures or of arrays.')
  const parts: Samples[] = []
  for (const place of places) parts.push(await samplesAt(place, flags, inputs))
  return parts.length === 1 ? parts[0]! : joined(parts)
}

async function samplesAt(place: string, flags: CalibrationFlags, inputs: readonly InputShape[]): Promise<Samples> {
  const { calibInput: input, calibRows: rows } = flags
  if (!(await holdsPictures(place))) return arrays(place, { ...(input !== undefined && { input }), ...(rows !== undefined && { rows }) })
  return images(place, imageOptions(flags, inputs))
}

async function holdsPictures(place: string): Promise<boolean> {
  const isArray = (name: string) => ['.npy', '.npz'].includes(extname(name).toLowerCase())
  try {
    if (!(await stat(place)).isDirectory()) return !isArray(place)
    return !(await readdir(place)).some(isArray)
  } catch (cause) {
    throw fileError('read', place, cause)
  }
}

function imageOptions(flags: CalibrationFlags, inputs: readonly InputShape[]): ImageOptions {
  const taken = inputs.find(({ name }) => flags.calibInput === undefined || name === flags.calibInput)
  const guess = layoutOf(taken?.dims ?? null, flags.calibLayout)
  const size = flags.calibSize ?? guess?.size
  if (size === undefined) {
    throw new UsageError(
      `Expected --calibSize, the size that pictures get: the model leaves it open${taken === undefined ? '' : ` for "${taken.name}"`}.`,
    )
  }
  const layout = flags.calibLayout ?? guess?.layout
  const most = flags.calibMost
  return {
    size,
    ...(layout && { layout }),
    ...(flags.calibOrder && { order: flags.calibOrder }),
    ...(flags.calibFit && { fit: flags.calibFit }),
    ...(flags.calibScale !== undefined && { scale: flags.calibScale }),
    ...(flags.calibMean && { mean: oneOrAll(flags.calibMean) }),
    ...(flags.calibStd && { std: oneOrAll(flags.calibStd) }),
    ...(flags.calibInput !== undefined && { input: flags.calibInput }),
    ...(most !== undefined && { most }),
  }
}

const oneOrAll = (list: readonly number[]) => (list.length === 1 ? list[0]! : list)
const isDepth = (dim: number | undefined) => dim === 1 || dim === 3 || dim === 4

/** Where the channels are tells the layout; fixed sizes tell the size. */
function layoutOf(
  shape: readonly number[] | null,
  wanted: 'nchw' | 'nhwc' | undefined,
): { layout: 'nchw' | 'nhwc'; size: { width: number; height: number } | undefined } | undefined {
  if (shape?.length !== 4) return undefined
  const layout = wanted ?? (isDepth(shape[1]) || !isDepth(shape[3]) ? 'nchw' : 'nhwc')
  const [height, width] = layout === 'nchw' ? [shape[2]!, shape[3]!] : [shape[1]!, shape[2]!]
  return { layout, size: height > 0 && width > 0 ? { width, height } : undefined }
}

function parseSize(text: string): { width: number; height: number } {
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(text) ?? []
  if (width !== undefined && height !== undefined && Number(width) > 0 && Number(height) > 0)
    return { width: Number(width), height: Number(height) }
  throw new UsageError(`Expected width x height for --calibSize, such as 640x480, but received "${text}".`, { received: text })
}

async function* joined(parts: readonly Samples[]) {
  for (const part of parts) yield* part
}
