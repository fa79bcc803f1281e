import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { hashFile, readWhole, writeAtomically } from '../../../lib/engine/files.js'
import { rejection } from '../../support/failure.js'

const test = suite<{ dir: string }>('files')
test.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(tmpdir(), 'trt-files-'))
})
test.after.each(({ dir }) => rm(dir, { recursive: true }))

test('what is written is read, with its checksum', async ({ dir }) => {
  const file = path.join(dir, 'a')
  const content = Buffer.alloc(3 * 2 ** 20 + 5, 7) // more than one piece
  await writeAtomically(file, [content.subarray(0, 9), content.subarray(9)])
  const read = await readWhole(file)
  const digest = createHash('sha256').update(content).digest('hex')
  assert.ok(content.equals(read.bytes))
  assert.is(read.sha256, digest)
  const hash = createHash('sha256')
  await hashFile(hash, file)
  assert.is(hash.digest('hex'), digest)
})

test('an old file is replaced, and nothing else is left', async ({ dir }) => {
  const file = path.join(dir, 'a')
  await writeFile(file, 'old')
  await writeAtomically(file, [Buffer.from('new')])
  assert.is(await readFile(file, 'utf8'), 'new')
  assert.equal(await readdir(dir), ['a'])
})

test('when the content fails to come, the old file stays and nothing is left', async ({ dir }) => {
  const file = path.join(dir, 'a')
  await writeFile(file, 'old')
  const broken = (function* () {
    yield Buffer.from('ne')
    throw new Error('source failed')
  })()
  try {
    await writeAtomically(file, broken)
    assert.unreachable()
  } catch (error) {
    assert.is((error as Error).message, 'source failed')
  }
  assert.is(await readFile(file, 'utf8'), 'old')
  assert.equal(await readdir(dir), ['a'])
})

test('a missing file, a directory, a missing folder: each says what to do', async ({ dir }) => {
  const cases: [() => Promise<unknown>, RegExp][] = [
    [() => readWhole(path.join(dir, 'none')), /Cannot read ".*none": there is no such file\. Check the path/],
    [() => readWhole(dir), /it is a directory\. Give the path of a file/],
    [() => readWhole(path.join(dir, 'none', 'a')), /there is no such file/],
    [() => readWhole('/dev/null'), /expected a regular file/],
    [() => writeAtomically(path.join(dir, 'none', 'a'), []), /Cannot write ".*": its folder does not exist/],
  ]
  for (const [attempt, message] of cases) {
    const error = await rejection(attempt())
    assert.is(error.code, 'TRT_ERR_FILE')
    assert.match(error.message, message)
  }
})

test('a directory is not replaced by a file', async ({ dir }) => {
  const error = await rejection(writeAtomically(dir, [Buffer.from('x')]))
  assert.is(error.code, 'TRT_ERR_FILE')
  assert.equal(
    (await readdir(path.dirname(dir))).filter((name) => name.startsWith(`.${path.basename(dir)}`)),
    [],
  )
})

test('a loop of symbolic links is an error, not a hang', async ({ dir }) => {
  const file = path.join(dir, 'loop')
  await symlink(file, file)
  assert.is((await rejection(readWhole(file))).code, 'TRT_ERR_FILE')
})

test('an aborted signal stops reading', async ({ dir }) => {
  const file = path.join(dir, 'a')
  await writeFile(file, 'content')
  const reason = new Error('stop')
  try {
    await readWhole(file, AbortSignal.abort(reason))
    assert.unreachable()
  } catch (error) {
    assert.is(error, reason)
  }
})

test.run()
