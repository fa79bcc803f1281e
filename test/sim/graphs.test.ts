import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { type Session, tensor } from '../../lib/index.js'
import { buildOn, echoOn } from '../support/device.js'
import { nonZero } from '../support/models.js'
import { simulator, useSimulator } from '../support/simulator.js'
import { row } from '../contract/subjects.js'

const backend = useSimulator('trt10')
const test = suite('CUDA graphs')
const graphs = () => simulator.live()['graphExecs'] ?? 0

test.before.each(() => {
  simulator.clearFaults()
  simulator.resetCounters()
})

/** Launches and enqueues since the last time. */
function counted(): { launches: number; enqueues: number; captures: number } {
  const calls = simulator.calls()
  simulator.resetCounters()
  return {
    launches: calls['cudaGraphLaunch'] ?? 0,
    enqueues: calls['IExecutionContext::enqueueV3'] ?? 0,
    captures: calls['cudaStreamBeginCapture'] ?? 0,
  }
}

async function runs(session: Session, count: number, rows = 1): Promise<void> {
  for (let i = 0; i < count; i++) {
    const x = tensor(
      'float32',
      [rows, 4],
      Float32Array.from({ length: rows * 4 }, (_, at) => at + i),
    )
    assert.equal((await session.run({ x }))['y']!.data, x.data)
  }
}

test('runs of the same shape are launched as a graph once they are warm', async () => {
  await using engine = await echoOn(backend)
  await using session = await engine.createSession()
  await runs(session, 20)
  counted()
  await runs(session, 50)
  assert.equal(counted(), { launches: 50, enqueues: 0, captures: 0 })
})

test('with pinned buffers a run is one launch, and at most two calls for events', async () => {
  await using engine = await echoOn(backend)
  await using session = await engine.createSession()
  const [x, y] = [session.alloc('x', [1, 4]), session.alloc('y', [1, 4])]
  for (let i = 0; i < 20; i++) await session.run({ x }, { into: { y } })
  simulator.resetCounters()
  x.data.set(row(6))
  for (let i = 0; i < 10; i++) await session.run({ x }, { into: { y } })
  assert.equal(y.data, row(6))
  const calls = Object.entries(simulator.calls()).filter(([name]) => !name.startsWith('async:'))
  const total = (pattern: RegExp) => calls.filter(([name]) => pattern.test(name)).reduce((sum, [, count]) => sum + count, 0)
  assert.is(total(/^cudaGraphLaunch$/), 10)
  assert.ok(total(/Event/) <= 20, JSON.stringify(calls))
  assert.is(total(/Memcpy/), 0)
})

test('no more graphs are kept than asked for, and all of them go with the session', async () => {
  const before = graphs()
  await using engine = await echoOn(backend)
  const session = await engine.createSession({ graphCapacity: 2 })
  for (let round = 0; round < 3; round++) for (const rows of [1, 2, 3, 4]) await runs(session, 6, rows)
  assert.ok(graphs() - before <= 2, `${graphs() - before} graphs`)
  await session.close()
  assert.is(graphs(), before)
})

test('switched off there are none', async () => {
  await using engine = await echoOn(backend)
  await using session = await engine.createSession({ cudaGraph: false })
  await runs(session, 20)
  assert.equal(counted(), { launches: 0, enqueues: 20, captures: 0 })
})

test('where the data decides on shapes no graph is captured', async () => {
  await using engine = await buildOn(backend, nonZero(), { shapes: { x: { min: [1], opt: [4], max: [64] } } })
  await using session = await engine.createSession()
  for (let i = 0; i < 20; i++) await session.run({ x: Float32Array.of(0, 1, 2) })
  const { launches, captures } = counted()
  assert.equal([launches, captures], [0, 0])
})

for (const call of ['cudaStreamBeginCapture', 'cudaStreamEndCapture', 'cudaGraphInstantiateWithFlags']) {
  test(`a capture that fails (${call}) costs speed alone, and is not tried for ever`, async () => {
    await using engine = await echoOn(backend)
    await using session = await engine.createSession()
    simulator.fail(call, -1, 900)
    await runs(session, 60)
    const { launches, captures } = counted()
    assert.is(launches, 0)
    assert.ok(captures < 20, `${captures} captures`)
    simulator.clearFaults()
    await runs(session, 5)
  })
}

test('no rule of the hardware was broken meanwhile', () => {
  assert.equal(simulator.violations(), {})
})

test.run()
