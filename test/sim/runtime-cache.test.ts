import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { echoOn } from '../support/device.js'
import { quiet, simulator, useSimulator } from '../support/simulator.js'
import { row } from '../contract/subjects.js'

const backend = useSimulator('rtx11')
const test = suite('the runtime cache of TensorRT-RTX')
const folder = mkdtempSync(join(tmpdir(), 'runtime-cache-'))
const runtimeCacheFile = join(folder, 'kernels.bin')

test.before.each(() => rmSync(runtimeCacheFile, { force: true }))
test.after(() => rmSync(folder, { recursive: true }))

/** Loads, runs and closes; how often kernels were compiled meanwhile. */
async function start(): Promise<number> {
  const before = simulator.live()
  simulator.resetCounters()
  const engine = await echoOn(backend, { tensorrt: { runtimeCacheFile } })
  const session = await engine.createSession()
  assert.equal((await session.run({ x: row(3) }))['y']!.data, row(3))
  await session.close()
  await engine.close()
  assert.is(await quiet(before), null)
  return simulator.calls()['jit:compile'] ?? 0
}

test('a second start finds the kernels of the first', async () => {
  assert.is(await start(), 1)
  assert.ok(existsSync(runtimeCacheFile))
  assert.is(await start(), 0)
})

test('a cache of nobody is replaced', async () => {
  writeFileSync(runtimeCacheFile, 'not a cache')
  assert.is(await start(), 1)
  assert.is(await start(), 0)
})

test('no rule of the hardware was broken meanwhile', () => {
  assert.equal(simulator.violations(), {})
})

test.run()
