import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import type { NativeSession } from '../../../lib/backend/native.js'
import { readGraphStats } from '../../../lib/engine/graph-stats.js'

const test = suite('graph statistics')

const native = (describe?: () => string | null) => ({ describe }) as unknown as NativeSession

test('what the backend tells of graphs, and nothing else of it', () => {
  const graphs = {
    whole: 5,
    compute: 4,
    plain: 3,
    padded: 2,
    paddedRows: 7,
    captured: 2,
    kept: 1,
    fallbacks: { timings: 1 },
    failure: null,
  }
  const facts = JSON.stringify({ lanes: 2, cudaGraph: { enabled: true, capacity: 64, ...graphs } })
  assert.equal(readGraphStats(native(() => facts)), graphs)
})

test('a backend without graphs, one that does not describe sessions, and an addon that cannot ask it', () => {
  for (const none of [native(() => '{"provider":"CPU"}'), native(() => null), native()]) assert.is(readGraphStats(none), null)
})

test.run()
