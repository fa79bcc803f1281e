import * as assert from 'uvu/assert'
import { Tensor } from '../../lib/core/tensor.js'
import { cpuRuntime } from '../../lib/engine/precision/runtime.js'
import { writeOnnx } from '../../lib/onnx/graph/write.js'
import { autocast } from '../../lib/onnx/float16/autocast.js'
import { foldPreprocessing } from '../../lib/onnx/passes/preprocess.js'
import { floatModel, floats, node } from '../support/float-models.js'
import { suite } from '../support/suite.js'

const test = suite('folded preprocessing on ONNX Runtime')
const mean = [0.485, 0.456, 0.406]
const std = [0.229, 0.224, 0.225]
const [height, width] = [5, 7]
const bytes = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 37) % 256)

/** A convolution that tells channels and places apart. */
const model = floatModel({
  inputs: [['x', 'float32', ['N', 3, 'H', 'W']]],
  outputs: [['y', 'float32', ['N', 2, 'H', 'W']]],
  nodes: [node('Conv: x w -> y')],
  weights: [floats('w', [2, 3, 1, 1], [1, -2, 3, 0.5, 0.25, -1])],
})

async function run(graph: typeof model, x: Tensor): Promise<Float32Array> {
  const opened = await cpuRuntime().open(writeOnnx(graph))
  const { y } = await opened.run({ x })
  await opened.close()
  return y!.data as Float32Array
}

/** BGR pixels to normalised planes of RGB, as a program without folding does it. */
function outside(): Tensor {
  const planes = new Float32Array(3 * height * width)
  for (let pixel = 0; pixel < height * width; pixel++)
    for (let c = 0; c < 3; c++) planes[c * height * width + pixel] = (bytes[3 * pixel + 2 - c]! / 255 - mean[c]!) / std[c]!
  return new Tensor('float32', [1, 3, height, width], planes)
}

const frame = new Tensor('uint8', [1, height, width, 3], bytes)
const difference = (a: Float32Array, b: Float32Array) => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))

test('bytes in give what normalised planes gave, to rounding', async () => {
  const folded = foldPreprocessing(model, { mean, std, order: 'bgr' })
  const [inside, expected] = [await run(folded, frame), await run(model, outside())]
  assert.is(inside.length, 2 * height * width)
  assert.ok(difference(inside, expected) < 1e-5, `${difference(inside, expected)}`)
})

test('in float16 it stays right to float16, and the input takes bytes', async () => {
  const folded = autocast(foldPreprocessing(model, { mean, std, order: 'bgr' }), { type: 'float16' }).model
  assert.is(folded.graph.inputs[0]!.type, 'uint8')
  assert.ok(difference(await run(folded, frame), await run(model, outside())) < 0.02)
})

test.run()
