// @gc
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { loadAddon } from '../../lib/backend/addon.js'
import type { NativeError } from '../../lib/backend/native.js'
import { collectUntil, counters, scriptedBackend, scriptedEngine, submitRaw, submitRow } from '../support/native-session.js'
import { scriptedModel, wrongAbiLibrary } from '../support/scripted.js'

const test = suite('addon on the scripted backend')
const row = Float32Array.of(1, 2, 3, 4)

function statusOf(action: () => unknown): number {
  try {
    action()
  } catch (error) {
    return (error as NativeError).status
  }
  throw new Error('expected a native error')
}

test('a run echoes its input and tells its shape and lane', async () => {
  const session = await (await scriptedEngine()).createSession(1, {}).promise
  const { status, buffers, record } = await submitRow(session, row).settled
  assert.is(status, 0)
  assert.equal(new Float32Array(buffers?.[0] as ArrayBuffer), row)
  assert.equal(record.slice(4), [0, 2, 2, 1, 4]) // lane, copies (in the backend and into JavaScript), rank, dims
  await session.close()
})

test("the caller's buffer is written in place and nothing comes back", async () => {
  const session = await (await scriptedEngine()).createSession(1, {}).promise
  const y = new Float32Array(4)
  const { buffers } = await submitRow(session, row, y).settled
  assert.is(buffers, null)
  assert.equal(y, row)
  await session.close()
})

test('buffers of alloc() are zero, used without a copy, and detached by close()', async () => {
  const engine = await scriptedEngine()
  const session = await engine.createSession(1, {}).promise
  const x = new Float32Array(session.alloc(16))
  const y = new Float32Array(session.alloc(16))
  assert.equal(x, new Float32Array(4))
  x.set(row)
  const { record } = await submitRow(session, x, y).settled
  assert.is(record[5], 0)
  assert.equal(y, row)
  await session.close()
  assert.is(x.length, 0)
  assert.is((await counters(engine)).hostAllocations, 0)
})

test('alloc() beyond what the backend has is out of memory', async () => {
  const session = await (await scriptedEngine()).createSession(1, { allocLimit: '100' }).promise
  assert.is(
    statusOf(() => session.alloc(101)),
    8,
  )
  await session.close()
})

test('outputs outlive their session and engine, and are given back once collected', async () => {
  const other = await scriptedEngine()
  const engine = await scriptedEngine()
  const session = await engine.createSession(1, {}).promise
  const big = new Float32Array(4 * 4096).fill(7) // 64 KiB: over the size that is copied
  let kept = (await submitRow(session, big).settled).buffers
  await session.close()
  engine.close()
  assert.is(new Float32Array(kept?.[0] as ArrayBuffer)[16383], 7)
  assert.is((await counters(other)).pooledOut, 1)
  kept = null
  assert.ok(await collectUntil(async () => (await counters(other)).pooledOut === 0))
})

test('submit() with arguments of the wrong kind throws and starts nothing', async () => {
  const session = await (await scriptedEngine()).createSession(1, {}).promise
  const head = [0, -1, 0, 1, 1] // id, lane, budget, inputs, outputs
  const refused = (request: number[], ...views: unknown[]) =>
    assert.is(
      statusOf(() => submitRaw(session, request, ...views)),
      1,
    )
  refused([...head, 2, 1, 4, 0, -1], new ArrayBuffer(16))
  refused([...head, 2, 1, 4, 0, -1], row, new DataView(new ArrayBuffer(16)))
  refused([...head, 17, ...Array(17).fill(1), 0, -1], row)
  refused([...head, -1, 0, -1], row)
  refused([...head, 2, 1, 4, 0, 1e6], row)
  refused([...head, 2, 1, 4, 0, -1], row, null, null)
  refused([...head, 2, 1, 4, 0, -1])
  refused([0, -1, 0, 1, 1e5, 2, 1, 4], row) // more outputs than the request has room for
  refused([0, -1, 0, Number.NaN, 1, 2, 1, 4, 0, -1], row)
  assert.is((await counters(session)).runs, 0)
  await session.close()
})

