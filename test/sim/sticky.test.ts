import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { type Engine, type Session, TrtError } from '../../lib/index.js'
import { echoOn } from '../support/device.js'
import { rejection } from '../support/failure.js'
import { quiet, simulator, useSimulator } from '../support/simulator.js'
import { row } from '../contract/subjects.js'

const backend = useSimulator('trt11', { devices: 2 })
const test = suite('a lost device')
const illegalAddress = 700

interface OnDevice {
  engine: Engine
  session: Session
}

async function open(device: number): Promise<OnDevice> {
  const engine = await echoOn(backend, { tensorrt: { device } })
  return { engine, session: await engine.createSession({ lanes: 2 }) }
}

async function close(...all: readonly OnDevice[]): Promise<void> {
  await Promise.all(all.map(({ session }) => session.close()))
  await Promise.all(all.map(({ engine }) => engine.close()))
  // Engines are freed on a thread of their own, and the device is reset with the last of them.
  assert.is(await quiet({}), null)
}

test.before.each(() => simulator.clearFaults())

test('every pending run of that device rejects with the cause, and those of the other device do not notice', async () => {
  const [first, second, other] = [await open(0), await open(0), await open(1)]
  simulator.set('computeNs', 2_000_000)
  simulator.fail('async:compute', 3, illegalAddress)
  const lost = [first, second].flatMap(({ session }) => Array.from({ length: 10 }, (_, i) => session.run({ x: row(i) })))
  const settled = await Promise.allSettled(lost)
  simulator.set('computeNs', 0)
  const rejected = settled
    .filter((each): each is PromiseRejectedResult => each.status === 'rejected')
    .map(({ reason }) => reason as TrtError)
  assert.ok(rejected.length >= 17, `${rejected.length} of 20 rejected`)
  for (const { code, message } of rejected) {
    assert.is(code, 'TRT_ERR_DEVICE_LOST')
    assert.match(message, /illegal.?address/i)
  }
  assert.equal((await other.session.run({ x: row(5) }))['y']!.data, row(5))
  await close(first, second, other)
})

test('later calls fail at once, and say why and what to do', async () => {
  const { engine, session } = await open(0)
  simulator.fail('async:compute', 1, illegalAddress)
  assert.is((await rejection(session.run({ x: row(1) }))).code, 'TRT_ERR_DEVICE_LOST')
  simulator.resetCounters()
  const error = await rejection(session.run({ x: row(2) }))
  assert.is(error.code, 'TRT_ERR_DEVICE_LOST')
  assert.match(error.message, /illegal.?address/i)
  assert.match(error.message, /load|restart/i)
  assert.is(simulator.calls()['IExecutionContext::enqueueV3'] ?? 0, 0)
  assert.is((await rejection(engine.createSession())).code, 'TRT_ERR_DEVICE_LOST')
  await close({ engine, session })
})

test('once everything on it is closed, engines can be loaded on it again', async () => {
  const doomed = await open(0)
  simulator.fail('async:copyIn', 1, illegalAddress)
  assert.is((await rejection(doomed.session.run({ x: row(1) }))).code, 'TRT_ERR_DEVICE_LOST')
  await close(doomed)
  const again = await open(0)
  assert.equal((await again.session.run({ x: row(4) }))['y']!.data, row(4))
  await close(again)
})

test('memory of alloc stays readable after the loss', async () => {
  const { engine, session } = await open(1)
  const [x, y] = [session.alloc('x', [1, 4]), session.alloc('y', [1, 4])]
  x.data.set(row(3))
  await session.run({ x }, { into: { y } })
  simulator.fail('async:compute', 1, illegalAddress)
  assert.is((await rejection(session.run({ x }, { into: { y } }))).code, 'TRT_ERR_DEVICE_LOST')
  assert.equal(x.data, row(3))
  await close({ engine, session })
})

test('an error that is not sticky fails its run alone', async () => {
  const { engine, session } = await open(0)
  simulator.fail('cudaMemcpyAsync', 1, 1)
  assert.is((await rejection(session.run({ x: row(1) }))).code, 'TRT_ERR_DEVICE')
  assert.equal((await session.run({ x: row(2) }))['y']!.data, row(2))
  await close({ engine, session })
})

test('a device that does not exist is refused with how many there are', async () => {
  const error = await rejection(echoOn(backend, { tensorrt: { device: 2 } }))
  assert.is(error.code, 'TRT_ERR_UNAVAILABLE')
  assert.match(error.message, /no device 2.*2\b/)
})

test('no rule of the hardware was broken meanwhile', () => {
  assert.equal(simulator.violations(), {})
})

test.run()
