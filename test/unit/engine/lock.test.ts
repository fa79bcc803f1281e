import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { isAbandoned, withLock } from '../../../lib/engine/lock.js'

const test = suite<{ dir: string; file: string }>('lock')
test.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(tmpdir(), 'trt-lock-'))
  context.file = path.join(context.dir, 'lock')
})
test.after.each(({ dir }) => rm(dir, { recursive: true }))

test('a lock is abandoned when its owner is dead, or has given no sign for 20 s', () => {
  assert.not(isAbandoned({ ageMs: 0, ownerAlive: true }))
  assert.not(isAbandoned({ ageMs: 20_000, ownerAlive: null }))
  assert.ok(isAbandoned({ ageMs: 20_001, ownerAlive: null }))
  assert.ok(isAbandoned({ ageMs: 20_001, ownerAlive: true }))
  assert.ok(isAbandoned({ ageMs: 0, ownerAlive: false }))
})

test('one holds it at a time; nothing is left behind', async ({ dir, file }) => {
  let holders = 0
  let most = 0
  const work = () =>
    withLock(file, undefined, async () => {
      most = Math.max(most, ++holders)
      await new Promise((resolve) => setImmediate(resolve))
      holders--
    })
  await Promise.all([work(), work(), work()])
  assert.is(most, 1)
  assert.equal(await readdir(dir), [])
})

test('it is released when the work fails', async ({ dir, file }) => {
  const failed = withLock(file, undefined, () => Promise.reject(new Error('work failed')))
  assert.is(await failed.catch((error: Error) => error.message), 'work failed')
  assert.equal(await readdir(dir), [])
})

test('the lock of a dead process is taken over', async ({ file }) => {
  await writeFile(file, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), id: 'x' })) // above Linux's largest pid
  assert.is(await withLock(file, undefined, async () => 'done'), 'done')
})

test('an old lock of another machine is taken over', async ({ file }) => {
  await writeFile(file, JSON.stringify({ pid: 1, host: 'elsewhere', id: 'x' }))
  await utimes(file, 0, 0)
  assert.is(await withLock(file, undefined, async () => 'done'), 'done')
})

test('waiting for a lock stops with its signal', async ({ file }) => {
  const reason = new Error('stop')
  const controller = new AbortController()
  await withLock(file, undefined, async () => {
    const waiting = withLock(file, controller.signal, async () => 'never')
    controller.abort(reason)
    assert.is(await waiting.catch((error: unknown) => error), reason)
  })
})

test.run()
