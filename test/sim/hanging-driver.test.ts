import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Engine } from '../../lib/index.js'
import { loadAddon } from '../../lib/backend/addon.js'
import type { NativeError } from '../../lib/backend/native.js'
import { codeOf } from '../../lib/backend/status.js'
import { echoOn } from '../support/device.js'
import { rejection } from '../support/failure.js'
import { identity } from '../support/models.js'
import { simLibraries } from '../support/sim.js'
import { simulator, until, useSimulator } from '../support/simulator.js'

const backend = useSimulator('rtx11')
const test = suite('a driver that does not answer')
const shapes = { x: { min: [1, 4], opt: [1, 4], max: [8, 4] } }
const folder = mkdtempSync(path.join(tmpdir(), 'tensorrt-node-'))
const engineFile = path.join(folder, 'echo.engine')

test.before(async () => {
  await using engine = await echoOn(backend)
  await engine.save(engineFile)
  simulator.set('driver', 'hang')
})

/** Aborts `begun` once the driver has been asked. */
async function abortedWhileAsked(begin: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  simulator.resetCounters()
  const stop = new AbortController()
  const rejected = rejection(begin(stop.signal))
  await until('the driver is asked', () => (simulator.calls()['cudaDriverGetVersion'] ?? 0) > 0)
  const reason = new Error('changed my mind')
  stop.abort(reason)
  const error = await rejected
  assert.is(error.code, 'TRT_ERR_ABORTED')
  assert.is(error.cause, reason)
}

for (const wanted of [backend, 'auto'] as const) {
  test(`Engine.build is aborted at once (${wanted})`, () =>
    abortedWhileAsked((signal) => Engine.build(identity('float32', ['N', 4]), { backend: wanted, shapes, signal })))
}

test('Engine.load is aborted at once', () => abortedWhileAsked((signal) => Engine.load(engineFile, { signal })))

test('a signal that has fired already asks nothing', async () => {
  simulator.resetCounters()
  const error = await rejection(Engine.load(engineFile, { signal: AbortSignal.abort() }))
  assert.is(error.code, 'TRT_ERR_ABORTED')
  assert.is(simulator.calls()['cudaDriverGetVersion'] ?? 0, 0)
})

test.after(() => rmSync(folder, { recursive: true }))

test("without a signal the question ends by itself: told with a remedy, and 'auto' takes another backend", async () => {
  process.env['TENSORRT_NODE_PROBE_TIMEOUT'] = '100'
  try {
    const model = identity('float32', ['N', 4])
    const error = await rejection(Engine.build(model, { backend, shapes }))
    assert.is(error.code, 'TRT_ERR_UNAVAILABLE')
    assert.match(error.message, 'the NVIDIA driver does not answer: no answer within 0.1 s. Look at nvidia-smi')
    await using engine = await Engine.build(model, { shapes })
    assert.is(engine.backend.name, 'cpu')
    assert.ok(engine.backend.refused.some(({ reason }) => reason.includes('no answer within')))
  } finally {
    delete process.env['TENSORRT_NODE_PROBE_TIMEOUT']
  }
})

test('another backend works meanwhile', async () => {
  await using engine = await Engine.load(identity('float32', ['N', 4]), { backend: 'cpu' })
  await using session = await engine.createSession()
  assert.equal([...(await session.run({ x: Float32Array.of(1, 2, 3, 4) }))['y']!.data], [1, 2, 3, 4])
})

test('a question may be cancelled twice, and after its answer', async () => {
  const named = (wanted: string) =>
    loadAddon()
      .backends()
      .find(({ name }) => name === wanted)!
  const answered = named('cpu').probe({})
  const answer = await answered.promise.catch((error: Error) => error.message)
  const asked = named(backend).probe({ cudart: simLibraries('rtx11').cudart })
  for (const task of [answered, asked, asked]) task.cancel()
  assert.is(await asked.promise.catch((error: NativeError) => codeOf(error.status)), 'TRT_ERR_ABORTED')
  assert.is(await answered.promise.catch((error: Error) => error.message), answer)
})

test.run()
