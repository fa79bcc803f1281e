import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as assert from 'uvu/assert'
import { openFile, readBytes, writeAtomically } from '../../../lib/core/files.js'
import { rejection } from '../../support/failure.js'
import { suite } from '../../support/suite.js'

const test = suite('files')
let folder = ''
test.before.each(() => void (folder = mkdtempSync(path.join(tmpdir(), 'files-'))))
test.after.each(() => rmSync(folder, { recursive: true }))

test('a list of more buffers than one call takes is written in order, empty ones among them', async () => {
  const pieces = Array.from({ length: 3000 }, (_, i) => new Uint8Array(i % 3).fill(i))
  const file = path.join(folder, 'many')
  await writeAtomically(file, [pieces, Uint8Array.of(255), pieces.slice(0, 5)])
  assert.equal(readFileSync(file), Buffer.concat([...pieces, Uint8Array.of(255), ...pieces.slice(0, 5)]))
  assert.equal(readdirSync(folder), ['many'])
})

test('what fails on the way leaves nothing behind', async () => {
  const failing = function* () {
    yield [Uint8Array.of(1)]
    throw new RangeError('no more')
  }
  const error = await writeAtomically(path.join(folder, 'none'), failing()).catch((caught: unknown) => caught)
  assert.instance(error, RangeError)
  assert.equal(readdirSync(folder), [])
  assert.is((await rejection(writeAtomically(path.join(folder, 'no', 'folder'), []))).code, 'TRT_ERR_FILE')
})

test('a part of a file is read in pieces of any size', async () => {
  const file = path.join(folder, 'bytes')
  await writeAtomically(file, [Uint8Array.from({ length: 100 }, (_, i) => i)])
  const { handle, size } = await openFile(file)
  assert.is(size, 100)
  assert.equal([...(await readBytes(handle, 90, 20, { piece: 3 }))], [90, 91, 92, 93, 94, 95, 96, 97, 98, 99])
  await handle.close()
})

test.run()
