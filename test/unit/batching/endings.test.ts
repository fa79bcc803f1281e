import { getEventListeners } from 'node:events'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { TrtError } from '../../../lib/core/errors.js'
import { codeOf, Harness, type Outcome } from '../../support/batching/harness.js'

const test = suite('endings and time')
const pair = (i: number) => Float32Array.of(i, i + 0.5)
const codes = async (outcomes: readonly Promise<Outcome>[]) => (await Promise.all(outcomes)).map(codeOf)

test('close drains what is queued, and refuses what comes', async () => {
  const h = new Harness({ maxBatch: 1 })
  const all = [1, 2, 3].map((i) => h.run({ x: pair(i) }))
  let closed = false
  const closing = h.batcher.close().then(() => (closed = true))
  assert.is(await h.code({ x: pair(4) }), 'TRT_ERR_CLOSED')
  await h.time.settle()
  h.device.current.finish()
  await h.time.settle()
  assert.not(closed)
  await h.finishAll()
  assert.equal(await codes(all), ['answered', 'answered', 'answered'])
  await closing
  assert.ok(h.batcher.closed)
  await h.end()
})

test('close without draining refuses what is queued, and waits for what runs', async () => {
  const h = new Harness({ maxBatch: 1 })
  const all = [1, 2, 3].map((i) => h.run({ x: pair(i) }))
  await h.time.settle()
  let closed = false
  const closing = h.batcher.close().then(() => (closed = true))
  void h.batcher.close({ drain: false }) // changes the caller's mind
  assert.equal(await codes(all.slice(1)), ['TRT_ERR_CLOSED', 'TRT_ERR_CLOSED'])
  assert.not(closed)
  await h.finishAll()
  assert.is(codeOf((await all[0])!), 'answered')
  await closing
  await h.end()
})

test('an aborted request leaves the queue at once; when all of a batch have left it is stopped', async () => {
  const h = new Harness()
  const aborts = [new AbortController(), new AbortController(), new AbortController()]
  const running = [0, 1].map((i) => h.run({ x: pair(i) }, { signal: aborts[i]!.signal }))
  await h.time.settle()
  const queued = h.run({ x: pair(2) }, { signal: aborts[2]!.signal })
  aborts[2]!.abort(new Error('enough'))
  const outcome = await queued
  assert.is(codeOf(outcome), 'TRT_ERR_ABORTED')
  assert.equal([(('error' in outcome && outcome.error) as Error).cause, h.batcher.stats().queueDepth], [new Error('enough'), 0])
  const { signal } = h.device.current.options!
  aborts[0]!.abort()
  assert.is(codeOf((await running[0])!), 'TRT_ERR_ABORTED')
  assert.not(signal!.aborted)
  aborts[1]!.abort()
  assert.ok(signal!.aborted)
  h.device.current.fail(new TrtError('TRT_ERR_ABORTED', 'stopped'))
  assert.is(codeOf(await h.answer({ x: pair(5) })), 'answered')
  await h.end()
})

test('one signal for thousands of requests costs one listener, and none afterwards', async () => {
  const h = new Harness({ maxQueue: 5000 })
  const controller = new AbortController()
  const all = Array.from({ length: 3000 }, (_, i) => h.run({ x: pair(i) }, { signal: controller.signal }))
  assert.is(getEventListeners(controller.signal, 'abort').length, 1)
  await h.time.settle()
  controller.abort()
  assert.equal(new Set(await codes(all)), new Set(['TRT_ERR_ABORTED']))
  assert.is(getEventListeners(controller.signal, 'abort').length, 0)
  await h.end()
})

test('a clock that goes back loses nobody, and deadlines hold from then on', async () => {
  const h = new Harness({ slo: 30 })
  const first = h.run({ x: pair(1) })
  await h.time.settle()
  h.time.jump(-3_600_000)
  const second = h.run({ x: pair(2) }, { deadline: h.time.now() + 10 })
  await h.time.advance(9)
  assert.is(h.batcher.stats().pending, 2)
  await h.time.advance(2)
  assert.is(codeOf(await second), 'TRT_ERR_DEADLINE')
  await h.finishAll()
  assert.is(codeOf(await first), 'answered')
  await h.end()
})

test('a clock that tells nothing, or jumps ahead, loses nobody either', async () => {
  const h = new Harness({ slo: 30 })
  const first = h.run({ x: pair(1) })
  h.time.jump(Number.NaN)
  await h.finishAll()
  assert.is(codeOf(await first), 'answered')
  await h.end()
  const g = new Harness({ slo: 30 })
  const second = g.run({ x: pair(1) })
  g.time.jump(3_600_000)
  await g.finishAll()
  assert.is(codeOf(await second), 'TRT_ERR_DEADLINE')
  await g.end()
})

test.run()
