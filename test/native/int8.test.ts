// @timeout 300
import * as assert from 'uvu/assert'
import { seededRandom } from '../../lib/core/random.js'
import { Tensor } from '../../lib/core/tensor.js'
import { cpuRuntime } from '../../lib/engine/precision/runtime.js'
import { readOnnx } from '../../lib/onnx/graph/read.js'
import type { OnnxModel } from '../../lib/onnx/graph/types.js'
import { writeOnnx } from '../../lib/onnx/graph/write.js'
import { equalise } from '../../lib/onnx/int8/equalise.js'
import { factsOf } from '../../lib/onnx/int8/facts.js'
import { lowerPortable } from '../../lib/onnx/int8/lower-portable.js'
import { plainRounding } from '../../lib/onnx/int8/kernels.js'
import { planKey } from '../../lib/onnx/int8/plan-metadata.js'
import { quantize } from '../../lib/onnx/int8/quantize.js'
import type { Sample } from '../../lib/onnx/runtime.js'
import { failure, rejection } from '../support/failure.js'
import { floatModel, floats, node } from '../support/float-models.js'
import { suite } from '../support/suite.js'

const test = suite('int8 on ONNX Runtime')
const runtime = cpuRuntime()
const side = 24

function noise(size: number, seed: number, scale = 1): number[] {
  const random = seededRandom(seed)
  return Array.from({ length: size }, () => (random() * 2 - 1) * scale)
}

/** Four convolutions, the second one for each channel by itself, a residual addition and a hard-swish. */
function network(): OnnxModel {
  const pads = { pads: [1n, 1n, 1n, 1n] }
  return floatModel({
    inputs: [['x', 'float32', [1, 3, side, side]]],
    outputs: [['y', 'float32', [1, 8, side, side]]],
    nodes: [
      node('Conv: x w1 b1 -> c1', pads),
      node('Relu: c1 -> r1'),
      node('Conv: r1 w2 -> c2', { ...pads, group: 16n }),
      node('HardSwish: c2 -> h2'),
      node('Conv: h2 w3 b3 -> c3'),
      node('Add: c3 r1 -> a3'),
      node('Relu: a3 -> r3'),
      node('Conv: r3 w4 -> y'),
    ],
    weights: [
      floats('w1', [16, 3, 3, 3], noise(432, 1, 0.4)),
      floats('b1', [16], noise(16, 2, 0.2)),
      floats('w2', [16, 1, 3, 3], noise(144, 3, 0.5)),
      floats('w3', [16, 16, 1, 1], noise(256, 4, 0.4)),
      floats('b3', [16], noise(16, 5, 0.2)),
      floats('w4', [8, 16, 1, 1], noise(128, 6, 0.4)),
    ],
  })
}

const samples: Sample[] = Array.from({ length: 8 }, (_, i) => ({
  x: new Tensor('float32', [1, 3, side, side], Float32Array.from(noise(3 * side * side, 100 + i))),
}))
const unseen: Sample = { x: new Tensor('float32', [1, 3, side, side], Float32Array.from(noise(3 * side * side, 999))) }

async function answer(model: OnnxModel, sample = unseen): Promise<Float32Array> {
  const open = await runtime.open(writeOnnx(model))
  const outputs = await open.run(sample)
  await open.close()
  return Float32Array.from(outputs['y']?.data as Float32Array)
}

function relativeNoise(reference: Float32Array, values: Float32Array): number {
  let [signal, error] = [0, 0]
  for (let i = 0; i < reference.length; i++) {
    signal += reference[i]! ** 2
    error += (reference[i]! - values[i]!) ** 2
  }
  return error / signal
}

const operators = ({ graph }: OnnxModel) => graph.nodes.map(({ opType }) => opType)

test('both forms stay close to float on an input never calibrated on', async () => {
  const model = network()
  const before = writeOnnx(model)
  const { portable, cpu, report } = await quantize(model, { calibration: samples }, runtime)
  const reference = await answer(model)
  assert.ok(relativeNoise(reference, await answer(portable)) < 0.01)
  assert.ok(relativeNoise(reference, await answer(cpu)) < 0.01)
  assert.is(report.precision, 'int8')
  assert.ok(report.curve.length > 0 && report.methods.some(({ chosen }) => chosen))
  assert.equal(writeOnnx(model), before)
})

