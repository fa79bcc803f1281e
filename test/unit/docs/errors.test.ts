import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { repository } from '../../../scripts/support/report.js'

const test = suite('docs/errors.md')
const read = (path: string) => readFileSync(join(repository, path), 'utf8')
const declared = [...read('lib/core/errors.ts').matchAll(/^ {2}\| '(TRT_ERR_\w+)'$/gm)].map((match) => match[1])
const rows = read('docs/errors.md')
  .split('\n')
  .filter((line) => line.startsWith('| `TRT_ERR_'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )

test('every code of ErrorCode has a row, in the same order, and no row is of another code', () => {
  assert.ok(declared.length > 0)
  assert.equal(
    rows.map(([code]) => code?.replaceAll('`', '')),
    declared,
  )
})
test('every row says what it means, whence it comes and what to do', () => {
  for (const row of rows) {
    assert.is(row.length, 4)
    assert.ok(
      row.every((cell) => cell.length > 0),
      row[0],
    )
  }
})

test.run()
