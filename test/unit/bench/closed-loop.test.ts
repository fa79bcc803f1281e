import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { closedLoop } from '../../../bench/support/closed-loop.js'

const test = suite('bench closed loop')

/** A clock that only operations move. */
function manual(): { now: () => number; pass: (ms: number) => void } {
  let time = 0
  return {
    now: () => time,
    pass: (ms) => {
      time += ms
    },
  }
}

test('one in flight: operations per second and CPU per operation', async () => {
  const clock = manual()
  const operation = async (): Promise<void> => clock.pass(2)
  const result = await closedLoop(operation, { inFlight: 1, durationMs: 10, now: clock.now, cpu: () => clock.now() * 500 })
  assert.is(result.operations, 5)
  assert.is(result.perSecond, 500)
  assert.is(result.cpuPerOperation, 1000)
})

test('latencies are in microseconds', async () => {
  const clock = manual()
  const result = await closedLoop(async () => clock.pass(2), { inFlight: 1, durationMs: 10, now: clock.now, cpu: () => 0 })
  assert.is(result.p50, 2000)
  assert.is(result.p99, 2000)
})

test('keeps as many in flight as asked', async () => {
  const clock = manual()
  let inFlight = 0
  let most = 0
  const operation = async (): Promise<void> => {
    most = Math.max(most, ++inFlight)
    await Promise.resolve()
    clock.pass(1)
    inFlight--
  }
  await closedLoop(operation, { inFlight: 8, durationMs: 40, now: clock.now, cpu: () => 0 })
  assert.is(most, 8)
  assert.is(inFlight, 0)
})

test('a slow single operation still counts', async () => {
  const clock = manual()
  const result = await closedLoop(async () => clock.pass(100), { inFlight: 1, durationMs: 10, now: clock.now, cpu: () => 0 })
  assert.is(result.operations, 1)
  assert.is(result.perSecond, 10)
})

test('a failing operation fails the loop', async () => {
  const failing = closedLoop(() => Promise.reject(new Error('broken')), { inFlight: 2, durationMs: 10 })
  await failing.then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, 'broken'),
  )
})

test.run()
