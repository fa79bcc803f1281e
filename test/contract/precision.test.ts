// @timeout 300
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as assert from 'uvu/assert'
import { seededRandom } from '../../lib/core/random.js'
import { type BuildOptions, Engine, Tensor } from '../../lib/index.js'
import { inspectModel } from '../../lib/onnx/inspect.js'
import { Fidelity } from '../../lib/onnx/report/fidelity.js'
import { calibrate, diff, optimize } from '../../lib/onnx.js'
import { rejection } from '../support/failure.js'
import { type Constant, model, type Node } from '../support/onnx.js'
import * as models from '../support/models.js'
import { suite } from '../support/suite.js'

const test = suite('precision')
const cpu = { backend: 'cpu' } as const

/** Three Convs of 16 channels with Relu on pictures of 16 × 16, and an affine between to clean up. */
function network(): Uint8Array {
  const random = seededRandom(11)
  const weights = (name: string, inputs: number): Constant => ({
    name,
    type: 'float32',
    dims: [16, inputs, 3, 3],
    data: Float32Array.from({ length: 16 * inputs * 9 }, () => (random() * 2 - 1) / Math.sqrt(inputs * 3)),
  })
  const conv = (x: string, w: string, y: string): Node => ({ op: 'Conv', inputs: [x, w], outputs: [y], attributes: { pads: [1, 1, 1, 1] } })
  return model({
    inputs: [{ name: 'x', type: 'float32', dims: ['N', 3, 16, 16] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['N', 16, 16, 16] }],
    initializers: [
      weights('a.w', 3),
      weights('b.w', 16),
      weights('c.w', 16),
      { name: 's', type: 'float32', dims: [1], data: Float32Array.of(0.5) },
    ],
    nodes: [
      conv('x', 'a.w', 'a'),
      { op: 'Relu', inputs: ['a'], outputs: ['ar'] },
      conv('ar', 'b.w', 'b'),
      { op: 'Mul', inputs: ['b', 's'], outputs: ['bs'] },
      { op: 'Relu', inputs: ['bs'], outputs: ['br'] },
      conv('br', 'c.w', 'y'),
    ],
  })
}

const random = seededRandom(5)
const picture = (rows = 1) =>
  new Tensor(
    'float32',
    [rows, 3, 16, 16],
    Float32Array.from({ length: rows * 3 * 256 }, () => random() * 2 - 1),
  )
const calibration = Array.from({ length: 8 }, () => ({ x: picture() }))
const held = { x: picture(2) }

async function outputOf(options: BuildOptions, inputs: Record<string, Tensor> = held) {
  await using engine = await Engine.build(network(), { ...cpu, ...options })
  await using session = await engine.createSession()
  return { y: (await session.run(inputs))['y'] as Tensor, report: engine.report, precision: engine.metadata.precision }
}

async function cosine(y: Tensor): Promise<number> {
  const fidelity = new Fidelity('y')
  fidelity.add((await outputOf({ precision: 'as-is' })).y, y)
  return fidelity.result().cosine.min
}

for (const [precision, least] of [
  ['fp16', 0.99999],
  ['int8', 0.995],
  ['int8+fp16', 0.995],
] as const) {
  test(`an engine in ${precision} computes nearly the same, and reports on it`, async () => {
    const { y, report, precision: built } = await outputOf({ precision, calibration })
    assert.ok((await cosine(y)) >= least)
    assert.equal([built, report?.precision], [precision, precision])
    assert.match(report?.notes[0] ?? '', /^Cleaned up: 1 affine-into-layer/)
  })
}

test('options of int8 get where they belong', async () => {
  const { report } = await outputOf({ precision: 'int8', calibration, calibrationMethod: 'minmax' })
  assert.equal(report?.methods, [])
  const auto = await outputOf({ precision: 'int8', calibration })
  assert.ok(auto.report!.methods.length > 1)
  const none = await outputOf({ precision: 'int8', calibration, exclude: ['Conv'] })
  assert.equal([none.report!.coverage.macs, none.report!.coverage.operators.int8], [0, 0])
  const error = await rejection(Engine.build(network(), { ...cpu, precision: 'fp16', exclude: ['Cnov'] }))
  assert.match(error.message, /no node is called or of kind "Cnov".* Did you mean "Conv"/)
})

