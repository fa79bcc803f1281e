import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { tensor } from '../../../lib/core/tensor.js'
import { failure } from '../../support/failure.js'
import { io } from '../../support/batching/fake-device.js'
import { MicroBatcher } from '../../../lib/batching/micro-batcher.js'
import { fifoRule } from '../../support/batching/fifo-rule.js'
import { codeOf, Harness, values } from '../../support/batching/harness.js'
import { isTrtError } from '../../../lib/core/errors.js'

const test = suite('what is refused before it joins a batch')
const pair = (i: number) => Float32Array.of(i, i + 0.5)

test('a model without a free batch axis cannot be batched', () => {
  const cases: [object, string][] = [
    [{ inputs: [io('x', [1, 2])] }, 'TRT_ERR_UNSUPPORTED'],
    [{ inputs: [io('x', [])] }, 'TRT_ERR_UNSUPPORTED'],
    [{ inputs: [io('x', ['N', 2]), io('threshold', [])] }, 'TRT_ERR_UNSUPPORTED'],
    [{ inputs: [io('x', ['N', 2]), io('shape', ['N'], { isShape: true })] }, 'TRT_ERR_UNSUPPORTED'],
    [{ inputs: [io('x', ['N', 2], { type: 'string' })] }, 'TRT_ERR_UNSUPPORTED'],
    [{ inputs: [] }, 'TRT_ERR_UNSUPPORTED'],
  ]
  for (const [device, code] of cases) assert.is(failure(() => new Harness({}, device)).code, code, JSON.stringify(device))
  assert.match(
    failure(() => new Harness({}, { inputs: [io('x', [8, 2])] })).message,
    /fixed at 8 along the batch axis 0.*free batch dimension/,
  )
  assert.is(failure(() => new Harness({ batchAxis: 1 })).code, 'TRT_ERR_UNSUPPORTED')
})

test('inputs that are wrong reject at once, and those beside them are answered', async () => {
  const inputs = [io('x', ['N', 2]), io('w', ['N', 3], { type: 'int32' })]
  const h = new Harness({}, { inputs })
  const good = { x: pair(1), w: new Int32Array(3) }
  const beside = h.run(good)
  const cases: [unknown, string][] = [
    [{ ...good, w: new Float32Array(3) }, 'TRT_ERR_TYPE'],
    [{ ...good, w: tensor('int64', [1, 3]) }, 'TRT_ERR_TYPE'],
    [{ ...good, w: [1, 2, 3] }, 'TRT_ERR_TYPE'],
    [{ ...good, w: new Int32Array(6) }, 'TRT_ERR_SHAPE'],
    [{ ...good, x: new Float32Array(3) }, 'TRT_ERR_SHAPE'],
    [{ ...good, x: tensor('float32', [2], [1, 2]) }, 'TRT_ERR_SHAPE'],
    [{ ...good, x: tensor('float32', [1, 3]) }, 'TRT_ERR_SHAPE'],
    [{ ...good, x: { type: 'float32', shape: [2, 2], data: pair(1) } }, 'TRT_ERR_SHAPE'],
    [{ x: new Float32Array(0), w: new Int32Array(0) }, 'TRT_ERR_SHAPE'],
    [{ x: tensor('float32', [0, 2]), w: tensor('int32', [0, 3]) }, 'TRT_ERR_SHAPE'],
    [{ ...good, x: new Float32Array(new SharedArrayBuffer(8)) }, 'TRT_ERR_BUFFER'],
    [{ x: pair(1) }, 'TRT_ERR_NAME'],
    [{ ...good, z: pair(1) }, 'TRT_ERR_NAME'],
    [{ x: pair(1), W: good.w }, 'TRT_ERR_NAME'],
    [null, 'TRT_ERR_INVALID_ARGUMENT'],
    [pair(1), 'TRT_ERR_INVALID_ARGUMENT'],
  ]
  for (const [wrong, code] of cases) assert.is(await h.code(wrong as never), code)
  await h.finishAll()
  assert.equal(values(await beside), [2, 3])
  assert.equal(
    h.device.runs.map(({ rows }) => rows),
    [1],
  )
  assert.is(h.batcher.stats().failed.TRT_ERR_SHAPE, 7)
  await h.end()
})

