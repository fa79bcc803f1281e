import ndarray from 'ndarray'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { tensor } from '../../../lib/core/tensor.js'
import { io } from '../../support/batching/fake-device.js'
import { codeOf, Harness, output, shapeOf, values } from '../../support/batching/harness.js'

const test = suite('joining and splitting')
const pair = (i: number) => Float32Array.of(i, i + 0.5)

test('requests of one turn share a batch, and each gets its own rows', async () => {
  const h = new Harness()
  const answers = [1, 2, 3].map((i) => h.run({ x: pair(i) }))
  await h.time.settle()
  assert.equal([h.device.runs.length, h.device.current.inputs['x']!.shape], [1, [3, 2]])
  h.device.current.finish()
  const outcomes = await Promise.all(answers)
  assert.equal(
    outcomes.map((outcome) => values(outcome)),
    [
      [2, 3],
      [4, 5],
      [6, 7],
    ],
  )
  assert.equal(
    outcomes.map((outcome) => shapeOf(outcome)),
    [
      [1, 2],
      [1, 2],
      [1, 2],
    ],
  )
  await h.end()
})

test('requests of several rows keep their order, and answers are views of one buffer', async () => {
  const h = new Harness()
  const answers = [h.run({ x: Float32Array.of(1, 2, 3, 4) }), h.run({ x: pair(5) })]
  await h.finishAll()
  const [a, b] = await Promise.all(answers)
  assert.equal(
    [values(a!), values(b!)],
    [
      [2, 4, 6, 8],
      [10, 11],
    ],
  )
  assert.equal(
    [shapeOf(a!), shapeOf(b!)],
    [
      [2, 2],
      [1, 2],
    ],
  )
  assert.is(output(a!).data.buffer, output(b!).data.buffer)
  assert.is(output(b!).data.byteOffset, 16)
  await h.end()
})

test('with copyOutputs each answer has memory of its own', async () => {
  const h = new Harness({ copyOutputs: true })
  const answers = [1, 2].map((i) => h.run({ x: pair(i) }))
  await h.finishAll()
  const [a, b] = await Promise.all(answers)
  assert.is.not(output(a!).data.buffer, output(b!).data.buffer)
  assert.equal(values(b!), [4, 5])
  await h.end()
})

test('while a batch runs the next one is copied to its place, in the other slab of the lane', async () => {
  const h = new Harness()
  const first = h.run({ x: pair(1) })
  await h.time.settle()
  const source = pair(2)
  const second = h.run({ x: source })
  source.fill(99) // forbidden to callers: it shows when the copy was made
  await h.time.settle()
  h.device.current.finish()
  assert.equal(values(await first), [2, 3])
  await h.finishAll()
  assert.equal(values(await second), [4, 5])
  for (let i = 0; i < 10; i++) {
    const third = h.run({ x: pair(i) })
    await h.finishAll()
    assert.equal(values(await third), [2 * i, 2 * i + 1])
  }
  assert.is(h.device.allocations, 2)
  await h.end()
})

test('what is staged and then leaves makes room: the rest is what runs', async () => {
  const h = new Harness({ maxBatch: 4 })
  const blocker = h.run({ x: pair(0) })
  await h.time.settle()
  const aborts = [1, 2, 3, 4].map(() => new AbortController())
  const waiting = aborts.map(({ signal }, i) => h.run({ x: pair(i + 1) }, { signal }))
  const late = h.run({ x: pair(5) })
  aborts[0]!.abort()
  aborts[2]!.abort()
  await h.time.settle()
  h.device.current.finish()
  await h.time.settle()
  assert.is(h.device.current.rows, 3)
  await h.finishAll()
  const outcomes = await Promise.all([blocker, ...waiting, late])
  assert.equal(outcomes.map(codeOf), ['answered', 'TRT_ERR_ABORTED', 'answered', 'TRT_ERR_ABORTED', 'answered', 'answered'])
  assert.equal(
    outcomes.filter((outcome) => 'outputs' in outcome).map((outcome) => values(outcome)[0]),
    [0, 4, 8, 10],
  )
  await h.end()
})

test('gaps too small for a request of several rows are closed', async () => {
  const h = new Harness({ maxBatch: 4 })
  const blocker = h.run({ x: pair(0) })
  await h.time.settle()
  const aborts = [new AbortController(), new AbortController()]
  const waiting = [
    h.run({ x: pair(1) }, { signal: aborts[0]!.signal }),
    h.run({ x: pair(2) }),
    h.run({ x: pair(3) }, { signal: aborts[1]!.signal }),
    h.run({ x: pair(4) }),
    h.run({ x: Float32Array.of(5, 6, 7, 8) }),
  ]
  for (const each of aborts) each.abort()
  await h.finishAll()
  const outcomes = await Promise.all(waiting)
  assert.equal(values(outcomes[1]!), [4, 5])
  assert.equal(values(outcomes[3]!), [8, 9])
  assert.equal(values(outcomes[4]!), [10, 12, 14, 16])
  assert.equal(
    h.device.runs.map(({ rows }) => rows),
    [1, 4],
  )
  await blocker
  await h.end()
})

test('no two shapes share a batch', async () => {
  const h = new Harness({}, { inputs: [io('x', ['N', 'W'])], outputs: [io('y', ['N', 'W'])] })
  const answers = [2, 3, 2, 3].map((width, i) => h.run({ x: tensor('float32', [1, width], new Array<number>(width).fill(i)) }))
  await h.finishAll()
  assert.equal(
    h.device.runs.map(({ inputs }) => inputs['x']!.shape),
    [
      [2, 2],
      [2, 3],
    ],
  )
  assert.equal(
    (await Promise.all(answers)).map((outcome) => values(outcome)),
    [
      [0, 0],
      [2, 2, 2],
      [4, 4],
      [6, 6, 6],
    ],
  )
  await h.end()
})

test('bytes, strided views and plain typed arrays all join', async () => {
  const h = new Harness()
  const odd = Buffer.concat([Buffer.alloc(1), Buffer.from(pair(1).buffer)]).subarray(1)
  const answers = [odd, ndarray(Float32Array.of(1, 2), [1, 2]).step(1, -1), pair(3), tensor('float32', [1, 2], [4, 5])].map((x) =>
    h.run({ x }),
  )
  await h.finishAll()
  assert.equal(
    (await Promise.all(answers)).map((outcome) => values(outcome)),
    [
      [2, 3],
      [4, 2],
      [6, 7],
      [8, 10],
    ],
  )
  assert.is(h.device.runs.length, 1)
  await h.end()
})

test.run()
