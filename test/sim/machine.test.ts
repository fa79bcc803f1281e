// @timeout 240
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { runChild } from '../../scripts/support/child.js'
import { packageRoot } from '../../lib/backend/addon.js'
import { type SimFlavour, simLibraries, type SimSettings } from '../support/sim.js'
import { simulatorEnvironment } from '../support/simulator.js'

const test = suite<{ dir: string }>('machines with and without what it takes')
const child = fileURLToPath(new URL('fixtures/attempt.ts', import.meta.url))

test.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'trt-machine-'))
})
test.after.each(({ dir }) => rmSync(dir, { recursive: true }))

interface Attempt {
  value?: unknown
  code?: string
  message?: string
  longest: number
  exitCode: number | null
}

interface Machine {
  flavour?: SimFlavour
  settings?: SimSettings
  /** Instead of the simulator's own folder. */
  folder?: string
}

async function attempt(machine: Machine, action: string, file = ''): Promise<Attempt> {
  const { flavour = 'trt10', settings = {}, folder } = machine
  const env = { ...process.env, ...simulatorEnvironment(flavour, settings, folder) }
  const args = ['--import', 'tsx', child, action, simLibraries(flavour).backend, file]
  const { code, stdout, stderr } = await runChild(process.execPath, args, { cwd: packageRoot, env, timeoutMs: 60_000 })
  const line = stdout.trim().split('\n').at(-1) ?? ''
  assert.ok(line.startsWith('{'), `no answer: exit code ${code}, ${stdout}${stderr}`)
  return { ...(JSON.parse(line) as Attempt), exitCode: code }
}

/** A folder with some of the simulator's libraries: a machine on which only those are installed. */
function partOf(dir: string, flavour: SimFlavour, wanted: RegExp): string {
  const from = simLibraries(flavour).folder
  for (const name of readdirSync(from).filter((each) => wanted.test(each))) symlinkSync(join(from, name), join(dir, name))
  return dir
}

const answer = [1, 1.25, 1.5, 1.75]

const drivers: readonly [string, number, RegExp][] = [
  ['too old a driver', 35, /driver/i],
  ['no device', 100, /no .*device/i],
  ['a driver that is not ready', 802, /ready/i],
  ['a device that the libraries do not support', 804, /support/i],
]

for (const [what, code, words] of drivers) {
  test(`${what}: unavailable, with the reason`, async () => {
    const { code: told, message } = await attempt({ settings: { driver: code } }, 'run')
    assert.is(told, 'TRT_ERR_UNAVAILABLE', message)
    assert.match(message ?? '', words)
  })
}

test("without a driver 'auto' takes the CPU, and says why not the others", async () => {
  const { value } = await attempt({ settings: { driver: 35 } }, 'auto')
  const { name, refused, answer: numbers } = value as { name: string; refused: { name: string; reason: string }[]; answer: number[] }
  assert.equal([name, numbers], ['cpu', answer])
  assert.match(refused.find((each) => each.name === 'tensorrt')?.reason ?? '', /driver/i)
})

test("with one 'auto' takes the device", async () => {
  const { value } = await attempt({}, 'auto')
  const { name, answer: numbers } = value as { name: string; answer: number[] }
  assert.equal([name, numbers], ['tensorrt', answer])
})

test('a driver that hangs does not stop the event loop, and the process can end', async () => {
  const { exitCode, longest } = await attempt({ settings: { driver: 'hang' } }, 'exit')
  assert.is(exitCode, 3)
  assert.ok(longest < 500, `the event loop stood still for ${longest.toFixed(0)} ms`)
})

test('a machine without parser runs engines that were built elsewhere, and says what it lacks for building', async ({ dir }) => {
  const file = `${dir}.engine`
  assert.equal((await attempt({}, 'save', file)).value, answer)
  const folder = partOf(dir, 'trt10', /^lib(cudart|nvinfer)\.so/)
  assert.equal((await attempt({ folder }, 'load', file)).value, answer)
  const { code, message } = await attempt({ folder }, 'run')
  assert.is(code, 'TRT_ERR_UNAVAILABLE', message)
  assert.match(message ?? '', /parser/i)
  rmSync(file)
})

test('TensorRT without CUDA is told as that', async ({ dir }) => {
  const { code, message } = await attempt({ folder: partOf(dir, 'trt10', /^libnv/) }, 'run')
  assert.is(code, 'TRT_ERR_UNAVAILABLE', message)
  assert.match(message ?? '', /cudart|CUDA/)
})

test('an engine of another major says what built it, and what is here', async ({ dir }) => {
  const file = join(dir, 'm.engine')
  assert.equal((await attempt({ flavour: 'trt10' }, 'save', file)).value, answer)
  const { code, message } = await attempt({ flavour: 'trt11' }, 'load', file)
  assert.is(code, 'TRT_ERR_ENGINE', message)
  assert.match(message ?? '', /10\.\d+.*11\.\d+/)
})

test('an engine of one product is not run by the other', async ({ dir }) => {
  const file = join(dir, 'm.engine')
  assert.equal((await attempt({ flavour: 'rtx11' }, 'save', file)).value, answer)
  const { code } = await attempt({ flavour: 'trt10' }, 'load', file)
  assert.ok(code === 'TRT_ERR_ENGINE' || code === 'TRT_ERR_UNAVAILABLE', code)
})

test.run()
