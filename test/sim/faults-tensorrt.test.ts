// @timeout 300
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { tryTensorRt } from '../support/fault-matrix.js'
import { simulator, useSimulator } from '../support/simulator.js'

const backend = useSimulator('trt10')
const test = suite('faults of every call of trt10')

test('a call that fails is told, nothing of it is left behind, and the next program works', () => tryTensorRt(backend))

test('no rule of the hardware was broken meanwhile', () => {
  assert.equal(simulator.violations(), {})
})

test.run()
