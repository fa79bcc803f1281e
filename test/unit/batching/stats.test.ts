import diagnostics from 'node:diagnostics_channel'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { type BatchEvent, channelNames, type RequestEvent } from '../../../lib/core/channels.js'
import { TrtError } from '../../../lib/core/errors.js'
import { latencyBudget } from '../../../lib/core/latency-budget.js'
import { Harness } from '../../support/batching/harness.js'

const test = suite('what a batcher tells')
const pair = (i: number) => Float32Array.of(i, i + 0.5)

type Published = { readonly name: string; readonly event: RequestEvent & BatchEvent }

/** What is published while `body` runs. */
async function published(body: () => Promise<void>): Promise<Published[]> {
  const events: Published[] = []
  const listener = (event: unknown, name: string | symbol) => void events.push({ name: String(name), event: event as never })
  for (const name of Object.values(channelNames)) diagnostics.subscribe(name, listener)
  await body()
  for (const name of Object.values(channelNames)) diagnostics.unsubscribe(name, listener)
  return events
}

/** One request that runs for 10 ms; then two that wait 4 ms for it and run 12 ms; then one that is refused. */
async function course(h: Harness): Promise<void> {
  const first = h.run({ x: pair(1) })
  await h.time.advance(6)
  const others = [h.run({ x: pair(2) }, { priority: 1 }), h.run({ x: Float32Array.of(1, 2, 3, 4) })]
  await h.time.advance(4)
  h.device.current.finish()
  await first
  await h.time.advance(12)
  h.device.current.finish()
  await Promise.all(others)
  await h.run({ x: pair(3) }, { deadline: h.time.now() + 5 })
}

test('each stage, and how many rows went together', async () => {
  const h = new Harness()
  await course(h)
  const { queue, assembly, run, compute, split, total, batchSize, ...rest } = h.batcher.stats()
  assert.equal([queue.count, queue.max, queue.mean], [3, 4, 8 / 3])
  assert.equal([run.count, run.max, compute.max, assembly.max, split.count], [2, 12, 12, 0, 2])
  assert.equal([total.count, total.max, total.mean], [3, 16, 14])
  assert.equal(batchSize, { batches: 2, rows: 4, mean: 2, max: 3, counts: { 1: 1, 3: 1 } })
  assert.equal(rest.dispatch, { full: 0, deadline: 0, idle: 2, delay: 0, shape: 0, retry: 0 })
  assert.equal(rest.refused, { deadline: 1, overload: 0, expired: 0 })
  assert.equal([rest.requests, rest.answered, rest.failed, rest.pending, rest.queueDepth], [4, 3, {}, 0, 0])
  assert.equal(rest.lanes, [{ session: 0, busy: false, usable: true, batches: 2, utilization: 1 }])
  await h.end()
})

test('how far off the predictions were', async () => {
  const h = new Harness()
  for (const ms of [10, 12, 6]) {
    const answer = h.run({ x: pair(1) })
    await h.time.advance(ms)
    h.device.current.finish()
    await answer
  }
  // The rule of these tests predicts the last measurement: 10 for 12, 12 for 6.
  const { error, bias, relative } = h.batcher.stats().prediction
  assert.equal([error.count, error.max, bias], [2, 6, -2])
  assert.ok(Math.abs(relative - (2 / 10 + 6 / 12) / 2) < 1e-12)
  await h.end()
})

test('the stages of the one session below are told apart where it tells them', async () => {
  const h = new Harness()
  await course(h)
  const { run } = h.batcher.stats()
  const copyIn = { ...run, count: 1 }
  const compute = { ...run, count: 2 }
  const copyOut = { ...run, count: 3 }
  Object.assign(h.device, { stats: () => ({ copyIn, compute, copyOut }) })
  const stats = h.batcher.stats()
  assert.equal([stats.copyIn?.count, stats.compute.count, stats.copyOut?.count, stats.run.count], [1, 2, 3, 2])
  const stages = latencyBudget(stats, { target: 30 }).stages.map(({ stage }) => stage)
  assert.equal(stages, ['queue', 'assembly', 'copyIn', 'compute', 'copyOut', 'split'])
  await h.end()
})

