import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { readNpy, writeNpy } from '../../lib/core/npy.js'
import { readNpz, writeNpz } from '../../lib/core/npz.js'
import { cli } from '../support/cli.js'
import * as models from '../support/models.js'

// The commands over the CPU backend: what a user gets.
const test = suite('commands')
let folder = ''
const file = (name: string) => join(folder, name)
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'))
  writeFileSync(file('model.onnx'), models.addConst())
})
test.after.each(() => rmSync(folder, { recursive: true }))

async function succeed(...argv: string[]): Promise<{ out: string; err: string }> {
  const { code, out, err } = await cli(argv)
  assert.is(code, 0, err)
  return { out, err }
}

test('build, inspect and run: one plus x', async () => {
  const built = await succeed(
    'build',
    file('model.onnx'),
    '-o',
    file('model.engine'),
    '--minShapes=x:1x3',
    '--maxShapes',
    'x:8x3',
    '--backend=cpu',
  )
  assert.match(built.out, /^Built in .*model\.engine, .*B\.\nBackend cpu .*: asked for by name\.\n/)
  assert.match((await succeed('inspect', file('model.engine'))).out, /input +x +float32 +\[N, 3\] with N 1…8\n/)
  writeFileSync(file('x.npy'), writeNpy({ type: 'float32', shape: [1, 3], data: Float32Array.of(1, 2, 3) }))
  const ran = await succeed('run', file('model.engine'), `--loadInputs=x:${file('x.npy')}`, `--saveOutput=${file('out')}`)
  assert.match(ran.out, /y +float32 +\[1, 3\] +2 +4 +3 +0 +2 3 4\n/)
  assert.equal(readNpy(readFileSync(file('out/y.npy'))), { type: 'float32', shape: [1, 3], data: Float32Array.of(2, 3, 4) })
  assert.equal(readdirSync(folder).sort(), ['model.engine', 'model.onnx', 'out', 'x.npy'])
})

test('run: raw and archived inputs, outputs as an archive and as JSON', async () => {
  writeFileSync(file('x.bin'), new Uint8Array(Float32Array.of(5, 6, 7, 8, 9, 10).buffer))
  await succeed(
    'run',
    file('model.onnx'),
    `--loadInputs=x:${file('x.bin')}`,
    `--saveOutput=${file('out.npz')}`,
    `--exportOutput=${file('out.json')}`,
  )
  assert.equal(readNpz(readFileSync(file('out.npz'))).get('y')?.shape, [2, 3])
  assert.equal(JSON.parse(readFileSync(file('out.json'), 'utf8')), [{ name: 'y', dimensions: '2x3', values: [6, 7, 8, 9, 10, 11] }])
  writeFileSync(file('in.npz'), writeNpz(new Map([['x', { type: 'float32', shape: [1, 3], data: Float32Array.of(0, 0, 41) }]])))
  assert.match((await succeed('run', file('model.onnx'), '--loadInputs', file('in.npz'))).out, /1 1 42\n/)
})

test('run: random inputs repeat with their seed', async () => {
  const first = async (seed: string) => {
    const { out } = await succeed('run', file('model.onnx'), '--shapes=x:2x3', `--seed=${seed}`, '--json')
    return (JSON.parse(out) as { outputs: { first: number[] }[] }).outputs[0]?.first
  }
  assert.equal(await first('1'), await first('1'))
  assert.not.equal(await first('1'), await first('2'))
})

test('run: a free dimension that is not given is told about, unless --quiet', async () => {
  assert.match((await succeed('run', file('model.onnx'))).err, 'Input "x" takes [N, 3]; using [1, 3]. Give another with --shapes.')
  assert.is((await succeed('run', file('model.onnx'), '--quiet')).err, '')
})

test('types: a declaration on standard output or in a file', async () => {
  assert.match((await succeed('types', file('model.onnx'), '--name=Plus')).out, /export interface Plus \{[^]*x: \{ type: 'float32'/)
  await succeed('types', file('model.onnx'), '-o', file('model.d.ts'))
  assert.match(readFileSync(file('model.d.ts'), 'utf8'), 'export interface Model {')
})

test('build: the second time the engine comes from the cache', async () => {
  const build = () => succeed('build', file('model.onnx'), `--cacheDir=${file('cache')}`)
  assert.match((await build()).out, /^Built in /)
  assert.match((await build()).out, /^Found in the cache in /)
})

test('flags that belong to a build are refused for an engine that is built', async () => {
  await succeed('build', file('model.onnx'), '-o', file('model.engine'))
  const { code, err } = await cli(['run', file('model.engine'), '--precision=fp32'])
  assert.is(code, 2)
  assert.match(err, 'Expected an ONNX model for --precision')
})

test('a build that fails or is stopped leaves no file', async () => {
  writeFileSync(file('bad.onnx'), models.unknownOperator())
  const failed = await cli(['build', file('bad.onnx'), '-o', file('bad.engine')])
  assert.is(failed.code, 1)
  assert.match(failed.err, /^TRT_ERR_MODEL: .*Frobnicate/)
  const stopped = await cli(['build', file('model.onnx'), '-o', file('model.engine')], { signal: AbortSignal.abort() })
  assert.is(stopped.code, 1)
  assert.match(stopped.err, /^TRT_ERR_ABORTED/)
  assert.equal(readdirSync(folder).sort(), ['bad.onnx', 'model.onnx'])
  assert.not.ok(existsSync(file('bad.engine')))
})

test('a backend that cannot run here is an error with the reason, never another one', async () => {
  const { code, err } = await cli(['build', file('model.onnx'), '-o', file('m.engine'), '--backend=tensorrt'])
  assert.is(code, 1)
  assert.match(err, /^TRT_ERR_UNAVAILABLE: The backend 'tensorrt' cannot run here/)
})

test.run()