test('pictures go in as bytes', async () => {
  const bytes = Uint8Array.from({ length: 768 }, (_, i) => i % 256)
  const planes = Float32Array.from({ length: 768 }, (_, i) => (bytes[(i % 256) * 3 + Math.floor(i / 256)]! / 255 - 0.5) / 0.25)
  const before = await outputOf({ precision: 'as-is' }, { x: new Tensor('float32', [1, 3, 16, 16], planes) })
  const preprocess = { layout: 'nhwc', type: 'uint8', mean: 0.5, std: 0.25 } as const
  const after = await outputOf({ preprocess }, { x: new Tensor('uint8', [1, 16, 16, 3], bytes) })
  const fidelity = new Fidelity('y')
  fidelity.add(before.y, after.y)
  assert.ok(fidelity.relativeError < 1e-5)
})

test('what cannot be computed here is refused before anything is done', async () => {
  const bf16 = await rejection(Engine.build(network(), { ...cpu, precision: 'bf16' }))
  assert.is(bf16.code, 'TRT_ERR_UNSUPPORTED')
  assert.match(bf16.message, /ONNX Runtime computes no bfloat16 on a CPU/)
  const wrong = await rejection(Engine.build(network(), { ...cpu, precision: 'int8', calibration: [{ z: picture() }] }))
  assert.is(wrong.code, 'TRT_ERR_NAME')
})

test('the cache tells calibration data apart', async () => {
  const cacheDir = await mkdtemp(path.join(tmpdir(), 'trt-precision-'))
  const build = async (data: BuildOptions['calibration'], options: BuildOptions = {}) => {
    await using engine = await Engine.build(network(), { ...cpu, precision: 'fp16', calibration: data!, cacheDir, ...options })
    return engine.metadata.cache
  }
  try {
    const other = [{ x: picture() }]
    assert.equal(
      [await build(calibration), await build(calibration), await build(other), await build(other, { minCosine: 0.5 })],
      ['miss', 'hit', 'miss', 'miss'],
    )
    const once = (function* () {
      yield* calibration
    })()
    assert.match((await rejection(build(once))).message, /must be iterable several times/)
  } finally {
    await rm(cacheDir, { recursive: true })
  }
})

test('optimize writes ONNX that any tool reads, or the form for this CPU', async () => {
  const { model: portable, report } = await optimize(network(), { precision: 'int8', calibration })
  const { operators } = inspectModel(portable)
  assert.ok(operators['QuantizeLinear']! > 0 && Object.keys(operators).every((name) => !name.includes('.')))
  assert.is(report.precision, 'int8')
  const { model: half } = await optimize(network(), { precision: 'fp16', keepIOTypes: false })
  assert.equal(inspectModel(half).inputs[0]!.type, 'float16')
  const { model: bf16 } = await optimize(network(), { precision: 'bf16' })
  assert.ok(inspectModel(bf16).operators['Cast']! > 0)
  const { model: cpuForm } = await optimize(network(), { precision: 'int8', calibration, target: 'cpu' })
  await using engine = await Engine.build(cpuForm, { ...cpu, precision: 'as-is' })
  assert.is(engine.outputs[0]!.name, 'y')
})

test('a portable int8 file is lowered for the CPU when it is loaded, from what it says of itself', async () => {
  const { model: portable } = await optimize(network(), { precision: 'int8', calibration, fast: true })
  await using engine = await Engine.load(portable, cpu)
  assert.match(engine.report?.notes[0] ?? '', /^Lowered for ONNX Runtime's kernels/)
  await using session = await engine.createSession()
  assert.ok((await cosine((await session.run(held))['y'] as Tensor)) >= 0.99)
  await using asIs = await Engine.build(portable, { ...cpu, precision: 'as-is' })
  assert.is(asIs.metadata.payload.sha256, asIs.metadata.source.sha256)
})

test('optimize refuses what leaves nothing to do, and unknown options', async () => {
  for (const options of [{ precision: 'as-is' }, { precison: 'fp16' }, { target: 'gpu' }]) {
    assert.is((await rejection(optimize(network(), options as never))).code, 'TRT_ERR_INVALID_ARGUMENT')
  }
})

test('calibrate and diff take models as Engine.build does', async () => {
  const { table } = await calibrate(network(), calibration, { method: 'minmax' })
  assert.ok(table.tensors.has('x'))
  const { model: half } = await optimize(network(), { precision: 'fp16' })
  const difference = await diff(network(), half, calibration.slice(0, 2), { tolerance: 1e-6 })
  assert.equal([difference.samples, difference.differ], [2, true])
})

test('weights in other files come along', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'trt-precision-'))
  try {
    const { model: whole } = await optimize(models.writeExternal(dir), { precision: 'fp16' })
    await using engine = await Engine.build(whole, cpu)
    assert.ok(engine.outputs.length > 0)
  } finally {
    await rm(dir, { recursive: true })
  }
})

test.run()
