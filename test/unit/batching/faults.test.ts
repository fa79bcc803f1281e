import diagnostics from 'node:diagnostics_channel'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { channelNames } from '../../../lib/core/channels.js'
import { isTrtError, TrtError } from '../../../lib/core/errors.js'
import { tensor } from '../../../lib/core/tensor.js'
import type { FakeRun } from '../../support/batching/fake-device.js'
import { codeOf, Harness, type Outcome, values } from '../../support/batching/harness.js'

const test = suite('faults')
const pair = (i: number) => Float32Array.of(i, i + 0.5)
const broken = () => new TrtError('TRT_ERR_DEVICE', 'a kernel failed')
const lost = () => new TrtError('TRT_ERR_DEVICE_LOST', 'the device is lost')
/** Fails every run that has a row which begins with 13. */
const poisoned = (run: FakeRun) => (run.inputs['x']!.data.includes(13 as never) ? run.fail(broken()) : run.finish())
const codes = async (outcomes: readonly Promise<Outcome>[]) => (await Promise.all(outcomes)).map(codeOf)

test('one poison input fails only its own request', async () => {
  const h = new Harness({}, { onRun: poisoned })
  const answers = [1, 13, 2, 3].map((i) => h.run({ x: pair(i) }))
  await h.finishAll()
  assert.equal(await codes(answers), ['answered', 'TRT_ERR_DEVICE', 'answered', 'answered'])
  assert.equal(values((await answers[3])!), [6, 7])
  assert.equal(
    h.device.runs.map(({ rows }) => rows),
    [4, 1, 1, 1, 1],
  )
  assert.is(h.batcher.stats().dispatch.retry, 4)
  await h.end()
})

test('each member runs alone once, and never again', async () => {
  const h = new Harness({}, { onRun: (run) => run.fail(broken()) })
  const answers = [1, 2, 3].map((i) => h.run({ x: pair(i) }))
  await h.finishAll()
  assert.equal(await codes(answers), ['TRT_ERR_DEVICE', 'TRT_ERR_DEVICE', 'TRT_ERR_DEVICE'])
  assert.equal(
    h.device.runs.map(({ rows }) => rows),
    [3, 1, 1, 1],
  )
  await h.end()
})

test('without retryAlone all members share the failure; a lone request is not run twice', async () => {
  const h = new Harness({ retryAlone: false }, { onRun: poisoned })
  const answers = [1, 13].map((i) => h.run({ x: pair(i) }))
  await h.finishAll()
  assert.equal(await codes(answers), ['TRT_ERR_DEVICE', 'TRT_ERR_DEVICE'])
  assert.is(h.device.runs.length, 1)
  await h.end()
  const g = new Harness({}, { onRun: poisoned })
  assert.is(codeOf(await g.answer({ x: pair(13) })), 'TRT_ERR_DEVICE')
  assert.is(g.device.runs.length, 1)
  await g.end()
})

test('a member for which there is no time left does not run alone', async () => {
  const h = new Harness()
  const first = h.run({ x: pair(0) })
  await h.time.settle()
  h.time.jump(10)
  h.device.current.finish() // one row takes 10 ms
  await first
  const answers = [h.run({ x: pair(1) }, { deadline: h.time.now() + 15 }), h.run({ x: pair(2) })]
  await h.time.settle()
  h.time.jump(8)
  h.device.current.fail(broken())
  await h.finishAll()
  assert.equal(await codes(answers), ['TRT_ERR_DEADLINE', 'answered'])
  const outcome = (await answers[0])!
  assert.ok('error' in outcome && isTrtError((outcome.error as Error).cause))
  await h.end()
})

test("a failure that is nobody's input is not tried again", async () => {
  for (const code of ['TRT_ERR_OVERLOADED', 'TRT_ERR_UNAVAILABLE'] as const) {
    const h = new Harness({}, { onRun: (run) => run.fail(new TrtError(code, 'no')) })
    const answers = [1, 2].map((i) => h.run({ x: pair(i) }))
    await h.finishAll()
    assert.equal(await codes(answers), [code, code])
    assert.is(h.device.runs.length, 1)
    await h.end()
  }
})

test('a lane that hangs is given up with its members, and back when it ends', async () => {
  const h = new Harness({ executionTimeout: 100 }, { lanes: 2 })
  const hanging = h.run({ x: pair(1) })
  await h.time.advance(50)
  const other = h.run({ x: pair(2) })
  await h.time.advance(51)
  const outcome = await hanging
  assert.is(codeOf(outcome), 'TRT_ERR_DEVICE')
  assert.match(String('error' in outcome && outcome.error), /within executionTimeout, 100 ms/)
  assert.ok(h.device.runs[0]!.options!.signal!.aborted, 'it is asked to stop')
  assert.not.ok(h.device.runs[1]!.options!.signal!.aborted)
  assert.equal(
    h.batcher.stats().lanes.map(({ usable }) => usable),
    [false, true],
  )
  h.device.runs[1]!.finish()
  await other
  h.device.runs[0]!.finish()
  await h.time.settle()
  assert.equal(
    h.batcher.stats().lanes.map(({ usable }) => usable),
    [true, true],
  )
  const both = [h.run({ x: pair(3) }), h.run({ x: pair(4) })]
  await h.finishAll()
  assert.equal(await codes(both), ['answered', 'answered'])
  await h.end()
})

