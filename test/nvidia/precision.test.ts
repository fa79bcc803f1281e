// @timeout 600
import { readFile } from 'node:fs/promises'
import * as assert from 'uvu/assert'
import { seededRandom } from '../../lib/core/random.js'
import { Tensor } from '../../lib/core/tensor.js'
import { cpuRuntime } from '../../lib/engine/precision/runtime.js'
import { parsePlanHeader } from '../../lib/engine/tensorrt/plan.js'
import type { CalibratedTensor } from '../../lib/onnx/calibration/types.js'
import { activationRanges } from '../../lib/onnx/float16/activation-ranges.js'
import { type AutocastOptions, autocast } from '../../lib/onnx/float16/autocast.js'
import { readOnnx } from '../../lib/onnx/graph/read.js'
import type { OnnxModel } from '../../lib/onnx/graph/types.js'
import { writeOnnx } from '../../lib/onnx/graph/write.js'
import { placedLayers } from '../../lib/onnx/int8/placed-layers.js'
import { placeTensorRt } from '../../lib/onnx/int8/place-tensorrt.js'
import { cleanModel } from '../../lib/onnx/passes/clean/clean.js'
import { liftOpset } from '../../lib/onnx/passes/lift.js'
import { foldPreprocessing, type PreprocessOptions } from '../../lib/onnx/passes/preprocess.js'
import { buildRtx, rtx, thorough } from '../support/nvidia.js'
import { pixelShapes, type PublishedModel, publishedModels } from '../support/nvidia-models.js'
import { suite } from '../support/suite.js'

/**
 * NVIDIA's own compiler takes every graph that our passes make: parsed and built for one GPU, not run. Two of the four MLSD
 * models stand for all unless --all is given.
 */
const test = suite(`TensorRT-RTX ${rtx.version}: precision`)
const models = publishedModels.filter(({ name }) => thorough || !/^MLSD (320x320 large|512x512 tiny)$/.test(name))

const cleaned = new Map<PublishedModel, OnnxModel>()

async function clean(model: PublishedModel): Promise<OnnxModel> {
  const known = cleaned.get(model)
  if (known !== undefined) return known
  const { model: made } = cleanModel(liftOpset(readOnnx(await readFile(model.file)), 21))
  cleaned.set(model, made)
  return made
}

/** Builds, and tells what the plan holds of weights. */
async function build(
  graph: OnnxModel,
  shapes: PublishedModel['shapes'],
): Promise<{ weights: number; inputs: string[]; outputs: string[] }> {
  const options = { shapes, tensorrt: { computeCapabilities: [89] }, isolate: false } as const
  await using engine = await buildRtx(writeOnnx(graph), options)
  assert.equal((engine.metadata.facts['plan'] as ReturnType<typeof parsePlanHeader>)?.computeCapabilities, ['8.9'])
  const { weightsBytes } = engine.metadata.facts['memory'] as { weightsBytes: number }
  return { weights: weightsBytes, inputs: engine.inputs.map(({ type }) => type), outputs: engine.outputs.map(({ type }) => type) }
}

/** Every layer that can be in int8, with ranges of noise: what is proven is that it builds, not what it computes. */
async function int8(model: PublishedModel): Promise<OnnxModel> {
  const graph = await clean(model)
  const [{ name, dims } = { name: '', dims: null }] = graph.graph.inputs
  const shape = (model.shapes[name]?.opt ?? (dims as number[])).with(0, 1)
  const random = seededRandom(1)
  const data = Float32Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, () => 2 * random() - 1)
  const ranges = await activationRanges(graph, [{ [name]: new Tensor('float32', shape, data) }], cpuRuntime())
  const layers = new Set(placedLayers(graph).layers.map(({ key }) => key))
  assert.ok(layers.size > 10, `${layers.size} layers`)
  const tensors = [...ranges].map(([tensor, { min, max }]): [string, CalibratedTensor] => {
    const high = Math.max(Math.abs(min), Math.abs(max), 1e-6)
    return [tensor, { min, max, asymmetric: { low: Math.min(0, min), high: Math.max(0, max) }, symmetric: { low: -high, high } }]
  })
  const table = { format: 1, method: 'minmax', samples: 1, dropped: 0, tensors: new Map(tensors) } as const
  return placeTensorRt(graph, table, { layers, weights: new Map() })
}

const pictures = ({ picture }: PublishedModel): PreprocessOptions =>
  picture === 'nchw' ? { mean: 0.5, std: 0.5, order: 'bgr' } : { modelLayout: 'nhwc', scale: 1 }

for (const model of models) {
  test(`${model.name}: cleaned, float16 and bfloat16; the weights of the plan are half as large`, async () => {
    const graph = await clean(model)
    const float32 = await build(graph, model.shapes)
    for (const type of ['float16', 'bfloat16'] as const satisfies AutocastOptions['type'][]) {
      const low = await build(autocast(graph, { type }).model, model.shapes)
      assert.ok(low.weights < 0.6 * float32.weights, `${type}: ${low.weights} of ${float32.weights} bytes`)
      assert.ok([...low.inputs, ...low.outputs].every((each) => each === 'float32'))
    }
    const inside = await build(autocast(graph, { type: 'float16', keepIOTypes: false }).model, model.shapes)
    assert.ok([...inside.inputs, ...inside.outputs].every((each) => each === 'float16'))
  })

  test(`${model.name}: int8, alone and with the rest in float16`, async () => {
    const graph = await int8(model)
    for (const each of [graph, autocast(graph, { type: 'float16' }).model]) {
      const { inputs, outputs } = await build(each, model.shapes)
      assert.ok([...inputs, ...outputs].every((type) => type === 'float32'))
    }
  })

  if (model.picture === null) continue
  test(`${model.name}: bytes of pixels go in, in float32 and in float16`, async () => {
    const folded = foldPreprocessing(await clean(model), pictures(model))
    const shapes = model.picture === 'nchw' ? pixelShapes(model.shapes) : model.shapes
    for (const graph of [folded, autocast(folded, { type: 'float16' }).model]) {
      const { inputs, outputs } = await build(graph, shapes)
      assert.equal(inputs, ['uint8'])
      assert.ok(outputs.every((each) => each === 'float32'))
    }
  })
}

test.run()
