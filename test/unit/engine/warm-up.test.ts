import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { TrtError } from '../../../lib/core/errors.js'
import { costSeeds } from '../../../lib/core/cost-seeds.js'
import type { Inputs } from '../../../lib/core/runner.js'
import { Tensor } from '../../../lib/core/tensor.js'
import { InputPlan } from '../../../lib/engine/inputs.js'
import type { IoInfo } from '../../../lib/engine/io-info.js'
import { warmUp, type WarmUpTarget } from '../../../lib/engine/warm-up.js'
import { rejection } from '../../support/failure.js'

const test = suite('warm-up')
const plan = (shape: number[] | null, ranges: IoInfo['ranges'] = [], change: Partial<IoInfo> = {}) =>
  new InputPlan({ name: 'x', type: 'float32', shape, dimNames: ['N'], ranges, isShape: false, ...change }, null)
const upTo = (rows: number) => [plan([-1], [{ min: [1], opt: [rows], max: [rows] }])]

/** A session whose runs of each shape on each lane take the given times; the last repeats. Rows add their number. */
const target = (times: readonly number[], lanes = 1, plans = [plan([2])]) => {
  let now = 0
  const ran: number[] = []
  const inputs: Tensor[] = []
  const done = new Map<string, number>()
  const fake: WarmUpTarget = {
    plans,
    lanes,
    clock: { now: () => now },
    runOn: async (lane, given) => {
      const x = given['x'] as Tensor
      const key = `${lane} ${x.shape}`
      const index = done.get(key) ?? 0
      done.set(key, index + 1)
      now += times[Math.min(index, times.length - 1)]! + x.shape[0]! - 2
      ran.push(lane)
      inputs.push(x)
    },
  }
  return { fake, ran, inputs }
}
const x = (...values: number[]): Inputs => ({ x: new Tensor('float32', [values.length], Float32Array.from(values)) })
const tensors = (...shapes: number[][]): Inputs[] =>
  shapes.map((shape) => ({ x: new Tensor('float32', shape, new Float32Array(shape[0]!)) }))

test('each lane runs until its times settle', async () => {
  const { fake, ran } = target([80, 12, 10, 10, 10], 2)
  const entry = { profile: null, shapes: { x: [2] }, rows: 2, firstMs: 80, steadyMs: 10, runs: 5, settled: true }
  assert.equal(await warmUp(fake), {
    lanes: 2,
    runs: 10,
    firstMs: 80,
    steadyMs: 10,
    totalMs: 244,
    entries: [
      { ...entry, lane: 0 },
      { ...entry, lane: 1 },
    ],
  })
  assert.equal(ran, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
})

test('each batch size of the profile is warmed on each lane', async () => {
  const report = await warmUp(target([50, 10], 2, upTo(4)).fake)
  assert.equal(
    report.entries.map(({ rows, lane, firstMs, steadyMs }) => [rows, lane, firstMs, steadyMs]),
    [
      [1, 0, 49, 9],
      [1, 1, 49, 9],
      [2, 0, 50, 10],
      [2, 1, 50, 10],
      [4, 0, 52, 12],
      [4, 1, 52, 12],
    ],
  )
  assert.equal([report.firstMs, report.steadyMs], [52, 9])
  assert.equal(
    costSeeds(report).map(({ rows, ms }) => [rows, ms]),
    [
      [1, 9],
      [2, 10],
      [4, 12],
    ],
  )
})

test('it ends after `runs` when they never settle, and says so', async () => {
  const { entries, runs } = await warmUp(target([1, 2, 4, 8, 16, 32, 64]).fake, { runs: 5 })
  assert.is(runs, 5)
  assert.not(entries[0]!.settled)
})

test('after `maxMs` each shape still runs once on each lane', async () => {
  const { entries, totalMs } = await warmUp(target([50, 10], 2, upTo(2)).fake, { maxMs: 60 })
  assert.equal(
    entries.map(({ runs, settled }) => [runs, settled]),
    [
      [3, false],
      [1, false],
      [1, false],
      [1, false],
    ],
  )
  assert.is(totalMs, 49 + 9 + 9 + 49 + 50 + 50)
})

test('a wider tolerance settles earlier', async () => {
  const times = [50, 10, 12, 10, 12, 10]
  assert.is((await warmUp(target(times).fake, { tolerance: 0.2 })).runs, 4)
  assert.ok((await warmUp(target(times).fake, { tolerance: 0.1 })).runs > 4)
})

test('inputs are zeros, or random from the seed', async () => {
  const data = async (options: object) => {
    const { fake, inputs } = target([1])
    await warmUp(fake, { ...options, runs: 1 })
    return [...inputs[0]!.data]
  }
  assert.equal(await data({}), [0, 0])
  assert.equal(await data({ inputs: 'random', seed: 7 }), await data({ inputs: 'random', seed: 7 }))
  assert.not.equal(await data({ inputs: 'random', seed: 7 }), await data({ inputs: 'random', seed: 8 }))
})

test('a shape tensor is given the values of the profile', async () => {
  const steer = plan([2], [{ min: [1, 1], opt: [3, 5], max: [9, 9] }], { name: 's', type: 'int64', isShape: true })
  const seen: unknown[] = []
  const runOn = async (_: number, given: Inputs) => seen.push((given['s'] as Tensor).data)
  await warmUp({ ...target([1]).fake, plans: [steer], runOn }, { runs: 1, inputs: 'random' })
  assert.equal(seen, [BigInt64Array.of(3n, 5n)])
})

test('recorded inputs are run in turn, those of one shape together', async () => {
  const { fake, inputs } = target([10], 1, [plan([-1])])
  const examples = [...tensors([3], [2]), x(1, 2)]
  const { entries } = await warmUp(fake, { inputs: examples, runs: 2 })
  assert.equal(
    entries.map(({ rows, runs }) => [rows, runs]),
    [
      [2, 2],
      [3, 2],
    ],
  )
  assert.is(inputs[1], examples[2]!['x'])
})

test('recorded inputs may come from an async iterable, of which it takes no more than it needs', async () => {
  let ended = false
  async function* endless() {
    try {
      for (;;) yield x(1, 2)
    } finally {
      ended = true
    }
  }
  assert.is((await warmUp(target([10]).fake, { inputs: endless() })).entries.length, 1)
  assert.ok(ended)
})

test('a recording that hangs is left when the signal aborts', async () => {
  const stop = new AbortController()
  const hanging = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }
  const warming = warmUp(target([1]).fake, { inputs: hanging, signal: stop.signal })
  stop.abort(new Error('enough'))
  const error = await rejection(warming)
  assert.is(error.code, 'TRT_ERR_ABORTED')
  assert.match((error.cause as Error).message, /enough/)
})

