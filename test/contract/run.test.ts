import ndarray from 'ndarray'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { tensor } from '../../lib/index.js'
import { rejection } from '../support/failure.js'
import { openSessions } from './sessions.js'
import { row, subjects } from './subjects.js'

for (const subject of subjects) {
  const test = suite(`run on ${subject.name}`)
  const open = openSessions(test, subject)

  test('an answer has type, shape and values', async () => {
    const { y } = await open.echo.run({ x: row(1) })
    assert.equal([y!.type, y!.shape, y!.data], ['float32', [1, 4], row(1)])
  })

  test('a tensor gives the free dimension; none at all is a shape too', async () => {
    const { y } = await open.echo.run({ x: tensor('float32', [2, 4], [1, 2, 3, 4, 5, 6, 7, 8]) })
    assert.equal(
      [y!.shape, [...y!.data]],
      [
        [2, 4],
        [1, 2, 3, 4, 5, 6, 7, 8],
      ],
    )
    const none = await open.echo.run({ x: tensor('float32', [0, 4]) })
    assert.equal([none['y']!.shape, none['y']!.data.length], [[0, 4], 0])
  })

  test('strided views and bytes are packed', async () => {
    const view = ndarray(Float32Array.of(1, 2, 3, 4), [1, 4]).step(1, -1)
    assert.equal([...(await open.echo.run({ x: view }))['y']!.data], [4, 3, 2, 1])
    const odd = Buffer.concat([Buffer.alloc(1), Buffer.from(row(3).buffer)]).subarray(1)
    assert.equal((await open.echo.run({ x: odd }))['y']!.data, row(3))
  })

  test('inputs are bound by name, whatever their order', async () => {
    const { c, d } = await open.pairs.run({ b: Float32Array.of(3, 4), a: Float32Array.of(1, 2) })
    assert.equal(
      [[...c!.data], [...d!.data]],
      [
        [1, 2],
        [3, 4],
      ],
    )
  })

  test('a subset of the outputs is just that', async () => {
    const inputs = { a: Float32Array.of(1, 2), b: Float32Array.of(3, 4) }
    const only = await open.pairs.run(inputs, { outputs: ['d'] })
    assert.equal(Object.keys(only), ['d'])
    assert.equal([...only['d'].data], [3, 4])
    const swapped = await open.pairs.run(inputs, { outputs: ['d', 'c'] })
    assert.equal(
      [[...swapped['d'].data], [...swapped['c'].data]],
      [
        [3, 4],
        [1, 2],
      ],
    )
  })

  test("a result lies in the caller's memory, which may be larger", async () => {
    const room = new Float32Array(12)
    const { y } = await open.echo.run({ x: row(5) }, { into: { y: room } })
    assert.is(y!.data.buffer, room.buffer)
    assert.equal([y!.shape, y!.data], [[1, 4], row(5)])
    const own = tensor('float32', [1, 4])
    assert.is((await open.echo.run({ x: row(6) }, { into: { y: own } }))['y'], own)
    assert.equal(own.data, row(6))
  })

  test("memory of the caller for some outputs, the backend's for others", async () => {
    const c = tensor('float32', [1, 2])
    const result = await open.pairs.run({ a: Float32Array.of(1, 2), b: Float32Array.of(3, 4) }, { into: { c } })
    assert.is(result['c'], c)
    assert.equal([...result['d']!.data], [3, 4])
  })

  test('memory that is too small is refused, and the session lives on', async () => {
    const error = await rejection(open.echo.run({ x: row(1) }, { into: { y: new Float32Array(3) } }))
    assert.is(error.code, 'TRT_ERR_SHAPE')
    assert.equal((await open.echo.run({ x: row(2) }))['y']!.data, row(2))
  })

  test('memory of alloc is zero, and copied neither in nor out', async () => {
    const [x, y] = [open.echo.alloc('x', [1, 4]), open.echo.alloc('y', [1, 4])]
    assert.equal([...x.data], [0, 0, 0, 0])
    x.data.set(row(9))
    const before = open.echo.stats().copies
    const result = await open.echo.run({ x }, { into: { y } })
    assert.is(result['y'], y)
    assert.equal(y.data, row(9))
    assert.is(open.echo.stats().copies, before)
  })

  test('what is wrong with the inputs rejects with its code, and is counted', async () => {
    const before = open.echo.stats().failed
    const cases: [Record<string, unknown>, string][] = [
      [{}, 'TRT_ERR_NAME'],
      [{ y: row(1) }, 'TRT_ERR_NAME'],
      [{ x: row(1), y: row(1) }, 'TRT_ERR_NAME'],
      [{ x: new Float64Array(4) }, 'TRT_ERR_TYPE'],
      [{ x: [1, 2, 3, 4] }, 'TRT_ERR_TYPE'],
      [{ x: new Float32Array(3) }, 'TRT_ERR_SHAPE'],
      [{ x: tensor('float32', [4]) }, 'TRT_ERR_SHAPE'],
      [{ x: { type: 'float32', shape: [-1, 4], data: row(1) } }, 'TRT_ERR_SHAPE'],
      [{ x: { type: 'float32', shape: [2 ** 50, 4], data: row(1) } }, 'TRT_ERR_SHAPE'],
      [{ x: new Float32Array(new SharedArrayBuffer(16)) }, 'TRT_ERR_BUFFER'],
    ]
    for (const [inputs, code] of cases) assert.is((await rejection(open.echo.run(inputs as never))).code, code)
    assert.is(open.echo.stats().failed.TRT_ERR_NAME, (before.TRT_ERR_NAME ?? 0) + 3)
  })

  test('wrong options reject, too', async () => {
    const cases: [unknown, string][] = [
      [{ outputs: ['z'] }, 'TRT_ERR_NAME'],
      [{ outputs: [] }, 'TRT_ERR_INVALID_ARGUMENT'],
      [{ deadline: NaN }, 'TRT_ERR_INVALID_ARGUMENT'],
      [{ into: { z: row(1) } }, 'TRT_ERR_NAME'],
      [{ time: 5 }, 'TRT_ERR_INVALID_ARGUMENT'],
    ]
    for (const [options, code] of cases) assert.is((await rejection(open.echo.run({ x: row(1) }, options as never))).code, code)
  })

  test('of many runs at once each gets its own answer, and none is lost', async () => {
    const before = open.echo.stats().completed
    const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => open.echo.run({ x: row(i) })))
    answers.forEach(({ y }, i) => {
      if (y!.data[3] !== i + 0.75) assert.unreachable(`run ${i} got ${y!.data}`)
    })
    const { completed, inFlight, queueDepth, lanesBusy, total } = open.echo.stats()
    assert.equal([completed - before, inFlight, queueDepth, lanesBusy], [500, 0, 0, 0])
    assert.is(total.count, completed)
  })

  test('more in flight than maxQueue is refused at once', async () => {
    const session = await open.engines[0]!.createSession({ maxQueue: 2 })
    const first = [session.run({ x: row(1) }), session.run({ x: row(2) })]
    const error = await rejection(session.run({ x: row(3) }))
    assert.is(error.code, 'TRT_ERR_OVERLOADED')
    assert.equal(error.details, { maxQueue: 2 })
    await Promise.all(first)
    await session.run({ x: row(4) })
    await session.close()
  })

  test('warm-up runs every lane, makes it ready, and stays out of the statistics', async () => {
    const session = await open.engines[0]!.createSession({ lanes: 2 })
    assert.not(session.ready)
    const { lanes, runs, firstMs, steadyMs } = await session.warmUp({ runs: 3, shapes: { x: [2, 4] } })
    assert.equal([lanes, runs], [2, 6])
    assert.ok(firstMs > 0 && steadyMs > 0)
    assert.ok(session.ready)
    assert.is(session.stats().completed, 0)
    await session.close()
    assert.not(session.ready)
  })

  test('alloc checks name and shape', async () => {
    const code = (body: () => unknown) => {
      try {
        body()
        return 'nothing'
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    assert.is(
      code(() => open.echo.alloc('z', [1, 4])),
      'TRT_ERR_NAME',
    )
    assert.is(
      code(() => open.echo.alloc('x')),
      'TRT_ERR_SHAPE',
    )
    assert.is(
      code(() => open.echo.alloc('x', [1, 5])),
      'TRT_ERR_SHAPE',
    )
    assert.is(
      code(() => open.echo.alloc('x', [-1, 4])),
      'TRT_ERR_SHAPE',
    )
    assert.is(
      code(() => open.echo.alloc('x', [2 ** 48, 4])),
      'TRT_ERR_OUT_OF_MEMORY',
    )
    assert.equal(open.echo.alloc('x', [0, 4]).data.length, 0)
  })

  test.run()
}
