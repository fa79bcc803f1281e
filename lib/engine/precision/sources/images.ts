import { TrtError } from '../../../core/errors.js'
import { Tensor } from '../../../core/tensor.js'
import type { GivenSample } from '../../../onnx/calibration/sample.js'
import { type ImageOptions, type ResolvedImageOptions, resolveImageOptions } from './image-options.js'
import { listFiles } from './list-files.js'

/** What sharp reads and is asked for here. */
const endings = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif']

/** Samples from files: may be walked through again and again, and says how many there are. */
export interface FileSamples extends AsyncIterable<GivenSample> {
  readonly size: number
}

/**
 * Pictures as samples of one picture each, in the order of their names, decoded by `sharp` one by one. EXIF orientation is followed.
 *
 * @param from A folder, or the paths of pictures.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`; `TRT_ERR_FILE`: no such folder, no picture in it. While it is walked through:
 *   `TRT_ERR_UNAVAILABLE`: `sharp` is not installed; `TRT_ERR_FILE`: a picture that cannot be decoded, with its name.
 * @example images('calib/', { size: 320, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] })
 */
export async function images(from: string | URL | readonly string[], options: ImageOptions): Promise<FileSamples> {
  const resolved = resolveImageOptions(options)
  const all = await listFiles(from, endings, { what: 'picture', recursive: resolved.recursive })
  const files = evenly(all, resolved.most)
  return {
    size: files.length,
    async *[Symbol.asyncIterator]() {
      const sharp = await loadSharp()
      for (const file of files) yield await sampleOf(sharp, file, resolved)
    },
  }
}

/** The part of sharp that is used: it is another's package, installed by those who need it. */
type Sharp = (file: string) => Picture
interface Picture {
  rotate(): Picture
  resize(width: number, height: number, options: object): Picture
  toColourspace(name: string): Picture
  removeAlpha(): Picture
  ensureAlpha(): Picture
  raw(): Picture
  toBuffer(options: { resolveWithObject: true }): Promise<{ data: Uint8Array; info: { channels: number } }>
}

async function loadSharp(): Promise<Sharp> {
  const name = 'sharp'
  try {
    return ((await import(name)) as { default: Sharp }).default
  } catch (cause) {
    throw new TrtError(
      'TRT_ERR_UNAVAILABLE',
      'Pictures are decoded by the package sharp, which cannot be loaded here. Run: npm install sharp. Or give samples that are decoded: .npy, .npz, or an async iterable.',
      { package: 'sharp' },
      { cause },
    )
  }
}

async function sampleOf(sharp: Sharp, file: string, options: ResolvedImageOptions): Promise<GivenSample> {
  const { width, height, layout, channels, type, input } = options
  const { data, channels: depth } = await decode(sharp, file, options)
  const pixels = new (type === 'uint8' ? Uint8Array : Float32Array)(channels.length * width * height)
  const [pixelStep, planeStep] = layout === 'nchw' ? [1, width * height] : [channels.length, 1]
  for (const [channel, source] of channels.entries()) {
    const [factor, offset] = [options.factor[channel]!, options.offset[channel]!]
    for (let pixel = 0; pixel < width * height; pixel++) {
      pixels[pixel * pixelStep + channel * planeStep] = data[pixel * depth + source]! * factor + offset
    }
  }
  const shape = layout === 'nchw' ? [1, channels.length, height, width] : [1, height, width, channels.length]
  const tensor = new Tensor(type, shape, pixels)
  return input === null ? tensor : { [input]: tensor }
}

async function decode(sharp: Sharp, file: string, options: ResolvedImageOptions): Promise<{ data: Uint8Array; channels: number }> {
  const { width, height, fit, border, channels } = options
  const background = { r: border, g: border, b: border, alpha: 1 }
  try {
    const sized = sharp(file).rotate().resize(width, height, { fit, background })
    const coloured = sized.toColourspace(channels.length === 1 ? 'b-w' : 'srgb')
    const { data, info } = await (channels.length === 4 ? coloured.ensureAlpha() : coloured.removeAlpha())
      .raw()
      .toBuffer({ resolveWithObject: true })
    if (info.channels !== channels.length) throw new Error(`${info.channels} channels came out of it, ${channels.length} are wanted`)
    return { data, channels: info.channels }
  } catch (cause) {
    const reason = (cause as Error).message
    throw new TrtError(
      'TRT_ERR_FILE',
      `"${file}" cannot be decoded as a picture: ${reason}. Replace it, or take it out of the calibration data.`,
      {
        path: file,
      },
      { cause },
    )
  }
}

/** `most` of the items, at equal distances. */
function evenly<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!)
}
