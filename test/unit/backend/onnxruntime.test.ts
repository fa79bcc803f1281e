import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { findOnnxRuntime } from '../../../lib/backend/onnxruntime.js'
import { failure } from '../../support/failure.js'

const test = suite<{ dir: string }>('onnxruntime')
test.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(tmpdir(), 'trt-ort-'))
})
test.after.each(({ dir }) => rm(dir, { recursive: true }))

const here = `${process.platform}-${process.arch}`
const platformPackage = `@tensorrt-node/onnxruntime-${here}`
const nothing = () => {
  throw new Error('Cannot find module')
}

/** A node_modules folder with the packages given: files by path. Returns how to resolve in it. */
async function installed(dir: string, files: Record<string, string>): Promise<(specifier: string) => string> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true })
    await writeFile(path.join(dir, name), content)
  }
  return (specifier) => (specifier in files ? path.join(dir, specifier) : nothing())
}

const universal = (version: string, library: string) => `onnxruntime-node/bin/${version}/${process.platform}/${process.arch}/${library}`

test('an option comes before the environment, which comes before packages', async ({ dir }) => {
  const resolve = await installed(dir, { 'a.so': '', 'b.so': '' })
  const [a, b] = ['a.so', 'b.so'].map((name) => path.join(dir, name))
  assert.equal(findOnnxRuntime({ path: a!, env: { TENSORRT_NODE_ONNXRUNTIME: b! }, resolve }), { path: a, how: 'option', tried: [] })
  assert.equal(findOnnxRuntime({ env: { TENSORRT_NODE_ONNXRUNTIME: b! }, resolve }), { path: b, how: 'environment', tried: [] })
})

test('a folder stands for the library in it', async ({ dir }) => {
  await installed(dir, { 'libonnxruntime.so': '', 'libonnxruntime.so.1': '', 'other.so': '' })
  assert.is(findOnnxRuntime({ path: dir, env: {} }).path, path.join(dir, 'libonnxruntime.so.1'))
})

test('the package for this platform comes before the one for all', async ({ dir }) => {
  const resolve = await installed(dir, {
    [`${platformPackage}/package.json`]: '{"main":"lib/libonnxruntime.so.1"}',
    [`${platformPackage}/lib/libonnxruntime.so.1`]: '',
    'onnxruntime-node/package.json': '{}',
    [universal('napi-v6', 'libonnxruntime.so.1')]: '',
  })
  const found = findOnnxRuntime({ env: {}, resolve })
  assert.is(found.how, 'platform package')
  assert.is(found.path, path.join(dir, platformPackage, 'lib/libonnxruntime.so.1'))
})

test('of the package for all platforms, the newest Node-API version is taken', async ({ dir }) => {
  const resolve = await installed(dir, {
    'onnxruntime-node/package.json': '{}',
    [universal('napi-v6', 'libonnxruntime.so.1')]: '',
    [universal('napi-v10', 'libonnxruntime.so.1')]: '',
  })
  const found = findOnnxRuntime({ env: {}, resolve })
  assert.match(found.path, /napi-v10/)
  assert.equal(found.tried, [{ how: 'platform package', path: platformPackage, reason: 'not installed' }])
})

test('a path that was given is never passed over', async ({ dir }) => {
  const resolve = await installed(dir, {
    'onnxruntime-node/package.json': '{}',
    [universal('napi-v6', 'libonnxruntime.so.1')]: '',
    'empty/x': '',
  })
  for (const [options, message] of [
    [{ path: '/none.so', env: {}, resolve }, /at "\/none\.so", as the option onnxruntime says, but there is no such file/],
    [{ env: { TENSORRT_NODE_ONNXRUNTIME: '/none.so' }, resolve }, /as the environment variable TENSORRT_NODE_ONNXRUNTIME says/],
    [{ path: path.join(dir, 'empty'), env: {}, resolve }, /the folder has no such library/],
  ] as const) {
    const error = failure(() => findOnnxRuntime(options))
    assert.is(error.code, 'TRT_ERR_UNAVAILABLE')
    assert.match(error.message, message)
  }
})

test('nowhere: all places, and the command that installs it', () => {
  const error = failure(() => findOnnxRuntime({ env: {}, resolve: nothing }))
  assert.is(error.code, 'TRT_ERR_UNAVAILABLE')
  assert.match(error.message, /npm install onnxruntime-node/)
  assert.equal(
    (error.details['tried'] as { path: string }[]).map((each) => each.path),
    [platformPackage, 'onnxruntime-node'],
  )
})

test('a package without a library for this platform says so', async ({ dir }) => {
  const resolve = await installed(dir, { 'onnxruntime-node/package.json': '{}', 'onnxruntime-node/bin/napi-v6/other/x': '' })
  assert.match(failure(() => findOnnxRuntime({ env: {}, resolve })).message, new RegExp(`no library for ${here}`))
})

test('an empty variable counts as unset', () => {
  assert.match(failure(() => findOnnxRuntime({ env: { TENSORRT_NODE_ONNXRUNTIME: '' }, resolve: nothing })).message, /none was found/)
})

test.run()