test('when the last lane hangs all that wait are told, and closing does not wait for it', async () => {
  const h = new Harness({ executionTimeout: 100, maxBatch: 1 })
  const all = Array.from({ length: 101 }, (_, i) => h.run({ x: pair(i) }))
  await h.time.advance(100)
  assert.equal(new Set(await codes(all)), new Set(['TRT_ERR_DEVICE']))
  assert.is(await h.code({ x: pair(1) }), 'TRT_ERR_DEVICE')
  await h.batcher.close()
  assert.is(h.device.runs.length, 1)
  await h.end()
})

test('a device that is lost with 100 requests queued settles all of them with the cause', async () => {
  const h = new Harness({ maxBatch: 4 }, { lanes: 2 })
  const all = Array.from({ length: 108 }, (_, i) => h.run({ x: pair(i) }))
  await h.time.settle()
  assert.is(h.batcher.stats().queueDepth, 100)
  h.device.current.fail(lost())
  await h.time.settle()
  h.device.current.fail(lost())
  assert.equal(new Set(await codes(all)), new Set(['TRT_ERR_DEVICE_LOST']))
  const outcome = (await all[50])!
  assert.match(String('error' in outcome && outcome.error), /No lane of the batcher can be used.*the device is lost/)
  assert.is(await h.code({ x: pair(1) }), 'TRT_ERR_DEVICE_LOST')
  assert.is(h.device.runs.length, 2)
  await h.end()
})

test('when one of two devices is lost the other computes everything', async () => {
  const h = new Harness({ maxBatch: 2 }, [{}, {}])
  const all = Array.from({ length: 20 }, (_, i) => h.run({ x: pair(i) }))
  await h.time.settle()
  h.devices[0]!.current.fail(lost())
  await h.finishAll()
  assert.equal(new Set(await codes(all)), new Set(['answered']))
  assert.equal(
    (await Promise.all(all)).map((outcome) => values(outcome)[0]),
    Array.from({ length: 20 }, (_, i) => 2 * i),
  )
  assert.is(h.devices[0]!.runs.length, 1)
  await h.end()
})

test('a session that is closed underneath is a lost one', async () => {
  const h = new Harness()
  const answer = h.run({ x: pair(1) })
  await h.time.settle()
  const waiting = h.run({ x: pair(2) })
  h.device.closed = true
  h.device.current.fail(new TrtError('TRT_ERR_CLOSED', 'The session has been closed.'))
  assert.equal(await codes([answer, waiting]), ['TRT_ERR_CLOSED', 'TRT_ERR_CLOSED'])
  await h.end()
})

test('memory that is transferred while its request waits fails that request alone', async () => {
  const g = new Harness()
  const blocker = g.run({ x: pair(0) })
  await g.time.settle()
  const x = pair(1)
  const gone = g.run({ x })
  const beside = g.run({ x: pair(2) })
  structuredClone(x, { transfer: [x.buffer] })
  await g.finishAll()
  assert.equal(await codes([blocker, gone, beside]), ['answered', 'TRT_ERR_BUFFER', 'answered'])
  assert.equal(values(await beside), [4, 5])
  await g.end()
})

test('a Runner that throws, or answers nonsense, fails its batch and no other', async () => {
  const nonsense: [unknown, string][] = [
    [undefined, 'TRT_ERR_INTERNAL'],
    [null, 'TRT_ERR_INTERNAL'],
    [{ y: 5 }, 'TRT_ERR_INTERNAL'],
    [{ y: tensor('float32', [3, 2]) }, 'TRT_ERR_SHAPE'],
    [{ y: tensor('float32', []) }, 'TRT_ERR_SHAPE'],
  ]
  for (const [outputs, code] of nonsense) {
    const h = new Harness()
    h.device.run = () => Promise.resolve(outputs as never)
    const answers = [1, 2].map((i) => h.run({ x: pair(i) }))
    await h.finishAll()
    assert.equal(await codes(answers), [code, code], JSON.stringify(outputs))
    await h.end()
  }
  const h = new Harness()
  h.device.run = () => {
    throw new RangeError('thrown, not rejected')
  }
  assert.is(codeOf(await h.answer({ x: pair(1) })), 'RangeError: thrown, not rejected')
  assert.is(h.batcher.stats().failed.TRT_ERR_INTERNAL, 1)
  await h.end()
})

test('memory that cannot be had fails the batch with the reason', async () => {
  const h = new Harness()
  h.device.alloc = () => {
    throw new TrtError('TRT_ERR_OUT_OF_MEMORY', 'no page-locked memory is left')
  }
  assert.is(codeOf(await h.answer({ x: pair(1) })), 'TRT_ERR_OUT_OF_MEMORY')
  await h.end()
})

test('listeners that throw harm nobody', async () => {
  const thrown: unknown[] = []
  const listener = () => {
    throw new Error('a bad listener')
  }
  const caught = (error: unknown) => thrown.push(error)
  process.on('uncaughtException', caught)
  for (const name of Object.values(channelNames)) diagnostics.subscribe(name, listener)
  const h = new Harness({}, { onRun: poisoned })
  const controller = new AbortController()
  controller.signal.addEventListener('abort', listener)
  const answers = [1, 13, 2].map((i) => h.run({ x: pair(i) }))
  const refused = h.run({ x: pair(1) }, { deadline: 0 })
  const aborted = h.run({ x: pair(1) }, { signal: controller.signal })
  controller.abort()
  await h.finishAll()
  assert.equal(await codes(answers), ['answered', 'TRT_ERR_DEVICE', 'answered'])
  assert.equal(await codes([refused, aborted]), ['TRT_ERR_DEADLINE', 'TRT_ERR_ABORTED'])
  for (const name of Object.values(channelNames)) diagnostics.unsubscribe(name, listener)
  await h.end()
  process.off('uncaughtException', caught)
  assert.ok(thrown.length > 10)
})

test.run()
