import type { Picture } from './picture.js'

/** The model reads lines of this height, in pixels. */
export const HEIGHT = 48
/** Widths that the engine is built for. The model answers once every eight columns, so widths are multiples of that. */
export const WIDTH = { min: 32, opt: 320, max: 2400, step: 8 } as const

export interface ModelInput {
  readonly data: Float32Array
  /** [1, 3, HEIGHT, width]. */
  readonly shape: readonly [number, number, number, number]
}

/**
 * What the model wants to see: the picture scaled to its height, with the padding to the right that makes its width fit.
 *
 * @throws {Error} The line is too long: more than WIDTH.max columns at this height.
 */
export function toInput(picture: Picture): ModelInput {
  const width = Math.max(1, Math.round((picture.width * HEIGHT) / picture.height))
  if (width > WIDTH.max) {
    const limit = WIDTH.max / HEIGHT
    throw new Error(`the picture is ${picture.width} × ${picture.height}: a line may be ${limit} times as wide as high, cut it into pieces`)
  }
  const padded = Math.max(WIDTH.min, Math.ceil(width / WIDTH.step) * WIDTH.step)
  return { data: normalise(resize(picture, width, HEIGHT), padded), shape: [1, 3, HEIGHT, padded] }
}

/**
 * From bytes in rows of pixels (HWC, red first) to floats in planes of colours (CHW, blue first, as the model was trained
 * with OpenCV): (v / 255 − 0.5) / 0.5, which is −1 for black and 1 for white. Columns beyond the picture are 0, mid-grey.
 */
export function normalise({ width, height, rgb }: Picture, paddedWidth: number): Float32Array {
  const planes = new Float32Array(3 * height * paddedWidth)
  for (const [plane, channel] of [2, 1, 0].entries()) {
    for (let y = 0; y < height; y++) {
      const row = (plane * height + y) * paddedWidth
      for (let x = 0; x < width; x++) planes[row + x] = (rgb[3 * (y * width + x) + channel] ?? 0) / 127.5 - 1
    }
  }
  return planes
}

/** Bilinear; when shrinking, the filter widens so that every pixel counts (as Pillow does, and OpenCV does not). */
export function resize({ width, height, rgb }: Picture, toWidth: number, toHeight: number): Picture {
  const turned = resizeRows(rgb, height, taps(width, toWidth))
  const values = resizeRows(turned, toWidth, taps(height, toHeight))
  return { width: toWidth, height: toHeight, rgb: Uint8Array.from(values, Math.round) }
}

/** The source pixels that make one target pixel: `weights[i]` belongs to pixel `first + i`; they add up to 1. */
interface Tap {
  first: number
  weights: readonly number[]
}

/** Triangle filter between pixel centres, for each of `to` pixels made of `from`. */
export function taps(from: number, to: number): Tap[] {
  const scale = from / to
  const reach = Math.max(1, scale)
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5
    const first = Math.max(0, Math.floor(centre - reach) + 1)
    const last = Math.min(from - 1, Math.ceil(centre + reach) - 1)
    const raw = Array.from({ length: last - first + 1 }, (_, k) => 1 - Math.abs(first + k - centre) / reach)
    const sum = raw.reduce((a, b) => a + b, 0)
    return { first, weights: raw.map((weight) => weight / sum) }
  })
}

/** Resizes every row and turns rows into columns: done twice, both directions are resized and the picture is upright. */
function resizeRows(source: ArrayLike<number>, rows: number, columns: readonly Tap[]): Float32Array {
  const rowLength = source.length / rows
  const target = new Float32Array(3 * rows * columns.length)
  let at = 0
  for (const { first, weights } of columns) {
    for (let row = 0; row < rows; row++) {
      for (let channel = 0; channel < 3; channel++) {
        let pixel = row * rowLength + 3 * first + channel
        let sum = 0
        for (const weight of weights) {
          sum += weight * (source[pixel] ?? 0)
          pixel += 3
        }
        target[at++] = sum
      }
    }
  }
  return target
}
