// @serial
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { compare, type Comparison, type Figures, type Scenario } from '../../bench/capacity/compare.js'

/**
 * The same arrivals through the simulator and through the batcher on the scripted backend, in real time. Runs are long, so that
 * the machine's own noise is small against them; a busy machine can only do worse than was foreseen, and is given room for it.
 */
const test = suite('capacity plan against the batcher')
const cost = { fixedMs: 20, rowMs: 2.5, noisePercent: 5, maxBatch: 16, slo: 150 }
const run = { durationMs: 2000, seed: 1 }
const ratio = ({ predicted, measured }: { predicted: Figures; measured: Figures }, key: keyof Figures) => measured[key] / predicted[key]

function within(what: string, value: number, least: number, most: number): void {
  assert.ok(value >= least && value <= most, `${what}: expected ${least} to ${most}, received ${value}`)
}

/** A wrong prediction is wrong each time; a machine that was busy meanwhile is not. */
async function anyOfThree(scenario: Scenario, check: (both: Comparison) => void): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const both = await compare(scenario, cost, run)
    try {
      return check(both)
    } catch (error) {
      if (attempt === 3) throw error
    }
  }
}

test('below capacity nothing is lost, and latency is as foreseen', () =>
  anyOfThree({ arrivals: 'poisson', load: 0.6, lanes: 1 }, (both) => {
    within('predicted goodput', both.predicted.goodput, 99, 100)
    within('measured goodput', both.measured.goodput, 90, 100)
    within('ratio of p50', ratio(both, 'p50'), 0.8, 1.5)
  }))

test('in overload as much is lost as was foreseen', () =>
  anyOfThree({ arrivals: 'poisson', load: 1.3, lanes: 1 }, (both) => {
    within('difference of goodput', both.measured.goodput - both.predicted.goodput, -20, 6)
    within('ratio of p50', ratio(both, 'p50'), 0.8, 1.3)
    within('ratio of the mean batch', ratio(both, 'meanBatch'), 0.75, 1.25)
  }))

test.run()
