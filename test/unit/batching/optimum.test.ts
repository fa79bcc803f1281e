import fc from 'fast-check'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { optimum } from '../../../bench/batcher/optimum.js'
import { cost, msOf, type Trace } from '../../../bench/batcher/scenarios.js'

/** What the rule is measured against has to be the best there is: here it is compared with trying everything. */
const test = suite('the best possible')

const traceOf = (requests: readonly { at: number; budget: number }[]): Trace => {
  const sorted = [...requests].sort((a, b) => a.at - b.at)
  return { times: Float64Array.from(sorted, ({ at }) => at), budgets: Float64Array.from(sorted, ({ budget }) => budget) }
}

/** Every batch of every subset, in every order. */
function byTryingEverything({ times, budgets }: Trace): number {
  const best = (free: number, left: number): number => {
    let most = 0
    for (let set = left; set > 0; set = (set - 1) & left) {
      const members = [...times.keys()].filter((i) => (set >> i) & 1)
      const end = Math.max(free, ...members.map((i) => times[i]!)) + msOf(members.length)
      if (members.every((i) => end <= times[i]! + budgets[i]!)) most = Math.max(most, members.length + best(end, left & ~set))
    }
    return most
  }
  return best(-Infinity, 2 ** times.length - 1)
}

test('nobody does better by trying everything', () => {
  const request = fc.record({ at: fc.integer({ min: 0, max: 30 }), budget: fc.constantFrom(7, 15) })
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 7 }), (requests) => {
      const trace = traceOf(requests)
      assert.is(optimum(trace), byTryingEverything(trace))
    }),
    { numRuns: 300 },
  )
})

test('more than a batch at once: as many as fit before the deadline', () => {
  // 40 at once, 30 ms: 16 take 12 ms, twice; in the 6 ms that are left go 4 more.
  const requests = Array.from({ length: 40 }, () => ({ at: 0, budget: 30 }))
  assert.is(optimum(traceOf(requests)), 2 * cost.maxBatch + 4)
})

test('in a long trace nothing that matters is forgotten', () => {
  const requests = Array.from({ length: 1000 }, (_, i) => ({ at: 12 * Math.floor(i / 16), budget: 12 }))
  assert.is(optimum(traceOf(requests)), 1000)
})

test.run()
