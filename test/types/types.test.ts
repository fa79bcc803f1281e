import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'

const test = suite('types')
const here = path.dirname(fileURLToPath(import.meta.url))
const compiler = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')

test('what must not compile does not, and the rest does', async () => {
  const run = promisify(execFile)(process.execPath, [compiler, '-p', path.join(here, 'tsconfig.json')])
  assert.is(
    await run.then(
      () => 'compiles',
      (error: { stdout: string }) => error.stdout,
    ),
    'compiles',
  )
})

test.run()