test('a closed session refuses everything', async () => {
  const session = await (await scriptedEngine()).createSession(1, {}).promise
  await session.close()
  assert.is(
    statusOf(() => session.alloc(4)),
    11,
  )
  assert.is(
    statusOf(() => session.control('counters', null)),
    11,
  )
  assert.is(
    statusOf(() => submitRaw(session, [0, -1, 0, 1, 1, 2, 1, 4, 0, -1], row)),
    11,
  )
  await session.close()
})

test('cancel() ends a run that has begun, and one that waits', async () => {
  const session = await (await scriptedEngine()).createSession(1, { delayUs: '60000000' }).promise
  const running = submitRow(session, row)
  const queued = submitRow(session, row)
  session.cancel(queued.id)
  assert.is((await queued.settled).status, 9)
  session.cancel(running.id)
  assert.is((await running.settled).status, 9)
  await session.close()
})

test('a run that fails carries its status and message', async () => {
  const session = await (await scriptedEngine()).createSession(1, { failEvery: '2', failStatus: '13' }).promise
  assert.is((await submitRow(session, row).settled).status, 0)
  const second = await submitRow(session, row).settled
  assert.is(second.status, 13)
  assert.match(second.message as string, 'told to fail')
  await session.close()
})

test('completions may come in any order, each under its own id', async () => {
  const session = await (await scriptedEngine()).createSession(3, { delayFromInput: '1' }).promise
  const order: number[] = []
  const runs = [60, 30, 1].map(async (ms) => {
    await submitRow(session, Float32Array.of(ms, 0, 0, 0)).settled
    order.push(ms)
  })
  await Promise.all(runs)
  assert.equal(order, [1, 30, 60])
  await session.close()
})

test('a backend may call done() inside submit()', async () => {
  const session = await (await scriptedEngine()).createSession(1, { inline: '1' }).promise
  const results = await Promise.all(Array.from({ length: 10 }, () => submitRow(session, row).settled))
  assert.ok(results.every(({ status }) => status === 0))
  await session.close()
})

test('a build reports its progress and its log, and can be cancelled', async () => {
  const steps: number[] = []
  const lines: string[] = []
  const request = { model: scriptedModel(), modelPath: null, externals: [], profiles: [] }
  const seen = {
    onProgress: (_: string, __: string | null, step: number) => steps.push(step),
    onLog: (_: number, text: string) => lines.push(text),
  }
  await scriptedBackend().build({ ...request, options: { buildSteps: '5' }, ...seen }).promise
  assert.is(steps.at(-1), 5)
  assert.is(lines.length, 6)
  const endless = scriptedBackend().build({ ...request, options: { buildSteps: '1000000', buildStepUs: '1000' } })
  endless.cancel()
  const error = await endless.promise.then(
    () => null,
    (reason: NativeError) => reason,
  )
  assert.is(error?.status, 9)
})

test('a library that is no backend, or of another ABI, is refused', () => {
  const { loadBackend } = loadAddon()
  assert.is(
    statusOf(() => loadBackend('/nowhere/backend.so')),
    7,
  )
  assert.is(
    statusOf(() => loadBackend('libm.so.6')),
    7,
  )
  assert.throws(() => loadBackend(wrongAbiLibrary), /another backend ABI; this addon needs major 1/)
})

test('a session dropped without close() is freed', async () => {
  const engine = await scriptedEngine()
  const before = (await counters(engine)).sessions
  await (async () => {
    const dropped = await engine.createSession(1, {}).promise
    await submitRow(dropped, row).settled
  })()
  assert.ok(await collectUntil(async () => (await counters(engine)).sessions === before))
})

test('a session dropped with a run in flight finishes the run, then is freed', async () => {
  const engine = await scriptedEngine()
  const before = (await counters(engine)).sessions
  const settled = await (async () => {
    const dropped = await engine.createSession(1, { delayUs: '20000' }).promise
    return [submitRow(dropped, row).settled]
  })()
  ;(globalThis as { gc?: () => void }).gc?.()
  assert.is((await settled[0])?.status, 0)
  assert.ok(await collectUntil(async () => (await counters(engine)).sessions === before))
})

test.run()
