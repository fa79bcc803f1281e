import { choice, flag, integer, invalid, number, plainObject, received, rejectUnknown, text } from '../../../core/options.js'

/** How pictures become what a model takes: `(value * scale - mean) / std` of each channel. */
export interface ImageOptions {
  /** In pixels; a number is both. */
  readonly size: number | { readonly width: number; readonly height: number }
  /** How a picture of another shape gets this one: stretched, cut off, or with borders. Default 'fill'. */
  readonly fit?: 'fill' | 'cover' | 'contain'
  /** Grey value of the borders of 'contain', 0 to 255. Default 0. */
  readonly border?: number
  /** That the model takes: plane after plane, or pixel after pixel. Default 'nchw'. */
  readonly layout?: 'nchw' | 'nhwc'
  /** Of the channels that the model takes. Default 'rgb'. */
  readonly order?: 'rgb' | 'bgr' | 'rgba' | 'bgra' | 'gray'
  /** Before mean and std. Default 1/255 for float32, so that 255 becomes 1; 1 for uint8. */
  readonly scale?: number
  /** After the scale; one for all channels, or one each, in the model's order. Default 0. float32 alone, as `std`. */
  readonly mean?: number | readonly number[]
  /** Not 0; as `mean`. Default 1. */
  readonly std?: number | readonly number[]
  /** That the model takes. Default 'float32'. */
  readonly type?: 'float32' | 'uint8'
  /** Of the model that takes the pictures. Default: its only one. */
  readonly input?: string
  /** Whether folders in the folder are looked through. Default false. */
  readonly recursive?: boolean
  /** Most pictures, from 1: evenly chosen from all of them. Default: all. */
  readonly most?: number
}

export interface ResolvedImageOptions {
  readonly width: number
  readonly height: number
  readonly fit: 'fill' | 'cover' | 'contain'
  readonly border: number
  readonly layout: 'nchw' | 'nhwc'
  /** Of the source's channels (red, green, blue, alpha; or grey) by the model's. */
  readonly channels: readonly number[]
  readonly type: 'float32' | 'uint8'
  /** `value * factor + offset`, by the model's channels. */
  readonly factor: readonly number[]
  readonly offset: readonly number[]
  readonly input: string | null
  readonly recursive: boolean
  readonly most: number
}

const known = ['size', 'fit', 'border', 'layout', 'order', 'scale', 'mean', 'std', 'type', 'input', 'recursive', 'most']
const orders = { rgb: [0, 1, 2], bgr: [2, 1, 0], rgba: [0, 1, 2, 3], bgra: [2, 1, 0, 3], gray: [0] } as const
const largestSide = 65_535
const largest = 1e30

/** The only place where defaults and limits live. @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveImageOptions(given: ImageOptions): ResolvedImageOptions {
  plainObject('the options of images', given)
  rejectUnknown(given, known, 'images')
  const type = choice('type', given.type ?? 'float32', ['float32', 'uint8'])
  const channels = orders[choice('order', given.order ?? 'rgb', Object.keys(orders) as (keyof typeof orders)[])]
  return {
    ...sizeOf(given.size),
    fit: choice('fit', given.fit ?? 'fill', ['fill', 'cover', 'contain']),
    border: integer('border', given.border ?? 0, 0, 255),
    layout: choice('layout', given.layout ?? 'nchw', ['nchw', 'nhwc']),
    channels,
    type,
    ...arithmetic(given, type, channels.length),
    input: given.input === undefined ? null : text('input', given.input),
    recursive: flag('recursive', given.recursive ?? false),
    most: given.most === undefined ? Infinity : integer('most', given.most, 1, Number.MAX_SAFE_INTEGER),
  }
}

function sizeOf(size: unknown): { width: number; height: number } {
  if (typeof size === 'number') return { width: integer('size', size, 1, largestSide), height: size }
  if (typeof size !== 'object' || size === null)
    throw invalid(`Expected the size of pictures for images, size: { width: 640, height: 480 }, but received ${received(size)}.`)
  const { width, height } = size as { width: unknown; height: unknown }
  rejectUnknown(size, ['width', 'height'], 'size')
  return { width: integer('size.width', width, 1, largestSide), height: integer('size.height', height, 1, largestSide) }
}

function arithmetic({ scale, mean, std }: ImageOptions, type: string, channels: number): { factor: number[]; offset: number[] } {
  if (type === 'uint8' && (scale !== undefined || mean !== undefined || std !== undefined)) {
    throw invalid("Pictures of type 'uint8' stay as they are: scale, mean and std are for 'float32'.")
  }
  const scaled = number('scale', scale ?? (type === 'uint8' ? 1 : 1 / 255), -largest, largest)
  const [means, deviations] = [list('mean', mean ?? 0, channels), list('std', std ?? 1, channels)]
  if (deviations.includes(0)) throw invalid('Expected no 0 in std: values are divided by it.', { std })
  return { factor: deviations.map((deviation) => scaled / deviation), offset: deviations.map((deviation, i) => -means[i]! / deviation) }
}

function list(name: string, given: number | readonly number[], channels: number): number[] {
  if (typeof given === 'number') return Array.from({ length: channels }, () => number(name, given, -largest, largest))
  if (Array.isArray(given) && given.length === channels) return given.map((value, i) => number(`${name}[${i}]`, value, -largest, largest))
  const what = Array.isArray(given) ? `${given.length} of them` : received(given)
  throw invalid(`Expected a number, or ${channels} for the channels of the order, for ${name} but received ${what}.`, { name, channels })
}
