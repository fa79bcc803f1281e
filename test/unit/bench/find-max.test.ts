import fc from 'fast-check'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { findMax, nextMove, type Trial } from '../../../lib/bench/find-max.js'
import { rejection } from '../../support/failure.js'
import { simulatedProbes, SimulatedRunner } from '../../support/simulated.js'
import { VirtualTime } from '../../support/virtual-time.js'

const test = suite('find max')

/** The whole search against a rule that says whether a load holds. */
function search(holds: (load: number, n: number) => boolean, start: number, precision: number): { found: number | null; trials: Trial[] } {
  const trials: Trial[] = []
  for (;;) {
    const move = nextMove(trials, start, precision)
    if (move.kind === 'found') return { found: move.load, trials }
    trials.push({ load: move.load, met: holds(move.load, trials.length) })
    if (trials.length > 100) throw new Error('no end')
  }
}

test('doubles until one fails, then halves the ratio, then confirms', () => {
  const { found, trials } = search((load) => load <= 300, 100, 0.25)
  const halfway = Math.sqrt(200 * 400)
  assert.equal(
    trials.map(({ load }) => Math.round(load)),
    [100, 200, 400, 283, 336, 283],
  )
  assert.is(found, halfway)
})

test('nothing holds: null, after ten halvings', () => {
  const { found, trials } = search(() => false, 1024, 0.1)
  assert.equal([found, trials.at(-1)!.load], [null, 1])
})

test('a good load that fails when it is tried again is not the answer', () => {
  let lucky = true
  const { found } = search(
    (load) => {
      if (load <= 100) return true
      if (load > 150) return false
      const met = lucky
      lucky = false
      return met
    },
    100,
    0.6,
  )
  assert.is(found, 100)
})

test('property: the answer holds, and a load within the precision above it does not', () => {
  const given = fc.record({ limit: fc.double({ min: 1, max: 1e5, noNaN: true }), start: fc.double({ min: 10, max: 1e4, noNaN: true }) })
  fc.assert(
    fc.property(given, ({ limit, start }) => {
      fc.pre(limit > start / 500)
      const { found } = search((load) => load <= limit, start, 0.05)
      assert.ok(found !== null && found <= limit && found * 1.0501 > limit, `${found} of ${limit}`)
    }),
  )
})

test('finds where a device of 10 ms breaks: constant arrivals hold to 100 per second', async () => {
  const time = new VirtualTime()
  const runner = new SimulatedRunner(time, { serviceMs: 10 })
  const options = { inputs: {}, pacer: time, probes: simulatedProbes(time), warmUp: 100, duration: 3000, maxWindows: 3, settle: 1e6 }
  const report = await time.run(findMax(runner, { ...options, slo: 15, arrivals: 'constant', tellDeadlines: false, precision: 0.02 }))
  const { load, tried, goodput, slo } = report.findMax!
  assert.ok(load! <= 100.2 && load! > 97, `${load}`)
  assert.equal([goodput, slo, report.steps.length < tried.length], [0.99, 15, true])
  report.steps.forEach((step, i) => assert.ok(i === 0 || step.load > report.steps[i - 1]!.load))
})

test('without anything to be in time for it is refused', async () => {
  const error = await rejection(findMax({ run: () => Promise.resolve() }, { inputs: {} }))
  assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
})

test.run()
