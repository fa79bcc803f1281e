import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import type { BuildProgress } from '../../../lib/engine/build-options.js'
import { ProgressReporter } from '../../../lib/engine/progress.js'

const test = suite('progress')
const recorded = (drive: (reporter: ProgressReporter) => void) => {
  const seen: BuildProgress[] = []
  drive(new ProgressReporter((progress) => seen.push(progress)))
  return seen
}

test('the fraction begins at 0, ends at 1 and never shrinks', () => {
  const seen = recorded((reporter) => {
    reporter.stage('read', 0)
    reporter.backend('optimise', null, 1, 2)
    reporter.backend('optimise', null, 2, 2)
    reporter.backend('layers', 'optimise', 1, 9)
    reporter.backend('write', null, 0, 1)
    reporter.backend('write', null, 1, 1)
    reporter.stage('load', 0)
    reporter.stage('store', 1)
  })
  const fractions = seen.map(({ fraction }) => fraction)
  assert.is(fractions[0], 0)
  assert.is(fractions.at(-1), 1)
  assert.equal(
    fractions,
    [...fractions].sort((a, b) => a - b),
  )
})

test('phases of the backend keep their names', () => {
  const phases = recorded((reporter) => {
    reporter.backend('optimise', null, 0, 1)
    reporter.backend('layers', 'optimise', 0, 1)
  }).map(({ phase }) => phase)
  assert.equal(phases, ['optimise', 'layers'])
})

test('each phase takes half of what remains of the backend', () => {
  const [first, second] = recorded((reporter) => {
    reporter.backend('a', null, 1, 1)
    reporter.backend('b', null, 1, 1)
  }).map(({ fraction }) => (fraction - 0.03) / 0.92)
  assert.ok(Math.abs(first! - 0.5) < 1e-9)
  assert.ok(Math.abs(second! - 0.75) < 1e-9)
})

test('without a listener nothing happens', () => {
  new ProgressReporter(undefined).stage('read', 0)
})

test.run()
