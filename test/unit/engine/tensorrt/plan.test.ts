import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import { findPlan, needsOf, parsePlanHeader, type PlanHeader, requireVersion, requireWhole } from '../../../../lib/engine/tensorrt/plan.js'
import { failure } from '../../../support/failure.js'
import { rtxPlan, trtPlan } from '../../../support/plans.js'

const test = suite('plan headers')
const rtx = (more: Parameters<typeof rtxPlan>[0] = {}) => parsePlanHeader(rtxPlan(more))!
const header = (change: Partial<PlanHeader>): PlanHeader => ({ ...rtx(), ...change })

test('a TensorRT-RTX plan tells version, length, GPUs and weights', () => {
  assert.equal(rtx(), {
    backend: 'tensorrt-rtx',
    version: '1.7.1.116',
    bytes: 100,
    computeCapabilities: ['8.0', '8.6', '8.9', '12.0', '12.1', 'unnamed'],
    weightBytes: 4096,
  })
  assert.equal(rtx({ mask: 0b1001 }).computeCapabilities, ['7.5', '8.9'])
})

test('a TensorRT plan tells its version', () => {
  const plan = { backend: 'tensorrt', version: '10.15.1.29', bytes: null, computeCapabilities: null, weightBytes: null }
  assert.equal(parsePlanHeader(trtPlan([10, 15, 1, 29])), plan)
})

test('what is not sound is null, and other data is no plan', () => {
  assert.is(rtx({ mask: 0xffff }).computeCapabilities, null)
  assert.is(parsePlanHeader(trtPlan([0, 0, 0, 0]))?.version, null)
  assert.is(parsePlanHeader(Buffer.from('vtrt'))?.version, null)
  assert.is(parsePlanHeader(Buffer.from('ONNX and more')), null)
  assert.is(parsePlanHeader(Buffer.alloc(0)), null)
})

test('a plan that is cut short or goes on is refused, with both lengths', () => {
  requireWhole(rtx(), 100)
  assert.match(failure(() => requireWhole(rtx(), 99)).message, 'cut short: expected 100 bytes, received 99')
  assert.match(failure(() => requireWhole(rtx(), 101)).message, 'goes on after its end: expected 100 bytes, received 101')
  const short = failure(() => requireWhole(parsePlanHeader(trtPlan([10, 0, 0, 0]))!, 63))
  assert.equal([short.code, short.details], ['TRT_ERR_ENGINE', { expected: 64, received: 63 }])
})

test('a plan of another version is refused, with both versions', () => {
  const refused = (built: string, library: string) =>
    failure(() => requireVersion(header({ version: built }), { library, otherVersions: false })).details
  assert.equal(refused('1.7.1.116', '1.6.1.120'), { built: '1.7.1.116', here: '1.6.1.120' })
  assert.equal(refused('1.7.1.116', '1.7.2'), { built: '1.7.1.116', here: '1.7.2' })
})

test('the same version, one that tells fewer parts, and compatible ones pass', () => {
  const passes = (built: string | null, library: string | null, otherVersions = false) =>
    requireVersion(header({ version: built }), { library, otherVersions })
  passes('1.7.1.116', '1.7.1.116')
  passes('1.7.1.116', '1.7.1')
  passes(null, '1.7.1')
  passes('1.7.1.116', null)
  passes('1.7.1.116', '9.9.9.9', true)
})

test('what Ultralytics writes before a plan is found with it', () => {
  const metadata = Buffer.from(JSON.stringify({ task: 'detect' }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(metadata.length)
  assert.equal(findPlan(Buffer.concat([length, metadata, rtxPlan()])), { offset: 4 + metadata.length, metadata: { task: 'detect' } })
  assert.equal(findPlan(rtxPlan()), { offset: 0, metadata: null })
  assert.is(findPlan(Buffer.concat([length, Buffer.from('x'.repeat(metadata.length)), rtxPlan()])), null)
})

test('in words: what a machine needs to run it', () => {
  assert.is(
    needsOf(header({ computeCapabilities: ['8.6', '8.9', 'unnamed'] })),
    'TensorRT-RTX 1.7.1.116, a CUDA runtime (libcudart 12 or 13), an NVIDIA driver, and a GPU of compute capability 8.6, 8.9',
  )
})

test.run()
