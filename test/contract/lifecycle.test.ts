// @gc
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { type Engine, isTrtError, type Session } from '../../lib/index.js'
import { rejection } from '../support/failure.js'
import { collectUntil } from '../support/native-session.js'
import { row, subjects } from './subjects.js'

for (const subject of subjects) {
  const test = suite(`lifecycle on ${subject.name}`)

  test('after close, runs and alloc are refused; close again is the same', async () => {
    const engine = await subject.echo()
    const session = await engine.createSession()
    const closing = session.close()
    assert.is(session.close(), closing)
    assert.is((await rejection(session.run({ x: row(1) }))).code, 'TRT_ERR_CLOSED')
    await closing
    assert.is((await rejection(session.run({ x: row(1) }))).code, 'TRT_ERR_CLOSED')
    assert.is((await rejection(session.warmUp())).code, 'TRT_ERR_CLOSED')
    try {
      session.alloc('x', [1, 4])
      assert.unreachable()
    } catch (error) {
      assert.ok(isTrtError(error) && error.code === 'TRT_ERR_CLOSED')
    }
    await engine.close()
    await engine.close()
    assert.is((await rejection(engine.createSession())).code, 'TRT_ERR_CLOSED')
    assert.is((await rejection(engine.save('never.engine'))).code, 'TRT_ERR_CLOSED')
  })

  test('close waits for what is in flight', async () => {
    const engine = await subject.echo()
    const session = await engine.createSession()
    let settled = 0
    const runs = Array.from({ length: 50 }, (_, i) => session.run({ x: row(i) }).then(() => settled++))
    await session.close()
    await Promise.all(runs)
    assert.is(settled, 50)
    assert.is(session.stats().completed, 50)
    await engine.close()
  })

  test('close while a signal aborts: what was aborted rejects, the rest is drained', async () => {
    const { engine, inputs } = await subject.slow()
    const session = await engine.createSession()
    const controller = new AbortController()
    const kept = session.run(inputs)
    const dropped = rejection(session.run(inputs, { signal: controller.signal }))
    const closing = session.close()
    controller.abort()
    assert.is((await dropped).code, 'TRT_ERR_ABORTED')
    await closing
    assert.ok('y' in (await kept))
    await engine.close()
  })

  for (const [order, close] of [
    [
      'engine first',
      async (engine: Engine, a: Session, b: Session) => {
        await engine.close()
        await a.close()
        await b.close()
      },
    ],
    [
      'sessions first',
      async (engine: Engine, a: Session, b: Session) => {
        await b.close()
        await a.close()
        await engine.close()
      },
    ],
  ] as const) {
    test(`two sessions of one engine, ${order}`, async () => {
      const engine = await subject.echo()
      const [a, b] = [await engine.createSession(), await engine.createSession()]
      const [first, second] = await Promise.all([a.run({ x: row(1) }), b.run({ x: row(2) })])
      assert.equal([first['y']!.data, second['y']!.data], [row(1), row(2)])
      await close(engine, a, b)
      assert.equal(first['y']!.data, row(1)) // outputs outlive both
    })
  }

  test('a session of a closed engine runs on', async () => {
    const engine = await subject.echo()
    const session = await engine.createSession()
    await engine.close()
    assert.equal((await session.run({ x: row(3) }))['y']!.data, row(3))
    await session.close()
  })

  test('close detaches the memory of alloc, and later use of it says so', async () => {
    const engine = await subject.echo()
    const [session, other] = [await engine.createSession(), await engine.createSession()]
    const x = session.alloc('x', [1, 4])
    await session.close()
    assert.is(x.data.length, 0)
    for (const attempt of [other.run({ x }), other.run({ x: x.data }), other.run({ x: row(1) }, { into: { y: x } })]) {
      assert.is((await rejection(attempt)).code, 'TRT_ERR_BUFFER')
    }
    await other.close()
    await engine.close()
  })

  test("close waits for another session's run on its memory", async () => {
    const lending = await subject.echo()
    const { engine, inputs } = await subject.slow()
    const [lender, borrower] = [await lending.createSession(), await engine.createSession()]
    const [name, data] = Object.entries(inputs)[0]!
    const rows = data.length / 4
    const memory = lender.alloc('x', [rows, 4])
    const order: string[] = []
    const run = borrower.run({ [name]: memory.data }).then(() => order.push('run'))
    await lender.close().then(() => order.push('close'))
    await run
    assert.equal(order, ['run', 'close'])
    await borrower.close()
    await Promise.all([engine.close(), lending.close()])
  })

  test('await using closes', async () => {
    let kept: Session | undefined
    {
      await using engine = await subject.echo()
      await using session = await engine.createSession()
      kept = session
      await session.run({ x: row(1) })
    }
    assert.ok(kept.closed)
  })

  test('statistics stay after close', async () => {
    const engine = await subject.echo()
    const session = await engine.createSession()
    await session.run({ x: row(1) })
    await session.close()
    const { completed, total } = session.stats()
    assert.equal([completed, total.count], [1, 1])
    assert.ok(total.max > 0)
    await engine.close()
  })

  test('a session dropped with a run in flight settles the run, and is then collected', async () => {
    const engine = await subject.echo()
    const dropped: WeakRef<Session>[] = []
    const run = await (async () => {
      const session = await engine.createSession()
      dropped.push(new WeakRef(session))
      return { promise: session.run({ x: row(5) }) }
    })()
    ;(globalThis as { gc?: () => void }).gc!()
    assert.equal((await run.promise)['y']!.data, row(5))
    assert.ok(await collectUntil(() => dropped[0]!.deref() === undefined))
    await engine.close()
  })

  test('a hundred sessions, opened and closed', async () => {
    const engine = await subject.echo()
    for (let i = 0; i < 100; i++) {
      const session = await engine.createSession()
      await session.run({ x: row(i) })
      await session.close()
    }
    await engine.close()
  })

  test.run()
}
