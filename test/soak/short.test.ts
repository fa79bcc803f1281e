// @gc @serial @timeout 300
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { allowed, isFlat, soak } from './batcher.js'

// The long run is a command of its own: npm run soak:batcher.
const test = suite('soak of the batcher')

test('20,000 requests of all kinds are each answered once, and memory stays flat', async () => {
  const report = await soak(20_000)
  const { outcomes } = report
  assert.is(
    Object.values(outcomes).reduce((sum, count) => sum + count, 0),
    20_000,
  )
  assert.ok(outcomes['answered']! > 17_000, JSON.stringify(outcomes))
  for (const code of ['TRT_ERR_NAME', 'TRT_ERR_ABORTED']) assert.ok(outcomes[code]! > 0, `no ${code}`)
  assert.ok(report.retries > 0)
  // In so short a run RSS follows the size of the young generation: it is the long run's business.
  assert.ok(isFlat(report, { ...allowed, rss: Infinity }), JSON.stringify(report.memory))
})

test.run()
