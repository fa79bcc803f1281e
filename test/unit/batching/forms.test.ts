import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { MicroBatcher } from '../../../lib/batching/micro-batcher.js'
import { tensor } from '../../../lib/core/tensor.js'
import { io } from '../../support/batching/fake-device.js'
import { fifoRule } from '../../support/batching/fifo-rule.js'
import { codeOf, Harness, shapeOf, values } from '../../support/batching/harness.js'

const test = suite('batches of other forms')
const pair = (i: number) => Float32Array.of(i, i + 0.5)

test('a request with more rows than a batch takes is split, and its answer joined', async () => {
  const h = new Harness({ maxBatch: 4 })
  const x = Float32Array.from({ length: 20 }, (_, i) => i)
  const answer = h.run({ x })
  await h.finishAll()
  assert.equal(
    h.device.runs.map(({ rows }) => rows),
    [4, 4, 2],
  )
  const outcome = await answer
  assert.equal(shapeOf(outcome), [10, 2])
  assert.equal(
    values(outcome),
    Array.from(x, (value) => 2 * value),
  )
  assert.is(h.batcher.stats().requests, 1)
  await h.end()
})

test('if one part is refused or fails the whole request is, and its other parts leave', async () => {
  const h = new Harness({ maxBatch: 1, maxQueue: 2, retryAlone: false })
  assert.is(await h.code({ x: new Float32Array(6) }), 'TRT_ERR_OVERLOADED')
  assert.is(h.batcher.stats().queueDepth, 0)
  const answer = h.run({ x: new Float32Array(4) })
  await h.time.settle()
  h.device.current.fail(new Error('broken'))
  assert.is(codeOf(await answer), 'Error: broken')
  await h.time.settle()
  assert.is(h.device.runs.length, 1)
  await h.end()
})

test('only the outputs that someone wants are computed, and each gets those it asked for', async () => {
  const h = new Harness({}, { outputs: [io('y', ['N', 2]), io('z', ['N', 2])] })
  const answers = [h.run({ x: pair(1) }, { outputs: ['z'] }), h.run({ x: pair(2) }, { outputs: ['z'] })]
  await h.time.settle()
  assert.equal(h.device.current.options!.outputs, ['z'])
  await h.finishAll()
  const mixed = [h.run({ x: pair(1) }, { outputs: ['z'] }), h.run({ x: pair(2) })]
  await h.time.settle()
  assert.is(h.device.current.options!.outputs, undefined)
  await h.finishAll()
  const names = (await Promise.all([...answers, ...mixed])).map((outcome) => ('outputs' in outcome ? Object.keys(outcome.outputs) : []))
  assert.equal(names, [['z'], ['z'], ['z'], ['y', 'z']])
  await h.end()
})

test('rows are joined along another axis, and cut out of it', async () => {
  const dims = [2, 'N', 3]
  const h = new Harness({ batchAxis: 1 }, { inputs: [io('x', dims)], outputs: [io('y', dims)] })
  const numbers = (from: number, rows: number) =>
    tensor(
      'float32',
      [2, rows, 3],
      Array.from({ length: 6 * rows }, (_, i) => from + i),
    )
  const answers = [h.run({ x: numbers(0, 1) }), h.run({ x: numbers(100, 2) })]
  await h.time.settle()
  assert.equal(h.device.current.inputs['x']!.shape, [2, 3, 3])
  assert.equal([...h.device.current.inputs['x']!.data], [0, 1, 2, 100, 101, 102, 103, 104, 105, 3, 4, 5, 106, 107, 108, 109, 110, 111])
  await h.finishAll()
  const [a, b] = await Promise.all(answers)
  assert.equal(
    [shapeOf(a!), values(a!)],
    [
      [2, 1, 3],
      [0, 2, 4, 6, 8, 10],
    ],
  )
  assert.equal([shapeOf(b!), values(b!)[0], values(b!)[11]], [[2, 2, 3], 200, 222])
  const whole = h.run({ x: numbers(0, 20) })
  await h.finishAll()
  assert.equal([shapeOf(await whole), values(await whole)], [[2, 20, 3], Array.from({ length: 120 }, (_, i) => 2 * i)])
  await h.end()
})

test('a batch smaller than any profile takes is padded with rows of zeros, which nobody sees', async () => {
  const range = { min: [4, 2], opt: [4, 2], max: [8, 2] }
  const h = new Harness({}, { inputs: [io('x', ['N', 2], { ranges: [range] })] })
  const full = h.run({ x: new Float32Array(8).fill(7) })
  await h.finishAll()
  await full
  const answer = h.run({ x: pair(1) })
  await h.time.settle()
  assert.equal([...h.device.current.inputs['x']!.data], [1, 1.5, 0, 0, 0, 0, 0, 0])
  await h.finishAll()
  assert.equal(
    [shapeOf(await answer), values(await answer)],
    [
      [1, 2],
      [2, 3],
    ],
  )
  await h.end()
})

