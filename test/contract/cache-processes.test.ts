import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'

const test = suite('cache of several processes')
const child = fileURLToPath(new URL('fixtures/build-child.ts', import.meta.url))
const build = async (directory: string): Promise<string> =>
  (await promisify(execFile)(process.execPath, ['--import', 'tsx', child, directory])).stdout

test('of several that want the same engine at once, one builds and all get it whole', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'trt-processes-'))
  try {
    const outcomes = await Promise.all([1, 2, 3].map(() => build(directory)))
    assert.equal(outcomes.sort(), ['hit 7\n', 'hit 7\n', 'miss 7\n'])
    assert.is((await readdir(directory)).filter((name) => name.endsWith('.engine')).length, 1)
    assert.is((await readdir(directory)).length, 1)
  } finally {
    await rm(directory, { recursive: true })
  }
})

test.run()