test('the same data gives the same bytes', async () => {
  const first = await quantize(network(), { calibration: samples, method: 'minmax' }, runtime)
  const second = await quantize(network(), { calibration: samples, method: 'minmax' }, runtime)
  assert.equal(writeOnnx(first.portable), writeOnnx(second.portable))
})

test('a portable file is lowered again without data, to integer kernels and the same results', async () => {
  const { portable } = await quantize(network(), { calibration: samples, targets: { minCosine: 0.5 } }, runtime)
  const lowered = lowerPortable(readOnnx(writeOnnx(portable)))
  if (lowered === null) throw new Error('it was not recognised')
  const kernels = operators(readOnnx(await runtime.optimized(writeOnnx(lowered), 'all')))
  assert.is(kernels.filter((name) => name === 'QLinearConv').length, 2)
  assert.ok(relativeNoise(await answer(network()), await answer(lowered)) < 0.01)
})

test('a file of somebody else is not lowered', () => {
  assert.is(lowerPortable(network()), null)
})

test('a damaged plan in the metadata is said to be one', async () => {
  const { portable } = await quantize(network(), { calibration: samples, method: 'minmax' }, runtime)
  const broken = { ...portable, metadata: new Map(portable.metadata).set(planKey, '{"format":2}') }
  assert.is(failure(() => lowerPortable(broken)).code, 'TRT_ERR_FILE')
})

test('what is excluded stays float, and the report says why', async () => {
  const { portable, report } = await quantize(network(), { calibration: samples, exclude: ['c2', /^c3$/] }, runtime)
  assert.is(operators(portable).includes('DequantizeLinear'), false)
  assert.match(report.layers.find(({ node: name }) => name === 'c2')?.reason ?? '', /excluded/)
})

test('a model that is quantised already is refused', async () => {
  const { portable } = await quantize(network(), { calibration: samples, method: 'minmax' }, runtime)
  const error = await rejection(quantize(portable, { calibration: samples }, runtime))
  assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.match(error.message, /quantised already/)
})

test('no samples, and options that do not fit together, are refused', async () => {
  assert.is((await rejection(quantize(network(), { calibration: [] }, runtime))).code, 'TRT_ERR_INVALID_ARGUMENT')
  const odd = { calibration: samples, targets: { minMetric: 1 } }
  assert.is((await rejection(quantize(network(), odd, runtime))).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('NaN among the weights makes every sample unusable, which is said', async () => {
  const model = network()
  model.graph.initializers.set('w4', floats('w4', [8, 16, 1, 1], noise(128, 6).fill(NaN, 0, 1)))
  const error = await rejection(quantize(model, { calibration: samples }, runtime))
  assert.match(error.message, /NaN/)
})

test('equalisation scales channels and leaves the function as it is', async () => {
  const model = network()
  const uneven = noise(432, 1, 0.4).map((value, i) => value * (i < 27 ? 8 : 1))
  model.graph.initializers.set('w1', floats('w1', [16, 3, 3, 3], uneven))
  const facts = await factsOf(model, samples[0]!, runtime)
  const { model: equalised, scaled } = await equalise(model, facts, samples, runtime)
  assert.ok(scaled > 0)
  assert.ok(relativeNoise(await answer(model), await answer(equalised)) < 1e-10)
})

test('the native rounding errs as little as the one in JavaScript', async () => {
  const size = 96
  const values = Float32Array.from(noise(8 * size, 7))
  const mix = noise(size * size, 8)
  const covariance = new Float32Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) for (let k = 0; k < 24; k++) covariance[i * size + j]! += mix[i * size + k]! * mix[j * size + k]!
    covariance[i * size + i]! += 0.5
  }
  const task = { values, channels: 8, size, covariance, scales: new Float32Array(8).fill(1 / 127), floors: new Float32Array(8) }
  const native = runtime.rounding
  if (native === undefined) throw new Error('the addon has no rounding: build it')
  const [a, b] = [await native.round(task), await plainRounding.round(task)]
  const same = a.codes.filter((code, i) => code === b.codes[i]).length
  assert.ok(same > 0.99 * a.codes.length, `${same} of ${a.codes.length} codes are equal`)
})

test.run()