test('options that are wrong reject at once', async () => {
  const h = new Harness()
  const cases: [unknown, string][] = [
    [{ deadline: Number.NaN }, 'TRT_ERR_INVALID_ARGUMENT'],
    [{ deadline: '5' }, 'TRT_ERR_INVALID_ARGUMENT'],
    [{ priority: Infinity }, 'TRT_ERR_INVALID_ARGUMENT'],
    [{ signal: {} }, 'TRT_ERR_INVALID_ARGUMENT'],
    [{ outputs: [] }, 'TRT_ERR_INVALID_ARGUMENT'],
    [{ outputs: ['y', 'y'] }, 'TRT_ERR_INVALID_ARGUMENT'],
    [{ outputs: ['Y'] }, 'TRT_ERR_NAME'],
    [{ into: {} }, 'TRT_ERR_INVALID_ARGUMENT'],
    [{ signal: AbortSignal.abort() }, 'TRT_ERR_ABORTED'],
  ]
  for (const [options, code] of cases) assert.is(await h.code({ x: pair(1) }, options as never), code, JSON.stringify(options))
  assert.is(h.device.runs.length, 0)
  await h.end()
})

test('options of the batcher that are wrong throw', () => {
  const cases: object[] = [
    { maxQueueDelay: Number.NaN },
    { maxQueueDelay: -1 },
    { slo: 0 },
    { slo: Number.NaN },
    { maxBatch: 0 },
    { maxBatch: 1.5 },
    { maxQueue: 0 },
    { lanes: 0 },
    { executionTimeout: 0 },
    { retryAlone: 1 },
    { priorities: { high: 1 } },
    { priorities: { 1: 0 } },
    { clock: {} },
    { timers: {} },
    { maxbatch: 4 },
  ]
  for (const options of cases) assert.is(failure(() => new Harness(options)).code, 'TRT_ERR_INVALID_ARGUMENT', JSON.stringify(options))
  for (const target of [null, [], {}, [{}]]) {
    assert.is(failure(() => new MicroBatcher(target as never, {}, fifoRule)).code, 'TRT_ERR_INVALID_ARGUMENT')
  }
})

test('a deadline that has passed, or cannot be met, is refused with what was predicted', async () => {
  const h = new Harness({ slo: 30 })
  const past = await h.run({ x: pair(1) }, { deadline: h.time.now() - 5 })
  assert.is(codeOf(past), 'TRT_ERR_DEADLINE')
  const first = h.run({ x: pair(1) })
  await h.time.settle()
  h.time.jump(20)
  h.device.current.finish()
  await first // an execution takes 20 ms
  const tight = await h.run({ x: pair(1) }, { deadline: h.time.now() + 10 })
  assert.ok('error' in tight && isTrtError(tight.error))
  assert.is(tight.error.code, 'TRT_ERR_DEADLINE')
  assert.equal(tight.error.details, { reason: 'deadline', deadline: 1030, predicted: 1040, now: 1020 })
  assert.match(tight.error.message, /answered in 20\.000 ms, but its deadline is in 10\.000 ms/)
  assert.equal(h.batcher.stats().refused, { deadline: 1, overload: 0, expired: 1 })
  await h.end()
})

test('a request that waits past its deadline is refused, and never executed', async () => {
  const h = new Harness({ slo: 30 })
  const first = h.run({ x: pair(1) })
  await h.time.settle()
  const waiting = h.run({ x: pair(2) }, { deadline: h.time.now() + 10 })
  await h.time.advance(11)
  assert.is(codeOf(await waiting), 'TRT_ERR_DEADLINE')
  await h.finishAll()
  assert.is(codeOf(await first), 'answered')
  assert.is(h.device.runs.length, 1)
  await h.end()
})

test('a full queue is told with when to try again', async () => {
  const h = new Harness({ maxQueue: 2 })
  const blocker = h.run({ x: pair(0) })
  await h.time.settle()
  const waiting = [h.run({ x: pair(1) }), h.run({ x: pair(2) })]
  const refused = await h.run({ x: pair(3) })
  assert.ok('error' in refused && isTrtError(refused.error))
  assert.is(refused.error.code, 'TRT_ERR_OVERLOADED')
  assert.equal(refused.error.details, { reason: 'overload', retryAfter: 8, depth: 2 })
  await h.finishAll()
  await Promise.all([blocker, ...waiting])
  await h.end()
})

test('an output that has no rows must be left out', async () => {
  const h = new Harness({}, { outputs: [io('y', ['N', 2]), io('anchors', [9, 4])] })
  assert.is(await h.code({ x: pair(1) }), 'TRT_ERR_UNSUPPORTED')
  assert.is(await h.code({ x: pair(1) }, { outputs: ['anchors'] }), 'TRT_ERR_UNSUPPORTED')
  const answer = h.run({ x: pair(1) }, { outputs: ['y'] })
  await h.finishAll()
  assert.equal(values(await answer), [2, 3])
  await h.end()
})

test('sessions of different models are not put together', () => {
  const other = { inputs: [io('x', ['N', 3])] }
  assert.is(failure(() => new Harness({}, [{}, other])).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test.run()