test('listeners are told of each request and batch', async () => {
  const h = new Harness()
  const events = await published(() => course(h))
  const short = events.map(({ name, event }) => `${name.replace('tensorrt-node:', '')} ${event.id}`)
  assert.equal(short, [
    'request:start 1',
    'batch:start 1',
    'request:start 2',
    'request:start 3',
    'batch:end 1',
    'request:end 1',
    'batch:start 2',
    'batch:end 2',
    'request:end 2',
    'request:end 3',
    'request:start 4',
    'request:end 4',
  ])
  const last = (name: string, id: number) => events.findLast((each) => each.name === name && each.event.id === id)!.event
  const batch = last(channelNames.batchEnd, 2)
  assert.is(batch.runner, h.batcher)
  assert.equal([batch.rows, batch.reason, batch.bucket, batch.lane], [3, 'idle', 'x [N, 2]', 0])
  assert.equal([batch.started, batch.ended, batch.requests.map(({ id }) => id)], [1010, 1022, [2, 3]])
  const request = last(channelNames.requestEnd, 2)
  assert.is(request.batch, batch)
  assert.equal([request.rows, request.priority, request.deadline, request.started], [1, 1, Infinity, 1006])
  assert.equal([request.outcome, request.ended], ['answered', 1022])
  assert.equal(request.times, { total: 16, queue: 4, assembly: 0, compute: 12, split: 0 })
  const refused = last(channelNames.requestEnd, 4)
  assert.equal([refused.outcome, refused.reason, refused.batch], ['TRT_ERR_DEADLINE', 'deadline', undefined])
  await h.end()
})

test('listeners are told of failures, retries and requests in parts', async () => {
  const h = new Harness({ maxBatch: 2 }, { onRun: (run) => run.fail(new TrtError('TRT_ERR_DEVICE', 'broken')) })
  const events = await published(async () => {
    const answers = [h.run({ x: pair(1) }), h.run({ x: pair(2) }), h.run({ x: 5 } as never)]
    await h.finishAll()
    await Promise.all(answers)
  })
  const of = (name: string) => events.filter((each) => each.name === name).map(({ event }) => event)
  assert.equal(
    of(channelNames.batchEnd).map(({ reason, error }) => [reason, error]),
    [
      ['full', 'TRT_ERR_DEVICE'],
      ['retry', 'TRT_ERR_DEVICE'],
      ['retry', 'TRT_ERR_DEVICE'],
    ],
  )
  assert.equal(
    of(channelNames.requestEnd).map(({ id, outcome }) => [id, outcome]),
    [
      [3, 'TRT_ERR_TYPE'],
      [1, 'TRT_ERR_DEVICE'],
      [2, 'TRT_ERR_DEVICE'],
    ],
  )
  await h.end()
  const g = new Harness({ maxBatch: 2 })
  const parts = await published(async () => void (await g.answer({ x: new Float32Array(10) })))
  const ends = parts.filter(({ name }) => name === channelNames.requestEnd)
  assert.equal(
    ends.map(({ event }) => [event.id, event.rows, event.outcome, event.batch!.id]),
    [[1, 5, 'answered', 3]],
  )
  await g.end()
})

test('first costs come from the warm-up of the session, whenever it ends', async () => {
  const h = new Harness()
  const shapes = (rows: number) => ({ x: [rows, 2] })
  const report = {
    entries: [
      { shapes: shapes(1), rows: 1, steadyMs: 7, runs: 5 },
      { shapes: shapes(2), rows: 2, steadyMs: 8, runs: 5 },
    ],
  }
  Object.assign(h.device, { warmUpReport: report })
  const batch = async (rows: number) => {
    const answer = h.run({ x: new Float32Array(2 * rows) })
    await h.finishAll()
    await answer
    return h.batcher.stats().prediction.error.count
  }
  assert.is(await batch(2), 1) // 8 ms were expected: a prediction to compare with
  assert.is(h.batcher.stats().prediction.bias, -8)
  assert.is(await batch(3), 1)
  await h.end()
})

test.run()