test('a recorded input is checked before anything runs', async () => {
  const { fake, ran } = target([1])
  const codes = []
  for (const inputs of [[x(1, 2, 3)], [{ y: Float32Array.of(1, 2) }], [{ x: 'text' }], [null]]) {
    codes.push((await rejection(warmUp(fake, { inputs: inputs as never }))).code)
  }
  assert.equal(codes, ['TRT_ERR_SHAPE', 'TRT_ERR_NAME', 'TRT_ERR_TYPE', 'TRT_ERR_INVALID_ARGUMENT'])
  assert.equal(ran, [])
})

test('a failure names the shapes and the lane, and keeps code, details and cause', async () => {
  const cause = new TrtError('TRT_ERR_DEVICE', 'Out of registers.', { kernel: 'k' })
  const error = await rejection(warmUp({ ...target([1]).fake, runOn: () => Promise.reject(cause) }))
  assert.is(error.message, 'TRT_ERR_DEVICE: Warm-up failed on lane 0 with x [2]. Out of registers.')
  assert.equal(error.details, { kernel: 'k', lane: 0, shapes: { x: [2] }, rows: 2, guessed: [] })
  assert.is(error.cause, cause)
})

test('a failure on guessed shapes tells to give them', async () => {
  const runOn = () => Promise.reject(new TrtError('TRT_ERR_DEVICE', 'too small'))
  const error = await rejection(warmUp({ ...target([1], 1, [plan([-1])]).fake, runOn }))
  assert.match(error.message, /1 was taken for the free dimensions of "x" \[N\]: give shapes.*warmUp\(\{ shapes \}\)/)
})

test('a signal stops it between and within runs, and what is no fault of the shapes is told as it is', async () => {
  const signal = AbortSignal.abort()
  assert.is((await rejection(warmUp(target([1]).fake, { signal }))).code, 'TRT_ERR_ABORTED')
  const closed = new TrtError('TRT_ERR_CLOSED', 'closed')
  assert.is(await rejection(warmUp({ ...target([1]).fake, runOn: () => Promise.reject(closed) })), closed)
  const stop = new AbortController()
  const runOn = async () => {
    stop.abort()
    throw new TrtError('TRT_ERR_ABORTED', 'The run was aborted by its signal.')
  }
  assert.match((await rejection(warmUp({ ...target([1]).fake, runOn }, { signal: stop.signal }))).message, /The warm-up was aborted/)
})

test('options are checked', async () => {
  const wrong = [{ runs: 0 }, { runs: NaN }, { run: 3 }, { signal: 'x' }, { maxMs: -1 }, { maxMs: NaN }, { tolerance: -0.1 }, { seed: 0.5 }]
  for (const options of [...wrong, { inputs: 'zero' }, { inputs: 5 }, { inputs: [] }, { inputs: [x(1, 2)], batchSizes: [2] }]) {
    assert.is((await rejection(warmUp(target([1]).fake, options as never))).code, 'TRT_ERR_INVALID_ARGUMENT', JSON.stringify(options))
  }
})

test.run()
