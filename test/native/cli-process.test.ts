import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import * as models from '../support/models.js'
import { scriptedLibrary, scriptedModel } from '../support/scripted.js'

// What only a process of its own shows: signals, pipes, exit codes.
const test = suite('command line process')
const main = join(import.meta.dirname, '../../lib/cli/main.ts')
let folder = ''
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'))
})
test.after.each(() => rmSync(folder, { recursive: true }))

interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  out: string
  err: string
}

function start(...argv: string[]): { child: ChildProcess; ended: Promise<Ended>; said: (text: string) => Promise<void> } {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
  const result = { out: '', err: '' }
  child.stdout.on('data', (chunk) => (result.out += String(chunk)))
  const waiting: (() => void)[] = []
  child.stderr.on('data', (chunk) => {
    result.err += String(chunk)
    for (const check of waiting) check()
  })
  const ended = new Promise<Ended>((resolve) => child.on('close', (code, signal) => resolve({ code, signal, ...result })))
  const heard = (text: string) => new Promise<void>((resolve) => waiting.push(() => result.err.includes(text) && resolve()))
  const gone = async (text: string) => {
    const { err } = await ended
    throw new Error(`it ended before it said "${text}": ${err}`)
  }
  const said = (text: string) => Promise.race([heard(text), gone(text)])
  return { child, ended, said }
}

/** A build of ten minutes, which says that it runs after one second. */
function startLongBuild() {
  const model = join(folder, 'model.onnx')
  writeFileSync(model, scriptedModel(['input x float32 N,4', 'output y float32 N,4', 'buildSteps 60000', 'buildStepUs 10000']))
  return start('build', model, '-o', join(folder, 'model.engine'), `--backend=${scriptedLibrary}`)
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} stops a long build with exit code ${code}, and leaves no half file`, async () => {
    const { child, ended, said } = startLongBuild()
    await said('after 1.')
    const began = performance.now()
    child.kill(signal)
    const { err, ...end } = await ended
    assert.equal([end.code, end.signal], [code, null])
    assert.ok(performance.now() - began < 2000)
    assert.match(err, /TRT_ERR_ABORTED/)
    assert.equal(readdirSync(folder), ['model.onnx'])
  })
}

test('a second SIGINT ends the process at once', async () => {
  const { child, ended, said } = startLongBuild()
  await said('after 1.')
  child.kill('SIGINT')
  child.kill('SIGINT')
  const { code, signal } = await ended
  // The first one may have ended it already.
  assert.ok(signal === 'SIGINT' || code === 130, `${signal} ${code}`)
})

test('a reader that goes away early is no failure', async () => {
  const { child, ended } = start('--help')
  child.stdout?.destroy()
  const { code, err } = await ended
  assert.equal([code, err], [0, ''])
})

test('a command ends by itself, with all of its output written', async () => {
  const model = join(folder, 'model.onnx')
  writeFileSync(model, models.addConst())
  const { code, out } = await start('run', model, '--shapes=x:1x3', '--json').ended
  assert.is(code, 0)
  assert.is((JSON.parse(out) as { outputs: unknown[] }).outputs.length, 1)
})

test.run()
