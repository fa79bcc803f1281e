import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { type BuildProgress, Engine, type LogEntry, readEngineHeader, tensor } from '../../lib/index.js'
import { rejection } from '../support/failure.js'
import * as models from '../support/models.js'
import { scriptedLibrary, scriptedModel } from '../support/scripted.js'

const test = suite<{ dir: string }>('engine')
test.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(tmpdir(), 'trt-engine-'))
})
test.after.each(({ dir }) => rm(dir, { recursive: true }))

const cpu = { backend: 'cpu' } as const
const scripted = { backend: { library: scriptedLibrary } }

/** x · [[1, 2], [3, 4]] for x = [1, 1] is [4, 6]. */
async function requireMatmul(engine: Engine): Promise<void> {
  await using session = await engine.createSession()
  assert.equal([...(await session.run({ x: Float32Array.of(1, 1) }))['y']!.data], [4, 6])
}

test('built, saved and loaded again it gives the same', async ({ dir }) => {
  const file = path.join(dir, 'm.engine')
  await using built = await Engine.build(models.matmul(), {
    ...cpu,
    labels: { team: 'ocr' },
    shapes: { x: { min: [1, 2], opt: [4, 2], max: [8, 2] } },
  })
  await requireMatmul(built)
  await built.save(file)
  await using loaded = await Engine.load(file)
  await requireMatmul(loaded)
  const { cache: _, ...metadata } = loaded.metadata
  assert.equal(metadata, await readEngineHeader(file))
  assert.equal([metadata.backend, metadata.precision, metadata.labels], ['cpu', 'fp32', { team: 'ocr' }])
  assert.equal(loaded.inputs, built.inputs)
  assert.equal(loaded.inputs[0]!.ranges, [{ min: [1, 2], opt: [4, 2], max: [8, 2] }])
  assert.equal(await readdir(dir), ['m.engine'])
})

test('path, URL, Buffer and ArrayBuffer are all taken', async ({ dir }) => {
  const file = path.join(dir, 'm.onnx')
  const bytes = models.matmul()
  await writeFile(file, bytes)
  const copy = new ArrayBuffer(bytes.byteLength)
  new Uint8Array(copy).set(bytes)
  for (const model of [file, pathToFileURL(file), Buffer.from(bytes), copy, { model: bytes }]) {
    await using engine = await Engine.build(model, cpu)
    await requireMatmul(engine)
  }
  await using engine = await Engine.build(file, cpu)
  const saved = path.join(dir, 'm.engine')
  await engine.save(saved)
  for (const source of [saved, pathToFileURL(saved), await readFile(saved)]) {
    await using loaded = await Engine.load(source)
    await requireMatmul(loaded)
  }
  assert.is(engine.metadata.source.name, 'm.onnx')
})

test('an engine loaded from bytes or from a file can be saved again', async ({ dir }) => {
  const [first, second, third] = ['a', 'b', 'c'].map((name) => path.join(dir, name)) as [string, string, string]
  await using built = await Engine.build(models.matmul(), cpu)
  await built.save(first)
  await using fromFile = await Engine.load(first)
  await fromFile.save(second)
  await using fromBytes = await Engine.load(await readFile(first))
  await fromBytes.save(third)
  assert.equal([await readFile(second), await readFile(third)], [await readFile(first), await readFile(first)])
  await writeFile(first, Buffer.concat([(await readFile(first)).subarray(0, -1), Buffer.from([0])]))
  const error = await rejection(fromFile.save(second))
  assert.is(error.code, 'TRT_ERR_ENGINE')
  assert.match(error.message, /has changed since it was loaded/)
  assert.equal((await readdir(dir)).sort(), ['a', 'b', 'c'])
})

test('a bare ONNX model is loaded as if built with all defaults', async ({ dir }) => {
  const file = path.join(dir, 'anything')
  await writeFile(file, models.matmul())
  await using engine = await Engine.load(file)
  await requireMatmul(engine)
  assert.equal([engine.metadata.precision, engine.metadata.cache], ['fp32', 'off'])
})

test("'as-is' leaves the graph alone: the payload is the model", async () => {
  const model = models.matmul()
  await using engine = await Engine.build(model, { ...cpu, precision: 'as-is' })
  assert.is(engine.metadata.payload.sha256, engine.metadata.source.sha256)
  await requireMatmul(engine)
})

test('what was chosen, and why not the others', async () => {
  await using engine = await Engine.build(models.matmul())
  const { name, version, refused } = engine.backend
  assert.is(name, 'cpu')
  assert.match(version!, /^\d+\.\d+/)
  for (const { reason, remedy } of refused) assert.ok(reason !== '' && remedy !== '')
  const error = await rejection(Engine.build(models.matmul(), { backend: 'nonesuch' }))
  assert.is(error.code, 'TRT_ERR_UNAVAILABLE')
  assert.match(error.message, /'nonesuch' cannot run here: not part of this build of tensorrt-node, which has: .*cpu/)
})

