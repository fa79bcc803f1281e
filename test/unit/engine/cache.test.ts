import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { type CacheKey, cacheKey, throughCache } from '../../../lib/engine/cache.js'
import { engineHeader } from '../../support/engine-bytes.js'
import { rejection } from '../../support/failure.js'

const test = suite<{ dir: string }>('cache')
test.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(tmpdir(), 'trt-cache-'))
})
test.after.each(({ dir }) => rm(dir, { recursive: true }))

const payload = Buffer.from('payload')
const key: CacheKey = {
  source: 'a'.repeat(64),
  choice: { name: 'cpu', version: '1.30.0' },
  buildInfo: 'C++17',
  precision: 'fp32',
  profiles: [{ x: { min: [1], opt: [2], max: [3] } }],
  options: { a: '1', b: '2' },
}
const builder = () => {
  const calls = { count: 0 }
  const build = async () => {
    calls.count++
    return { header: engineHeader(payload), payload }
  }
  return { calls, build }
}

test('everything that decides the engine decides the key; the order of options does not', () => {
  assert.is(cacheKey({ ...key, options: { b: '2', a: '1' } }), cacheKey(key))
  const others: Partial<CacheKey>[] = [
    { source: 'b'.repeat(64) },
    { choice: { name: 'cpu', version: '1.29.0' } },
    { choice: { name: 'tensorrt', version: '1.30.0' } },
    { buildInfo: 'other' },
    { precision: 'as-is' },
    { profiles: [] },
    { options: { a: '1' } },
  ]
  assert.is(new Set([key, ...others.map((other) => ({ ...key, ...other }))].map(cacheKey)).size, others.length + 1)
})

test('built once, then found', async ({ dir }) => {
  const { calls, build } = builder()
  const first = await throughCache(dir, 'k', build, undefined)
  const second = await throughCache(dir, 'k', build, undefined)
  assert.equal([first.hit, second.hit, calls.count], [false, true, 1])
  assert.ok(payload.equals(second.contents.payload))
  assert.equal(await readdir(dir), ['k.engine'])
})

test('the directory is made', async ({ dir }) => {
  const { build } = builder()
  assert.not((await throughCache(path.join(dir, 'a', 'b'), 'k', build, undefined)).hit)
})

test('of several that want the same at once, one builds', async ({ dir }) => {
  const { calls, build } = builder()
  const all = await Promise.all([1, 2, 3, 4].map(() => throughCache(dir, 'k', build, undefined)))
  assert.is(calls.count, 1)
  assert.is(all.filter(({ hit }) => hit).length, 3)
})

test('a damaged entry is built again', async ({ dir }) => {
  const { calls, build } = builder()
  const { file } = await throughCache(dir, 'k', build, undefined)
  const bytes = await readFile(file)
  bytes[bytes.length - 1]! ^= 1
  await writeFile(file, bytes)
  assert.not((await throughCache(dir, 'k', build, undefined)).hit)
  await writeFile(file, bytes.subarray(0, 20))
  assert.not((await throughCache(dir, 'k', build, undefined)).hit)
  assert.ok((await throughCache(dir, 'k', build, undefined)).hit)
  assert.is(calls.count, 3)
})

test('a build that fails leaves nothing', async ({ dir }) => {
  const failed = await throughCache(dir, 'k', () => Promise.reject(new Error('no')), undefined).catch((error: Error) => error.message)
  assert.is(failed, 'no')
  assert.equal(await readdir(dir), [])
})

test('a directory that cannot be made is an error of the file system', async ({ dir }) => {
  const file = path.join(dir, 'file')
  await writeFile(file, '')
  const error = await rejection(throughCache(path.join(file, 'cache'), 'k', builder().build, undefined))
  assert.is(error.code, 'TRT_ERR_FILE')
})

test.run()
