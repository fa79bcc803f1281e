import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { MicroBatcher, type MicroBatcherOptions, type Session, tensor } from '../../lib/index.js'
import { failure, rejection } from '../support/failure.js'
import { openSessions } from './sessions.js'
import { row, scriptedEcho, subjects } from './subjects.js'

for (const subject of subjects) {
  const test = suite(`batcher on ${subject.name}`)
  const open = openSessions(test, subject)

  /** A batcher for the time of `body`; in the end everyone has been answered. */
  async function using<T>(
    session: Session | Session[],
    options: MicroBatcherOptions,
    body: (batcher: MicroBatcher) => Promise<T>,
  ): Promise<T> {
    await using batcher = new MicroBatcher(session, options)
    const result = await body(batcher)
    const { requests, answered, refused, failed, pending } = batcher.stats()
    const sum = (counts: object) => Object.values(counts).reduce((total: number, count: number) => total + count, 0)
    assert.equal([answered + sum(refused) + sum(failed), pending], [requests, 0])
    return result
  }

  test('each of many gets its own rows, few at a time or all at once', async () => {
    // A profile's maximum would be taken as the largest batch.
    await using(open.echo, subject.profiled ? { maxBatch: 16 } : {}, async (batcher) => {
      assert.equal(batcher.lanes, 2)
      const one = await batcher.run({ x: row(7) })
      assert.equal([one['y']!.type, one['y']!.shape, one['y']!.data], ['float32', [1, 4], row(7)])
      const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => batcher.run({ x: row(i) })))
      answers.forEach(({ y }, i) => {
        if (y!.data[0] !== i || y!.data[3] !== i + 0.75) assert.unreachable(`request ${i} got ${y!.data}`)
      })
      const { batchSize } = batcher.stats()
      assert.ok(batchSize.mean > 2 && batchSize.max <= 16, JSON.stringify(batchSize))
    })
  })

  test('requests of several rows, and one of more than a batch takes', async () => {
    await using(open.echo, { maxBatch: 4 }, async (batcher) => {
      const x = tensor(
        'float32',
        [10, 4],
        Array.from({ length: 40 }, (_, i) => i),
      )
      const [large, small] = await Promise.all([batcher.run({ x }), batcher.run({ x: tensor('float32', [3, 4], new Array(12).fill(5)) })])
      assert.equal([large['y']!.shape, [...large['y']!.data]], [[10, 4], [...x.data]])
      assert.equal([small['y']!.shape, [...small['y']!.data]], [[3, 4], new Array(12).fill(5)])
    })
  })

  test('several inputs and outputs, of which each request names its own', async () => {
    await using(open.pairs, {}, async (batcher) => {
      const a = Float32Array.of(1, 2)
      const b = Float32Array.of(3, 4)
      const [all, some] = await Promise.all([batcher.run({ a, b }), batcher.run({ a: b, b: a }, { outputs: ['d'] })])
      assert.equal(
        [[...all['c']!.data], [...all['d']!.data]],
        [
          [1, 2],
          [3, 4],
        ],
      )
      assert.equal([Object.keys(some), [...some['d']!.data]], [['d'], [1, 2]])
    })
  })

  test('two sessions serve one queue', async () => {
    const second = await open.engines[0]!.createSession()
    await using([open.echo, second], { maxBatch: 2 }, async (batcher) => {
      assert.is(batcher.lanes, 3)
      const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => batcher.run({ x: row(i) })))
      answers.forEach(({ y }, i) => assert.is(y!.data[0], i))
      assert.ok(second.stats().completed > 0)
    })
    await second.close()
  })

  test('what is wrong with one request does not touch the others', async () => {
    await using(open.echo, {}, async (batcher) => {
      const good = batcher.run({ x: row(1) })
      assert.is((await rejection(batcher.run({ x: new Float64Array(4) } as never))).code, 'TRT_ERR_TYPE')
      assert.is((await rejection(batcher.run({ x: new Float32Array(5) }))).code, 'TRT_ERR_SHAPE')
      assert.is((await rejection(batcher.run({ z: row(1) } as never))).code, 'TRT_ERR_NAME')
      assert.is((await rejection(batcher.run({ x: row(1) }, { deadline: performance.now() - 1 }))).code, 'TRT_ERR_DEADLINE')
      assert.equal((await good)['y']!.data, row(1))
    })
  })

  test('an abort reaches what runs', async () => {
    const { engine, inputs } = await subject.slow()
    const session = await engine.createSession()
    if (session.inputs[0]!.shape![0] === -1) {
      await using(session, {}, async (batcher) => {
        const controller = new AbortController()
        const run = batcher.run(inputs, { signal: controller.signal })
        setImmediate(() => controller.abort())
        assert.is((await rejection(run)).code, 'TRT_ERR_ABORTED')
      })
      assert.is(session.stats().failed.TRT_ERR_ABORTED ?? 0, 1)
    } else {
      // A model of fixed shape cannot be batched, and says so.
      assert.is(failure(() => new MicroBatcher(session)).code, 'TRT_ERR_UNSUPPORTED')
    }
    await session.close()
    await engine.close()
  })

  test('a session closed underneath ends it', async () => {
    const session = await open.engines[0]!.createSession()
    const batcher = new MicroBatcher(session)
    const first = rejection(batcher.run({ x: row(1) }))
    await session.close()
    assert.is((await first).code, 'TRT_ERR_CLOSED')
    assert.is((await rejection(batcher.run({ x: row(1) }))).code, 'TRT_ERR_CLOSED')
    await batcher.close()
    assert.throws(() => new MicroBatcher(session), /closed/)
  })

  test.run()
}

const staged = suite('batcher on a device that stages')

staged('rows are joined in memory that the device reads in place', async () => {
  const engine = await scriptedEcho('stage 1')
  const session = await engine.createSession()
  const copies = async (body: () => Promise<unknown>) => {
    const before = session.stats().copies
    await body()
    return session.stats().copies - before
  }
  const direct = await copies(() => session.run({ x: row(1) }))
  const batcher = new MicroBatcher(session)
  assert.is(await copies(() => batcher.run({ x: row(1) })), direct - 1)
  await batcher.close()
  await session.close()
  await engine.close()
})

staged.run()
