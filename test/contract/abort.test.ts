import { getEventListeners } from 'node:events'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import type { Session } from '../../lib/index.js'
import { rejection } from '../support/failure.js'
import { row, subjects } from './subjects.js'

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

for (const subject of subjects) {
  const test = suite(`abort and deadline on ${subject.name}`)
  let echo: Session
  let slow: Session
  let inputs: Record<string, Float32Array>
  let release: () => Promise<void>

  test.before(async () => {
    const fast = await subject.echo()
    const heavy = await subject.slow()
    echo = await fast.createSession()
    slow = await heavy.engine.createSession()
    inputs = heavy.inputs
    release = async () => {
      await Promise.all([echo.close(), slow.close()])
      await Promise.all([fast.close(), heavy.engine.close()])
    }
  })
  test.after(() => release())

  test('aborted before: nothing runs, the reason is the cause', async () => {
    const reason = new Error('not needed')
    const error = await rejection(echo.run({ x: row(1) }, { signal: AbortSignal.abort(reason) }))
    assert.is(error.code, 'TRT_ERR_ABORTED')
    assert.is(error.cause, reason)
  })

  test('aborted while it runs: it does not come to its end', async () => {
    const controller = new AbortController()
    const running = slow.run(inputs, { signal: controller.signal })
    setImmediate(() => controller.abort(new Error('enough')))
    const error = await rejection(running)
    assert.is(error.code, 'TRT_ERR_ABORTED')
    assert.is((error.cause as Error).message, 'enough')
    assert.is(listeners(controller.signal), 0)
  })

  test('aborted while it waits for a lane: the one before it is not disturbed', async () => {
    const controller = new AbortController()
    const first = slow.run(inputs)
    const second = slow.run(inputs, { signal: controller.signal })
    controller.abort()
    assert.is((await rejection(second)).code, 'TRT_ERR_ABORTED')
    assert.ok(Object.keys(await first).includes('y'))
  })

  test('aborted after: the answer stands', async () => {
    const controller = new AbortController()
    const { y } = await echo.run({ x: row(7) }, { signal: controller.signal })
    controller.abort()
    assert.equal(y!.data, row(7))
  })

  test('a signal that lives long keeps no listener, however many runs share it', async () => {
    const { signal } = new AbortController()
    let warnings = 0
    const count = () => warnings++
    process.on('warning', count)
    await Promise.all(Array.from({ length: 100 }, () => echo.run({ x: row(1) }, { signal })))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', count)
    assert.equal([listeners(signal), warnings], [0, 0])
    await rejection(echo.run({ x: row(1), z: row(1) }, { signal }))
    assert.is(listeners(signal), 0)
  })

  test('one abort ends all runs of its signal', async () => {
    const controller = new AbortController()
    const runs = Array.from({ length: 20 }, () => rejection(slow.run(inputs, { signal: controller.signal })))
    setImmediate(() => controller.abort())
    assert.ok((await Promise.all(runs)).every(({ code }) => code === 'TRT_ERR_ABORTED'))
    assert.is(slow.stats().inFlight, 0)
  })

  test('a deadline already past is refused without running', async () => {
    const before = echo.stats().completed
    const error = await rejection(echo.run({ x: row(1) }, { deadline: performance.now() - 1 }))
    assert.is(error.code, 'TRT_ERR_DEADLINE')
    assert.is(echo.stats().completed, before)
  })

  test('a deadline that passes in the queue refuses the run there', async () => {
    const before = Array.from({ length: subject.depth }, () => slow.run(inputs))
    const error = await rejection(slow.run(inputs, { deadline: performance.now() + 20 }))
    assert.is(error.code, 'TRT_ERR_DEADLINE')
    await Promise.all(before)
  })

  test('a deadline far enough does nothing', async () => {
    assert.equal((await echo.run({ x: row(1) }, { deadline: performance.now() + 60_000 }))['y']!.data, row(1))
    assert.equal((await echo.run({ x: row(1) }, { deadline: Infinity }))['y']!.data, row(1))
  })

  test.run()
}