test('a library of ONNX Runtime that is not there is an error at first use', async () => {
  const error = await rejection(Engine.build(models.matmul(), { ...cpu, onnxruntime: '/no/such/lib.so' }))
  assert.is(error.code, 'TRT_ERR_UNAVAILABLE')
  assert.match(error.message, /there is no such file/)
})

test('what is no engine is told apart', async ({ dir }) => {
  await using engine = await Engine.build(models.matmul(), cpu)
  const good = path.join(dir, 'good')
  await engine.save(good)
  const bytes = await readFile(good)
  const flipped = Buffer.from(bytes)
  flipped[bytes.length - 1]! ^= 1
  const cases: [Uint8Array | string, string, RegExp][] = [
    [path.join(dir, 'none'), 'TRT_ERR_FILE', /there is no such file/],
    [dir, 'TRT_ERR_FILE', /it is a directory/],
    [Buffer.alloc(0), 'TRT_ERR_ENGINE', /is empty/],
    [bytes.subarray(0, 5), 'TRT_ERR_ENGINE', /cut short/],
    [bytes.subarray(0, -1), 'TRT_ERR_ENGINE', /cut short/],
    [flipped, 'TRT_ERR_ENGINE', /payload of the engine file is damaged/],
    [Buffer.from(bytes).fill(0x20, 70, 71), 'TRT_ERR_ENGINE', /header of the engine file is damaged/],
    [Buffer.from('ftrt…'), 'TRT_ERR_ENGINE', /The plan of TensorRT is cut short/],
    [Buffer.from('{"a":1}'), 'TRT_ERR_ENGINE', /JSON/],
    [Buffer.from('not an engine at all'), 'TRT_ERR_ENGINE', /begins with the bytes/],
  ]
  for (const [source, code, message] of cases) {
    const error = await rejection(Engine.load(source))
    assert.is(error.code, code, `${message}: ${error.message}`)
    assert.match(error.message, message)
    if (typeof source === 'string' || source.length === 0) continue
    const file = path.join(dir, 'bad')
    await writeFile(file, source)
    assert.is((await rejection(Engine.load(file))).code, code)
  }
})

test('models that cannot be built say why', async ({ dir }) => {
  const cases: [Parameters<typeof Engine.build>[0], string][] = [
    [models.unknownOperator(), 'TRT_ERR_MODEL'],
    [models.cycle(), 'TRT_ERR_MODEL'],
    [models.missingInitializer(), 'TRT_ERR_MODEL'],
    [models.matmul().subarray(0, -9), 'TRT_ERR_MODEL'],
    [new Uint8Array(0), 'TRT_ERR_MODEL'],
    [Buffer.from('<html>'), 'TRT_ERR_MODEL'],
    [path.join(dir, 'none.onnx'), 'TRT_ERR_FILE'],
    [dir, 'TRT_ERR_FILE'],
    [7 as never, 'TRT_ERR_INVALID_ARGUMENT'],
    [new URL('https://example.com/m.onnx'), 'TRT_ERR_INVALID_ARGUMENT'],
    [{ model: models.matmul(), externaldata: {} } as never, 'TRT_ERR_INVALID_ARGUMENT'],
  ]
  for (const [model, code] of cases) assert.is((await rejection(Engine.build(model, cpu))).code, code)
})

test('weights in other files are found beside the model, or given', async ({ dir }) => {
  const file = models.writeExternal(dir)
  const run = async (engine: Engine) => {
    await using session = await engine.createSession()
    assert.equal([...(await session.run({ x: Float32Array.of(1, 2) }))['y']!.data], [11, 22])
  }
  await using fromPath = await Engine.build(file, cpu)
  await run(fromPath)
  const weights = await readFile(path.join(dir, 'weights.bin'))
  await using fromBytes = await Engine.build({ model: models.external(), externalData: { 'weights.bin': weights } }, cpu)
  await run(fromBytes)
  assert.is(fromBytes.metadata.source.sha256, fromPath.metadata.source.sha256)
  assert.match((await rejection(Engine.build(models.external(), cpu))).message, /weights in other files.*"weights\.bin"/)
})

test('weights outside of the folder of the model are refused', async ({ dir }) => {
  for (const location of ['../weights.bin', '/etc/hostname']) {
    const file = path.join(dir, 'model.onnx')
    await writeFile(file, models.external({ location, offset: 0, length: 8 }))
    const error = await rejection(Engine.build(file, cpu))
    assert.is(error.code, 'TRT_ERR_MODEL')
    assert.match(error.message, /own folder/)
  }
})