test('the largest batch is that of the profiles, and maxBatch may not exceed it', async () => {
  const ranges = [
    { min: [1, 2], opt: [2, 2], max: [3, 2] },
    { min: [1, 2], opt: [4, 2], max: [5, 2] },
  ]
  const device = { inputs: [io('x', ['N', 2], { ranges })] }
  const h = new Harness({}, device)
  const answer = h.run({ x: new Float32Array(24) })
  await h.finishAll()
  assert.equal(
    h.device.runs.map(({ rows }) => rows),
    [5, 5, 2],
  )
  await answer
  assert.throws(() => new Harness({ maxBatch: 6 }, device), /maxBatch is 6.*takes is 5/)
  await h.end()
})

test('shapes for which only a profile of smaller batches is made go in smaller batches', async () => {
  const ranges = [
    { min: [1, 1], opt: [8, 2], max: [8, 2] },
    { min: [1, 1], opt: [2, 9], max: [2, 9] },
  ]
  const h = new Harness({}, { inputs: [io('x', ['N', 'W'], { ranges })], outputs: [io('y', ['N', 'W'])] })
  const answers = [2, 9].flatMap((width) => Array.from({ length: 6 }, () => h.run({ x: tensor('float32', [1, width]) })))
  const wide = h.run({ x: tensor('float32', [3, 9]) })
  await h.finishAll()
  assert.equal(
    h.device.runs.map(({ inputs }) => inputs['x']!.shape),
    [[6, 2], ...Array.from({ length: 5 }, (_, i) => [i === 4 ? 1 : 2, 9])],
  )
  await Promise.all([...answers, wide])
  assert.is(await h.code({ x: tensor('float32', [1, 10]) }), 'TRT_ERR_SHAPE')
  await h.end()
})

test('all lanes of all sessions are used, each session with memory of its own', async () => {
  const h = new Harness({ maxBatch: 1 }, [{ lanes: 2 }, { lanes: 1 }])
  const answers = [1, 2, 3, 4].map((i) => h.run({ x: pair(i) }))
  await h.time.settle()
  assert.equal(
    h.devices.map(({ running }) => running),
    [2, 1],
  )
  assert.is(h.batcher.stats().queueDepth, 1)
  await h.finishAll()
  assert.equal(
    (await Promise.all(answers)).map((outcome) => values(outcome)[0]),
    [2, 4, 6, 8],
  )
  assert.equal(
    h.devices.map(({ mostRunning }) => mostRunning),
    [2, 1],
  )
  assert.ok(h.devices.every(({ allocations }) => allocations > 0))
  await h.end()
})

test('a Runner that describes nothing takes tensors of any names, one set of names a batch', async () => {
  const seen: (readonly number[])[] = []
  const echo = {
    run: async (inputs: Readonly<Record<string, unknown>>) => {
      const given = inputs as Record<string, ReturnType<typeof tensor>>
      seen.push(Object.values(given)[0]!.shape)
      return given
    },
  }
  const batcher = new MicroBatcher(echo, {}, fifoRule)
  const answers = await Promise.all([
    batcher.run({ a: tensor('float32', [1, 2], [1, 2]) }),
    batcher.run({ b: tensor('int64', [1], [3n]) }),
    batcher.run({ a: tensor('float32', [2, 2], [3, 4, 5, 6]) }),
  ])
  assert.equal(seen, [[3, 2], [1]])
  assert.equal([...answers[2]['a']!.data], [3, 4, 5, 6])
  assert.equal([...answers[1]['b']!.data], [3n])
  // What it answers with is the memory of the inputs, which the next batch overwrites.
  await batcher.run({ a: tensor('float32', [3, 2], [9, 9, 9, 9, 9, 9]) })
  assert.equal([...answers[0]['a']!.data], [1, 2])
  await batcher.close()
})

test('thousands of shapes are served, and remembered only so far', async () => {
  const h = new Harness({}, { inputs: [io('x', ['N', 'W'])], outputs: [io('y', ['N', 'W'])] })
  const outcomes: number[] = []
  for (let width = 1; width <= 2500; width++) {
    const x = tensor('float32', [1, width])
    x.data[0] = width
    outcomes.push(values(await h.answer({ x }))[0]!)
  }
  assert.equal(
    outcomes,
    Array.from({ length: 2500 }, (_, i) => 2 * (i + 1)),
  )
  assert.ok(h.buckets <= 1024, `${h.buckets} buckets`)
  await h.end()
})

test.run()
