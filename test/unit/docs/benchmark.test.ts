import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { channelNames } from '../../../lib/core/channels.js'
import { repository } from '../../../scripts/support/report.js'
import { sampleReport } from '../../support/sample-report.js'

const test = suite('docs/benchmark.md')
const page = readFileSync(join(repository, 'docs/benchmark.md'), 'utf8')
/** Maps from what was measured, not members of the schema. */
const open = new Set(['refused', 'failed', 'rows', 'reasons'])

/** The names of all members, however deep. */
function members(value: unknown, into: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) for (const item of value) members(item, into)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      into.add(name)
      if (!open.has(name)) members(member, into)
    }
  }
  return into
}

test('names every member of a report', async () => {
  const report = await sampleReport({ percentiles: [75] })
  const tried = { load: 1, goodput: 1, met: true }
  const names = members({ ...report, findMax: { load: 1, goodput: 1, slo: 1, precision: 1, tried: [tried] } })
  const missing = [...names].filter((name) => !page.includes(`\`${name}\``))
  assert.equal(missing, [])
})

test('names every channel', () => {
  for (const name of Object.values(channelNames)) assert.ok(page.includes(`\`${name}\``), name)
})

test('every function that it shows is exported', async () => {
  const exported = new Map(Object.entries(await import('../../../lib/bench/index.js')))
  const shown = [
    'benchmark',
    'compare',
    'compareReports',
    'checkReport',
    'findMax',
    'latencyBudget',
    'measureCapacity',
    'renderCsv',
    'renderHtml',
    'renderReport',
  ]
  for (const name of shown) assert.ok(page.includes(name) && typeof exported.get(name) === 'function', name)
})

test.run()
