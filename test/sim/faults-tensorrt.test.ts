// @timeout 300
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { tryAll, usesOf } from '../support/fault-matrix.js'
import { simulator, useSimulator } from '../support/simulator.js'

const backend = useSimulator('trt10')
const test = suite('faults of every call of trt10')

/** None that would blame the caller, who did nothing wrong. */
const allowed = [
  'right',
  'TRT_ERR_DEVICE',
  'TRT_ERR_ENGINE',
  'TRT_ERR_MODEL',
  'TRT_ERR_INTERNAL',
  'TRT_ERR_OUT_OF_MEMORY',
  'TRT_ERR_UNAVAILABLE',
]
/** Calls by which TensorRT says that it does not take a shape. */
const judgesShapes = /::(setDimensions|addOptimizationProfile|inferShapes|setInputShape)$/

test('a call that fails is told, nothing of it is left behind, and the next program works', async () => {
  const uses = await usesOf(backend, /^(?!cuda|async)/)
  assert.ok(uses.length >= 15, `only ${uses.length} calls are used`)
  await tryAll(backend, uses, (call) => ({ code: 1, allowed: judgesShapes.test(call) ? [...allowed, 'TRT_ERR_SHAPE'] : allowed }))
})

test('no rule of the hardware was broken meanwhile', () => {
  assert.equal(simulator.violations(), {})
})

test.run()
