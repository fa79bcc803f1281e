import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../lib/backend/addon.js'
import { rebuild } from '../../lib/cli/rebuild/build.js'
import { findCompiler } from '../../lib/cli/rebuild/compiler.js'
import { parseSources } from '../../lib/cli/rebuild/plan.js'
import { rejection } from '../support/failure.js'

// A small package of its own: the whole addon takes a minute to compile, and the package test does that.
const test = suite('rebuild')
let root = ''
const target = () => join(root, 'build/Release/tensorrt_node.node')
const write = (file: string, text: string) => writeFileSync(join(root, 'native', file), text)

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'rebuild-'))
  mkdirSync(join(root, 'native'))
  symlinkSync(join(packageRoot, 'node_modules'), join(root, 'node_modules'))
  writeFileSync(join(root, 'package.json'), '{}')
  const sources = parseSources(readFileSync(join(packageRoot, 'native/sources.gypi'), 'utf8'))
  const small = {
    ...sources,
    addon_sources: ['native/a.cc', 'native/b.cc'],
    addon_includes: ['native'],
    addon_flags: ['-std=c++17'],
    addon_exports: 'native/exports.map',
  }
  write('sources.gypi', JSON.stringify({ variables: small }))
  write('exports.map', '{ global: answer; local: *; };')
  write('a.cc', '#include <node_api.h>\nint base();\nextern "C" int answer() { return base() + NAPI_VERSION; }\n')
  write('b.cc', 'int base() { return 34; }\n')
})
test.after.each(() => rmSync(root, { recursive: true }))

async function build(change: { accept?: () => Promise<void>; signal?: AbortSignal } = {}) {
  const told: number[] = []
  const options = { accept: async () => {}, signal: new AbortController().signal, ...change }
  const path = await rebuild({
    root,
    compiler: await findCompiler(process.env),
    onProgress: (_, fraction) => told.push(fraction),
    ...options,
  })
  return { path, told }
}

test('compiles and links the sources with the flags of sources.gypi, and tells how far it is', async () => {
  const { path, told } = await build()
  assert.is(path, target())
  assert.ok(readFileSync(path).subarray(1, 4).equals(Buffer.from('ELF')))
  assert.is(told.at(-1), 1)
  assert.equal(
    told,
    [...told].sort((a, b) => a - b),
  )
  assert.equal(readdirSync(join(root, 'build/Release')), ['tensorrt_node.node'])
})

test('a source that does not compile is an error with what the compiler said; the old library stays', async () => {
  mkdirSync(join(root, 'build/Release'), { recursive: true })
  writeFileSync(target(), 'old')
  write('b.cc', 'int base() { return unknown_name; }\n')
  const error = await rejection(build())
  assert.is(error.code, 'TRT_ERR_ADDON')
  assert.match(error.message, /failed at native\/b\.cc[^]*unknown_name/)
  assert.is(readFileSync(target(), 'utf8'), 'old')
  assert.equal(readdirSync(join(root, 'build/Release')), ['tensorrt_node.node'])
})

test('a library that does not load never takes its place', async () => {
  const reason = new Error('it crashed')
  const thrown = await build({ accept: () => Promise.reject(reason) }).catch((error: unknown) => error)
  assert.is(thrown, reason)
  assert.equal(readdirSync(join(root, 'build/Release')), [])
})

test('an aborted build leaves nothing', async () => {
  const thrown = await build({ signal: AbortSignal.abort() }).catch((error: unknown) => error)
  assert.ok(thrown instanceof Error)
  assert.not.ok(existsSync(target()))
  assert.equal(readdirSync(join(root, 'build/Release')), [])
})

test('a missing header package is named', async () => {
  rmSync(join(root, 'node_modules'))
  const error = await rejection(build())
  assert.is(error.code, 'TRT_ERR_ADDON')
  assert.match(error.message, 'npm install node-addon-api')
})

test.run()
