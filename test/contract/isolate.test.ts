import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as assert from 'uvu/assert'
import { type BuildOptions, type BuildProgress, Engine, type LogEntry } from '../../lib/index.js'
import { rejection } from '../support/failure.js'
import * as models from '../support/models.js'
import { scriptedLibrary, scriptedModel } from '../support/scripted.js'
import { suite } from '../support/suite.js'

const test = suite('isolated builds')
const echo = ['input x float32 N,4', 'output y float32 N,4']
const backend = { library: scriptedLibrary }
const build = (lines: readonly string[], options: BuildOptions = {}) =>
  Engine.build(scriptedModel([...echo, ...lines]), { backend, isolate: true, ...options })
/** Long enough for whatever a test does to it meanwhile. */
const long = ['buildSteps 3000', 'buildStepUs 10000']

/** Our children, by what they run. */
function builders(parent = process.pid): number[] {
  const own = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').map(Number)
  return own.filter((pid) => pid > 0 && /isolate.child\.(ts|js)/.test(commandOf(pid)))
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

const leftFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('tensorrt-node-build-') && !name.endsWith('.lock'))

test('an engine built in another process is the one that is built here', async () => {
  const before = leftFolders().length
  await using isolated = await Engine.build(models.addConst(), { backend: 'cpu', isolate: true })
  await using here = await Engine.build(models.addConst(), { backend: 'cpu' })
  assert.is(isolated.metadata.payload.sha256, here.metadata.payload.sha256)
  await using session = await isolated.createSession()
  const { y } = await session.run({ x: Float32Array.of(1, 2, 3) })
  assert.is(y!.data.length, 3)
  assert.equal([builders(), leftFolders().length], [[], before])
})

test('progress comes through', async () => {
  const seen: BuildProgress[] = []
  await using engine = await build(['buildSteps 5'], { onProgress: (progress) => seen.push(progress) })
  assert.is(engine.backend.name, 'scripted')
  assert.ok(seen.some(({ phase, steps }) => phase !== 'backend' && steps === 5))
  assert.is(seen.at(-1)?.fraction, 1)
})

test('a model with external data given as bytes reaches the other process', async () => {
  const externalData = { 'weights.bin': new Uint8Array(4104) }
  await using engine = await Engine.build({ model: models.external(), externalData }, { backend: 'cpu', isolate: true })
  assert.is(engine.backend.name, 'cpu')
})

test('an error of the backend keeps its code', async () => {
  const error = await rejection(Engine.build(models.unknownOperator(), { backend: 'cpu', isolate: true }))
  assert.is(error.code, 'TRT_ERR_MODEL')
})

test('a builder that crashes is an error of the model, and this process lives', async () => {
  const log: LogEntry[] = []
  const crash = ({ phase }: BuildProgress) => {
    const [pid] = builders()
    if (phase !== 'backend' && pid !== undefined) process.kill(pid, 'SIGSEGV')
  }
  const error = await rejection(build(long, { onProgress: crash, onLog: (entry) => log.push(entry) }))
  assert.is(error.code, 'TRT_ERR_MODEL')
  assert.match(error.message, /The builder crashed \(SIGSEGV\) in the phase ".+" on this model/)
})

test('an abort ends the build and the process, and is told as one', async () => {
  const controller = new AbortController()
  const stop = ({ phase }: BuildProgress) => phase !== 'read' && phase !== 'check' && phase !== 'backend' && controller.abort()
  const error = await rejection(build(long, { signal: controller.signal, onProgress: stop }))
  assert.equal([error.code, builders()], ['TRT_ERR_ABORTED', []])
})

test('an abort before the process has begun ends it too', async () => {
  const controller = new AbortController()
  const stop = ({ phase }: BuildProgress) => phase === 'backend' && controller.abort()
  const error = await rejection(build(long, { signal: controller.signal, onProgress: stop }))
  assert.equal([error.code, builders()], ['TRT_ERR_ABORTED', []])
})

test('a callback that throws fails the build, and ends the process', async () => {
  const fail = ({ phase }: BuildProgress) => {
    if (phase !== 'read' && phase !== 'check' && phase !== 'backend') throw new Error('mine')
  }
  const error = await build(long, { onProgress: fail }).then(
    () => null,
    (thrown: Error) => thrown,
  )
  assert.equal([error?.message, builders()], ['mine', []])
})

test('a builder ends with the process that asked for it, however that ends', async () => {
  const script = fileURLToPath(new URL('fixtures/build-isolated.ts', import.meta.url))
  const { stdout, signal } = (await promisify(execFile)(process.execPath, ['--import', 'tsx', script]).catch(
    (error: { stdout: string; signal: string }) => error,
  )) as { stdout: string; signal: string }
  assert.is(signal, 'SIGKILL')
  const pid = Number(stdout)
  assert.ok(pid > 0, stdout)
  while (/isolate.child/.test(commandOf(pid))) await new Promise((resolve) => setImmediate(resolve))
})

test.run()
