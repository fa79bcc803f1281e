import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { tensor } from '../../../lib/core/tensor.js'
import { failure } from '../../support/failure.js'
import { type FakeRun, io } from '../../support/batching/fake-device.js'
import { Harness, shapeOf, values } from '../../support/batching/harness.js'

const test = suite('padding')
const device = { inputs: [io('x', ['N', 'W'])], outputs: [io('y', ['N', 'W'])] }
const row = (...numbers: number[]) => tensor('float32', [1, numbers.length], numbers)
const pad = { x: { axis: 1, buckets: [4, 2], value: -1 } }

test('requests of different sizes share a batch of the next size up, and answers are cropped', async () => {
  const h = new Harness({ pad }, device)
  const answers = [row(1, 2, 3), row(4, 5, 6, 7), row(8)].map((x) => h.run({ x }))
  await h.time.settle()
  assert.equal(h.device.current.inputs['x']!.shape, [2, 4])
  assert.equal([...h.device.current.inputs['x']!.data], [1, 2, 3, -1, 4, 5, 6, 7])
  h.device.current.finish()
  await h.time.settle()
  assert.equal([...h.device.current.inputs['x']!.data], [8, -1])
  await h.finishAll()
  const outcomes = await Promise.all(answers)
  assert.equal(
    outcomes.map((outcome) => [shapeOf(outcome), values(outcome)]),
    [
      [
        [1, 3],
        [2, 4, 6],
      ],
      [
        [1, 4],
        [8, 10, 12, 14],
      ],
      [[1, 1], [16]],
    ],
  )
  await h.end()
})

test('memory that held longer rows is filled anew', async () => {
  const h = new Harness({ pad }, device)
  for (const x of [row(9, 9, 9, 9), row(9, 9, 9, 9), row(1, 2, 3)]) {
    const answer = h.run({ x })
    await h.finishAll()
    await answer
  }
  assert.equal([...h.device.runs[2]!.inputs['x']!.data], [1, 2, 3, -1])
  await h.end()
})

test('a size above all that it may be padded to is refused', async () => {
  const h = new Harness({ pad }, device)
  assert.is(await h.code({ x: row(1, 2, 3, 4, 5) }), 'TRT_ERR_SHAPE')
  await h.end()
})

test('a request of several rows that is padded is split and joined, too', async () => {
  const h = new Harness({ pad, maxBatch: 2 }, device)
  const answer = h.run({ x: tensor('float32', [3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]) })
  await h.finishAll()
  assert.equal(
    h.device.runs.map(({ inputs }) => inputs['x']!.shape),
    [
      [2, 4],
      [1, 4],
    ],
  )
  assert.equal(
    [shapeOf(await answer), values(await answer)],
    [
      [3, 3],
      [2, 4, 6, 8, 10, 12, 14, 16, 18],
    ],
  )
  await h.end()
})

test('an output that may grow without carrying the name must be told of', async () => {
  const outputs = [io('y', ['N', 'T', 2])]
  const error = failure(() => new Harness({ pad }, { ...device, outputs }))
  assert.equal([error.code, error.details['output']], ['TRT_ERR_INVALID_ARGUMENT', 'y'])
  const crop = { y: { axis: 1, size: (width: number) => Math.ceil(width / 2) } }
  const grown = tensor('float32', [1, 2, 2], [1, 2, 3, 4])
  const h = new Harness({ pad: { x: { ...pad.x, crop } } }, { ...device, outputs, onRun: (run) => run.finish({ y: grown }) })
  assert.equal(shapeOf(await h.answer({ x: row(1, 2, 3) })), [1, 2, 2])
  const g = new Harness(
    { pad: { x: { axis: 1, buckets: [4], crop: { y: false } } } },
    { ...device, outputs, onRun: (run) => run.finish({ y: grown }) },
  )
  assert.equal(shapeOf(await g.answer({ x: row(1) })), [1, 2, 2])
  const cut = new Harness({ pad: { x: { axis: 1, buckets: [4], crop } } }, { ...device, outputs, onRun: (run) => run.finish({ y: grown }) })
  const outcome = await cut.answer({ x: row(1) })
  assert.equal(
    [shapeOf(outcome), values(outcome)],
    [
      [1, 1, 2],
      [1, 2],
    ],
  )
  for (const each of [h, g, cut]) await each.end()
})

test('outputs without a free dimension need no cropping', async () => {
  const h = new Harness(
    { pad },
    { ...device, outputs: [io('y', ['N', 2])], onRun: (run) => run.finish({ y: tensor('float32', [1, 2], [5, 6]) }) },
  )
  assert.equal(values(await h.answer({ x: row(1) })), [5, 6])
  await h.end()
})

test('a dimension that several inputs share is padded for all of them or for none', async () => {
  const inputs = [io('ids', ['N', 'S'], { type: 'int64' }), io('mask', ['N', 'S'], { type: 'int64' })]
  const outputs = [io('y', ['N', 2])]
  const ids = { axis: 1, buckets: [4], value: 7n }
  assert.is(failure(() => new Harness({ pad: { ids } }, { inputs, outputs })).code, 'TRT_ERR_INVALID_ARGUMENT')
  const onRun = (run: FakeRun) => run.finish({ y: tensor('float32', [run.rows, 2]) })
  const h = new Harness({ pad: { ids, mask: { axis: 1, buckets: [4] } } }, { inputs, outputs, onRun })
  const int64 = (...numbers: bigint[]) => tensor('int64', [1, numbers.length], numbers)
  await h.answer({ ids: int64(1n, 2n), mask: int64(1n, 1n) })
  const { inputs: given } = h.device.runs[0]!
  assert.equal(
    [[...given['ids']!.data], [...given['mask']!.data]],
    [
      [1n, 2n, 7n, 7n],
      [1n, 1n, 0n, 0n],
    ],
  )
  assert.is(await h.code({ ids: int64(1n, 2n), mask: int64(1n) }), 'TRT_ERR_SHAPE')
  await h.end()
})

test('padding of what is not there, or not free, is refused', () => {
  const cases: [object, string][] = [
    [{ z: { axis: 1, buckets: [4] } }, 'TRT_ERR_NAME'],
    [{ x: { axis: 0, buckets: [4] } }, 'TRT_ERR_INVALID_ARGUMENT'],
    [{ x: { axis: 1, buckets: [] } }, 'TRT_ERR_INVALID_ARGUMENT'],
    [{ x: { axis: 1, buckets: [0] } }, 'TRT_ERR_INVALID_ARGUMENT'],
    [{ x: { axis: 1, buckets: [4], value: Number.NaN } }, 'TRT_ERR_INVALID_ARGUMENT'],
    [{ x: { axis: 1, bucket: [4] } }, 'TRT_ERR_INVALID_ARGUMENT'],
    [{ x: { axis: 1, buckets: [4], crop: { q: false } } }, 'TRT_ERR_NAME'],
    [{ x: { axis: 2, buckets: [4] } }, 'TRT_ERR_SHAPE'],
  ]
  for (const [wrong, code] of cases)
    assert.is(failure(() => new Harness({ pad: wrong as never }, device)).code, code, JSON.stringify(wrong))
  const fixed = { inputs: [io('x', ['N', 3])], outputs: [io('y', ['N', 3])] }
  assert.is(failure(() => new Harness({ pad }, fixed)).code, 'TRT_ERR_SHAPE')
})

test.run()
