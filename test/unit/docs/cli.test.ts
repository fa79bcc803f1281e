import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { cliDocs } from '../../../scripts/make-cli-docs.js'
import { repository } from '../../../scripts/support/report.js'

const test = suite('docs/cli.md')

test('is what the help says: write it anew with npm run make:cli-docs', async () => {
  assert.is(readFileSync(join(repository, 'docs/cli.md'), 'utf8'), await cliDocs())
})
test('has every command', async () => {
  const page = await cliDocs()
  const listed = [...page.slice(0, page.indexOf('## ')).matchAll(/^ {2}([a-z]+) \[options\]/gm)].map((match) => match[1])
  assert.ok(listed.length > 0)
  for (const command of listed) assert.ok(page.includes(`\n## ${command}\n`), command)
})

test.run()
