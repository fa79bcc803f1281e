import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { loadAddon } from '../../lib/backend/addon.js'
import type { NativeBackend, NativeEngine, NativeError } from '../../lib/backend/native.js'
import { codeOf } from '../../lib/backend/status.js'
import { matmul } from '../support/models.js'
import { simLibraries } from '../support/sim.js'
import { simulator, useSimulator } from '../support/simulator.js'

const name = useSimulator('trt11')
const test = suite('controls of an engine on the simulated device')
const { cudart, tensorrt, parser, plugin } = simLibraries('trt11')
const libraries = { cudart, nvinfer: tensorrt, nvonnxparser: parser, ...(plugin === undefined ? {} : { nvinferPlugin: plugin }) }
const backend = loadAddon()
  .backends()
  .find((each) => each.name === name) as NativeBackend

async function open(build: Record<string, string> = {}, load: Record<string, string> = {}): Promise<NativeEngine> {
  const x = { input: 'x', isValues: false, min: [1, 2], opt: [4, 2], max: [8, 2] }
  const request = { model: matmul(), modelPath: null, externals: [], profiles: [[x], [{ ...x, min: [16, 2], opt: [16, 2], max: [16, 2] }]] }
  const { payload } = await backend.build({ ...request, options: { ...libraries, ...build } }).promise
  return await backend.load(new Uint8Array(payload), { ...libraries, ...load }).promise
}

const ask = async (engine: NativeEngine, verb: string, given?: unknown) =>
  JSON.parse(await engine.control(verb, given === undefined ? null : JSON.stringify(given)).promise) as Record<string, unknown>

async function refusal(asked: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await asked
  } catch (error) {
    const { status, message } = error as NativeError
    return { code: codeOf(status), message }
  }
  throw new Error('an error was expected')
}

test('describe tells the device, the library and the memory', async () => {
  const engine = await open()
  const facts = await ask(engine, 'describe')
  assert.match(String((facts['device'] as { name: string }).name), /Simulated/)
  assert.is(facts['profiles'], 2)
  assert.is(facts['refittable'], false)
  assert.is(facts['lost'], null)
  assert.is((facts['inputs'] as unknown[]).length, 1)
  engine.close()
})

test('inspect gives the layers', async () => {
  const engine = await open({ profilingVerbosity: 'detailed' })
  assert.ok(((await ask(engine, 'inspect'))['Layers'] as unknown[]).length > 0)
  engine.close()
})

test('profileLayers times every layer, for the shapes asked for', async () => {
  const engine = await open()
  for (const given of [undefined, { runs: 3, shapes: { x: [8, 2] } }, { profile: 1 }]) {
    const { layers, runs } = (await ask(engine, 'profileLayers', given)) as { layers: { name: string; ms: number }[]; runs: number }
    assert.is(runs, given?.runs ?? 10)
    assert.ok(layers.length > 0 && layers.every(({ ms }) => ms >= 0))
  }
  assert.is((await refusal(ask(engine, 'profileLayers', { profile: 2 }))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is((await refusal(ask(engine, 'profileLayers', { shapes: { x: [2] } }))).code, 'TRT_ERR_SHAPE')
  engine.close()
})

test('memory is told for each profile', async () => {
  const engine = await open()
  const facts = await ask(engine, 'memory')
  assert.is((facts['profiles'] as number[]).length, 2)
  assert.ok(Number(facts['totalBytes']) >= Number(facts['freeBytes']))
  engine.close()
})

test('an engine that was not built for it refuses to be refitted, and to stream weights', async () => {
  const engine = await open()
  assert.is((await refusal(ask(engine, 'refit', { onnx: 'x.onnx' }))).code, 'TRT_ERR_UNSUPPORTED')
  assert.is((await refusal(ask(engine, 'weightStreaming'))).code, 'TRT_ERR_UNSUPPORTED')
  assert.is((await refusal(ask(engine, 'saveRuntimeCache'))).code, 'TRT_ERR_UNSUPPORTED')
  const { code, message } = await refusal(ask(engine, 'fly'))
  assert.is(code, 'TRT_ERR_UNSUPPORTED')
  assert.match(message, /'describe'/)
  engine.close()
})

test('weights are replaced by name while a session is open', async () => {
  const engine = await open({ refit: '1' })
  const session = await engine.createSession(1, {}).promise
  const { refittable } = (await ask(engine, 'refit', { weights: [] })) as { refittable: string[] }
  assert.ok(refittable.length > 0)
  const data = Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer).toString('base64')
  const two = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer).toString('base64')
  await ask(engine, 'refit', { weights: [{ name: refittable[0], type: 'float32', data: two }] })
  const size = await refusal(ask(engine, 'refit', { weights: [{ name: refittable[0], type: 'float32', data }] }))
  assert.is(size.code, 'TRT_ERR_INVALID_ARGUMENT')
  const wrong = await refusal(ask(engine, 'refit', { weights: [{ name: 'nobody', type: 'float32', data }] }))
  assert.is(wrong.code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is((await refusal(ask(engine, 'refit', {}))).code, 'TRT_ERR_INVALID_ARGUMENT')
  await session.close()
  engine.close()
})

test('the budget of streamed weights is set at load, and later while no session is open', async () => {
  const engine = await open({ allowWeightStreaming: '1' }, { weightStreamingBudget: '50%' })
  const { streamable, budget } = (await ask(engine, 'weightStreaming')) as { streamable: number; budget: number }
  assert.is(budget, Math.floor(streamable / 2))
  assert.is((await ask(engine, 'weightStreaming', { budget: 'off' }))['budget'], streamable)
  const session = await engine.createSession(1, {}).promise
  assert.is((await refusal(ask(engine, 'weightStreaming', { budget: 0 }))).code, 'TRT_ERR_INVALID_ARGUMENT')
  await session.close()
  engine.close()
})

test('a session describes what it did, and starts afresh after a reset', async () => {
  const engine = await open()
  const session = await engine.createSession(2, { slots: '2' }).promise
  const describe = async () => JSON.parse(await session.control('describe', null).promise) as Record<string, unknown>
  const facts = await describe()
  assert.equal([facts['lanes'], facts['slots'], facts['runs'], facts['contexts']], [2, 2, 0, 2])
  await session.control('reset', null).promise
  assert.is(simulator.live()['contexts'], 0)
  await session.close()
  engine.close()
})

test('no rule of the hardware was broken meanwhile', () => {
  assert.equal(simulator.violations(), {})
})

test.run()
