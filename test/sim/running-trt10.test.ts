// @timeout 300
import * as assert from 'uvu/assert'
import { simulator, useSimulator } from '../support/simulator.js'
import { suite } from '../support/suite.js'
import { formatCases } from './cases/formats.js'
import { graphReasonCases } from './cases/graph-reasons.js'
import { overlapCases } from './cases/overlap.js'
import { paddingCases } from './cases/padding.js'
import { pieceCases } from './cases/pieces.js'

const backend = useSimulator('trt10')
const test = suite('graphs, padding, pieces and overlap on trt10')

test.before.each(() => {
  simulator.clearFaults()
  simulator.resetCounters()
})

const sound = () => assert.equal(simulator.violations(), {})
test.after.each(sound)

const cases = [...graphReasonCases, ...paddingCases, ...overlapCases, ...pieceCases, ...formatCases]
for (const [title, body] of cases) test(title, () => body(backend))

test.run()