test('bounds are checked against the model, then at each run', async () => {
  const error = await rejection(Engine.build(models.matmul(), { ...cpu, shapes: { y: [1, 2] } }))
  assert.is(error.code, 'TRT_ERR_NAME')
  await using engine = await Engine.build(models.matmul(), { ...cpu, shapes: { x: { min: [1, 2], opt: [1, 2], max: [4, 2] } } })
  await using session = await engine.createSession()
  const tooMany = await rejection(session.run({ x: tensor('float32', [5, 2]) }))
  assert.is(tooMany.code, 'TRT_ERR_SHAPE')
  assert.match(tooMany.message, /takes \[N, 2\] with N 1…4; received \[5, 2\]\. Split the batch/)
})

test('progress grows from 0 to 1, and the log is told', async () => {
  const seen: BuildProgress[] = []
  const log: LogEntry[] = []
  await using engine = await Engine.build(models.matmul(), {
    ...cpu,
    onProgress: (progress) => seen.push(progress),
    onLog: (entry) => log.push(entry),
  })
  await requireMatmul(engine)
  const fractions = seen.map(({ fraction }) => fraction)
  assert.is(fractions[0], 0)
  assert.is(fractions.at(-1), 1)
  assert.equal(
    fractions,
    [...fractions].sort((a, b) => a - b),
  )
  for (const { level, text } of log) assert.ok(['error', 'warning', 'info', 'verbose'].includes(level) && text !== '')
})

test('a callback that throws fails the build with what it threw', async () => {
  const thrown = new Error('from the callback')
  const build = Engine.build(models.matmul(), {
    ...cpu,
    onProgress: ({ fraction }) => {
      if (fraction > 0.01) throw thrown
    },
  })
  assert.is(await build.catch((error: unknown) => error), thrown)
})

test('a build stops with its signal, and leaves nothing in the cache', async ({ dir }) => {
  const controller = new AbortController()
  const build = Engine.build(scriptedModel(), {
    ...scripted,
    cacheDir: dir,
    signal: controller.signal,
    backendOptions: { buildSteps: '10000', buildStepUs: '1000' },
    onProgress: ({ fraction }) => {
      if (fraction > 0.03) controller.abort(new Error('enough'))
    },
  })
  const error = await rejection(build)
  assert.is(error.code, 'TRT_ERR_ABORTED')
  assert.is((error.cause as Error).message, 'enough')
  assert.equal(await readdir(dir), [])
  const before = await rejection(Engine.load(scriptedModel(), { ...scripted, signal: AbortSignal.abort() }))
  assert.is(before.code, 'TRT_ERR_ABORTED')
})

test('the cache is keyed by model, options and bounds, not by labels', async ({ dir }) => {
  const build = async (options: Parameters<typeof Engine.build>[1], model = models.matmul()) => {
    await using engine = await Engine.build(model, { ...cpu, cacheDir: dir, ...options })
    await requireRuns(engine)
    return engine.metadata.cache
  }
  assert.is(await build({}), 'miss')
  assert.is(await build({ labels: { a: 'b' } }), 'hit')
  assert.is(await build({ precision: 'as-is' }), 'miss')
  assert.is(await build({ shapes: { x: [1, 2] } }), 'miss')
  assert.is(await build({}, models.several()), 'miss')
  assert.is((await readdir(dir)).length, 4)
})

async function requireRuns(engine: Engine): Promise<void> {
  await using session = await engine.createSession()
  await session.run({ x: Float32Array.of(1, 1) })
}

test('a cached engine has the labels of its own build, and can be saved', async ({ dir }) => {
  const cacheDir = path.join(dir, 'cache')
  for (const team of ['first', 'second']) {
    await using engine = await Engine.build(models.matmul(), { ...cpu, cacheDir, labels: { team } })
    const file = path.join(dir, team)
    await engine.save(file)
    assert.equal((await readEngineHeader(file)).labels, { team })
    await using again = await Engine.load(file)
    await requireMatmul(again)
  }
})

test('an engine for another backend is not run on this one', async ({ dir }) => {
  const file = path.join(dir, 'm')
  await using engine = await Engine.build(scriptedModel(), scripted)
  await engine.save(file)
  await using again = await Engine.load(file, { backend: 'scripted' })
  assert.is(again.backend.name, 'scripted')
  const error = await rejection(Engine.load(file, cpu))
  assert.is(error.code, 'TRT_ERR_ENGINE')
  assert.match(error.message, /built for the backend 'scripted' and cannot run on 'cpu'/)
})

test('unknown options are refused before anything is read', async () => {
  assert.is((await rejection(Engine.build('none.onnx', { cachDir: 'x' } as never))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is((await rejection(Engine.load('none.engine', { cacheDir: 'x' } as never))).code, 'TRT_ERR_INVALID_ARGUMENT')
  await using engine = await Engine.build(models.matmul(), cpu)
  assert.is((await rejection(engine.createSession({ lanes: 0 }))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is((await rejection(engine.save(''))).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test.run()
