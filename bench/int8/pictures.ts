import { pictureFiles } from './data.js'

/** 8-bit RGB, row by row. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Loaded late: fonts are chosen before. */
export const sharp = async () => (await import('sharp')).default

export async function decode(source: string | Uint8Array, width: number, height: number): Promise<Picture> {
  const resized = (await sharp())(source).removeAlpha().toColourspace('srgb').resize(width, height, { fit: 'fill' })
  const data = await resized.raw().toBuffer()
  return { width, height, data: new Uint8Array(data) }
}

/** Many pictures of one chessboard. */
const series = /\/(left|right)\d\d\.jpg$/

/** Photographs of some size, grey ones too: no masks, charts or logos, which have few tones. */
async function isPhotograph(file: string): Promise<boolean> {
  if (series.test(file)) return false
  const library = await sharp()
  try {
    const { width, height } = await library(file).metadata()
    return width >= 200 && height >= 200 && (await library(file).stats()).entropy >= 5
  } catch {
    // A damaged file among the data of scikit-image's tests.
    return false
  }
}

/** The even ones calibrate, the odd ones test: by position in the sorted list. */
export async function photographs(): Promise<{ readonly calibration: string[]; readonly test: string[] }> {
  const files: string[] = []
  for (const file of pictureFiles()) if (await isPhotograph(file)) files.push(file)
  return { calibration: files.filter((_, i) => i % 2 === 0), test: files.filter((_, i) => i % 2 === 1) }
}

export interface Normalisation {
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

/** [1, 3, height, width]: (value / 255 - mean) / std, in the order of the picture's channels or the reverse. */
export function planes({ width, height, data }: Picture, { mean, std }: Normalisation, order: 'rgb' | 'bgr' = 'bgr'): Float32Array {
  const plane = width * height
  const values = new Float32Array(3 * plane)
  for (let c = 0; c < 3; c++) {
    const source = order === 'rgb' ? c : 2 - c
    for (let i = 0; i < plane; i++) {
      values[c * plane + i] = ((data[3 * i + source] as number) / 255 - (mean[c] as number)) / (std[c] as number)
    }
  }
  return values
}
