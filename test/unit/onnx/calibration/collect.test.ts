import * as assert from 'uvu/assert'
import { type Tensor, tensor } from '../../../../lib/core/tensor.js'
import { collectStatistics, observe } from '../../../../lib/onnx/calibration/collect.js'
import type { Observer } from '../../../../lib/onnx/calibration/types.js'
import { readOnnx } from '../../../../lib/onnx/graph/read.js'
import type { OpenModel, Runtime, Sample } from '../../../../lib/onnx/runtime.js'
import { rejection } from '../../../support/failure.js'
import { model as onnx } from '../../../support/onnx.js'
import { suite } from '../../../support/suite.js'

const test = suite('observation of tensors')

/** double = x + x, y = double + x; x[1, 2]. */
const model = readOnnx(
  onnx({
    inputs: [{ name: 'x', type: 'float32', dims: [1, 2] }],
    outputs: [{ name: 'y', type: 'float32', dims: [1, 2] }],
    nodes: [
      { op: 'Add', inputs: ['x', 'x'], outputs: ['double'] },
      { op: 'Add', inputs: ['double', 'x'], outputs: ['y'] },
    ],
  }),
)

/** Computes what the models of this file ask for, and counts what is open. */
class FakeRuntime implements Runtime {
  stillOpen = 0
  runs = 0
  mostAtOnce = 0
  #running = 0

  async open(bytes: Uint8Array): Promise<OpenModel> {
    const { graph } = readOnnx(bytes)

    this.stillOpen++
    return {
      run: async (sample) => {
        this.runs++
        this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#running)
        await Promise.resolve()
        this.#running--
        return compute(graph, sample)
      },
      close: async () => void this.stillOpen--,
    }
  }

  async optimized(): Promise<Uint8Array> {
    throw new Error('nobody asks for it')
  }
}

function compute(graph: ReturnType<typeof readOnnx>['graph'], sample: Sample): Record<string, Tensor> {
  const values = new Map<string, Tensor>(Object.entries(sample))
  const float = (name: string) => values.get(name)!.data as Float32Array
  for (const { opType, inputs, outputs } of graph.nodes) {
    const [a = '', b = ''] = inputs
    const { shape } = values.get(a)!
    const made: Record<string, () => Tensor> = {
      Add: () =>
        tensor(
          'float32',
          shape,
          float(a).map((value, i) => value + float(b)[i]!),
        ),
      Sub: () =>
        tensor(
          'float32',
          shape,
          float(a).map((value, i) => value - float(b)[i]!),
        ),
      Cast: () => values.get(a)!,
      ReduceSum: () => tensor('float32', [], [float(a).reduce((sum, value) => sum + value, 0)]),
      Shape: () => tensor('int64', [shape.length], shape.map(BigInt)),
    }
    values.set(outputs[0]!, made[opType]!())
  }
  return Object.fromEntries(graph.outputs.map(({ name }) => [name, values.get(name)!]))
}

const x = (...data: readonly number[]) => ({ x: tensor('float32', [1, 2], data) })
const everything = ['x', 'double', 'y']
/** One tensor a group: eight bytes each, and two runs in flight. */
const tight = { memoryBytes: 16 }

test('each tensor of each sample is counted, inputs too', async () => {
  const { statistics, samples, dropped, groups } = await collectStatistics(model, everything, [x(1, -2), x(4, 0)], new FakeRuntime())
  assert.equal({ samples, dropped, groups }, { samples: 2, dropped: 0, groups: 1 })
  assert.equal(
    [...statistics].map(([name, { min, max, count }]) => [name, min, max, count]),
    [
      ['x', -2, 4, 4],
      ['double', -4, 8, 4],
      ['y', -6, 12, 4],
    ],
  )
})

test('in groups the result is the same, and each sample is run for each', async () => {
  const [whole, parts] = [new FakeRuntime(), new FakeRuntime()]
  const samples = [x(1, -2), x(4, 0), x(3, 3)]
  const together = await collectStatistics(model, everything, samples, whole)
  const apart = await collectStatistics(model, everything, samples, parts, tight)
  assert.equal(apart.statistics, together.statistics)
  // x is seen without a run, in the group of "double".
  assert.is(apart.groups, 2)
  // One more each for the shapes.
  assert.equal([whole.runs, parts.runs], [3 + 1, 6 + 1])
})

test('no more than two runs are in flight, and all models are closed in the end', async () => {
  const runtime = new FakeRuntime()
  await collectStatistics(
    model,
    everything,
    Array.from({ length: 9 }, () => x(1, 2)),
    runtime,
    tight,
  )
  assert.equal([runtime.mostAtOnce <= 2, runtime.stillOpen], [true, 0])
})

test('a generator is walked through once, and never far ahead', async () => {
  let given = 0
  let seen = 0
  let furthest = 0
  function* source() {
    for (let i = 0; i < 50; i++) {
      given++
      furthest = Math.max(furthest, given - seen)
      yield x(i, 0)
    }
  }
  const observer: Observer = { tensors: ['y'], observe: () => void seen++ }
  await observe(model, [observer], source(), new FakeRuntime())
  assert.equal([given, seen, furthest <= 3], [50, 50, true])
})

test('tensors of one observer come together, samples in order', async () => {
  const seen: string[] = []
  const observer: Observer = {
    tensors: ['double', 'y'],
    observe: (values, sample) => void seen.push(`${sample}: ${[...values].map(([name, { data }]) => `${name} ${data[0]}`).join(', ')}`),
  }
  await observe(model, [observer], [x(1, 0), x(2, 0)], new FakeRuntime(), { memoryBytes: 1 })
  assert.equal(seen, ['0: double 2, y 3', '1: double 4, y 6'])
})

for (const [how, options] of [
  ['in one piece', {}],
  ['in groups', tight],
] as const) {
  test(`a sample with a NaN or an infinity counts nowhere, ${how}`, async () => {
    const good = [x(1, -2), x(4, 0)]
    const bad = [x(Number.NaN, 0), x(Infinity, 1), x(3e38, 0)]
    const clean = await collectStatistics(model, everything, good, new FakeRuntime(), options)
    const mixed = await collectStatistics(model, everything, [bad[0]!, good[0]!, bad[1]!, good[1]!, bad[2]!], new FakeRuntime(), options)
    assert.equal(mixed.statistics, clean.statistics)
    assert.equal([mixed.samples, mixed.dropped], [2, 3])
    assert.match(mixed.warnings[0]!, /^3 of 5 samples left out for a NaN or an infinity \(index 0, 2, 4\)/)
  })
}

test('larger inputs make smaller groups', async () => {
  const dynamic = { ...model, graph: { ...model.graph, inputs: model.graph.inputs.map((input) => ({ ...input, dims: [1, 'n'] })) } }
  const wide = { x: tensor('float32', [1, 200]) }
  const { groups, statistics } = await collectStatistics(dynamic, everything, [x(1, 2), wide, x(3, 4)], new FakeRuntime(), {
    memoryBytes: 64,
  })
  assert.equal([groups, statistics.get('y')?.count], [2, 204])
})

test('one tensor alone will do where the model has one input, and its elements where the shape is fixed', async () => {
  for (const sample of [tensor('float32', [1, 2], [1, 2]), { x: Float32Array.of(1, 2) }]) {
    const { statistics } = await collectStatistics(model, ['y'], [sample], new FakeRuntime())
    assert.is(statistics.get('y')?.max, 6)
  }
})

test('float16 counts as the numbers it stands for', async () => {
  const half = readOnnx(
    onnx({
      inputs: [{ name: 'x', type: 'float16', dims: [2] }],
      outputs: [{ name: 'y', type: 'float16', dims: [2] }],
      nodes: [{ op: 'Cast', inputs: ['x'], outputs: ['y'] }],
    }),
  )
  // 0x3c00 is 1, 0xc000 is -2.
  const { statistics } = await collectStatistics(
    half,
    ['x'],
    [{ x: tensor('float16', [2], Uint16Array.of(0x3c00, 0xc000)) }],
    new FakeRuntime(),
  )
  assert.equal([statistics.get('x')?.min, statistics.get('x')?.max], [-2, 1])
})

test('progress tells of each sample', async () => {
  const told: string[] = []
  const onProgress = (progress: object) => void told.push(JSON.stringify(progress))
  await collectStatistics(model, ['y'], [x(1, 2), x(Number.NaN, 2)], new FakeRuntime(), { onProgress })
  assert.equal(told, ['{"samples":1,"dropped":0,"total":2}', '{"samples":2,"dropped":1,"total":2}'])
})

const refused: readonly [what: string, samples: unknown, code: string, message: string][] = [
  ['no samples', [], 'TRT_ERR_INVALID_ARGUMENT', 'has no samples'],
  ['something else than samples', 7, 'TRT_ERR_INVALID_ARGUMENT', 'Expected an iterable or async iterable'],
  ['a sample that is none', [x(1, 2), 3], 'TRT_ERR_INVALID_ARGUMENT', 'Sample 1 is 3 (number)'],
  ['a wrong name', [x(1, 2), { z: x(1, 2).x }], 'TRT_ERR_NAME', 'Sample 1 has "z", which is no input'],
  ['a missing input', [{}], 'TRT_ERR_NAME', 'Sample 0 lacks "x"'],
  ['a wrong type', [{ x: tensor('int32', [1, 2]) }], 'TRT_ERR_TYPE', 'Sample 0 gives input "x" as int32'],
  ['a wrong array', [{ x: Float64Array.of(1, 2) }], 'TRT_ERR_TYPE', 'Sample 0 gives input "x" as a Float64Array'],
  [
    'a wrong shape',
    [x(1, 2), x(1, 2), { x: tensor('float32', [1, 3]) }],
    'TRT_ERR_SHAPE',
    'Sample 2 gives input "x" of [1, 3]; the model takes [1, 2]',
  ],
  ['a wrong number of elements', [{ x: Float32Array.of(1) }], 'TRT_ERR_SHAPE', 'Sample 0 gives input "x" of 1 elements'],
  ['nothing but NaN', [x(Number.NaN, 0)], 'TRT_ERR_INVALID_ARGUMENT', 'No sample is usable: 1 of 1 sample left out'],
]
for (const [what, samples, code, message] of refused) {
  test(`${what}: an error that says which sample`, async () => {
    const runtime = new FakeRuntime()
    const error = await rejection(collectStatistics(model, ['y'], samples as never, runtime))
    assert.is(error.code, code)
    assert.match(error.message, message)
    assert.is(runtime.stillOpen, 0)
  })
}

test('a tensor that the graph does not have, and a constant, cannot be observed', async () => {
  const near = await rejection(collectStatistics(model, ['dubble'], [x(1, 2)], new FakeRuntime()))
  assert.equal([near.code, /Did you mean "double"/.test(near.message)], ['TRT_ERR_NAME', true])
})

test('integers have no range', async () => {
  const integers = readOnnx(
    onnx({
      inputs: [{ name: 'i', type: 'int64', dims: [1] }],
      outputs: [{ name: 'o', type: 'int64', dims: [1] }],
      nodes: [{ op: 'Cast', inputs: ['i'], outputs: ['o'] }],
    }),
  )
  const error = await rejection(collectStatistics(integers, ['i'], [{ i: tensor('int64', [1], [1n]) }], new FakeRuntime()))
  assert.is(error.code, 'TRT_ERR_TYPE')
})

test('a signal stops it, also while the source is waited for, and tells the source', async () => {
  const controller = new AbortController()
  let ended = false
  const source = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => {}),
      return: async () => ((ended = true), { done: true as const, value: undefined }),
    }),
  }
  const running = collectStatistics(model, ['y'], source, new FakeRuntime(), { signal: controller.signal })
  controller.abort(new Error('enough'))
  const error = await rejection(running)
  assert.equal([error.code, (error.cause as Error).message, ended], ['TRT_ERR_ABORTED', 'enough', true])
})

test('what an observer throws comes out, and nothing stays open', async () => {
  const runtime = new FakeRuntime()
  const observer: Observer = {
    tensors: ['y'],
    observe() {
      throw new RangeError('mine')
    },
  }
  let caught: unknown
  await observe(model, [observer], [x(1, 2), x(3, 4)], runtime).catch((error: unknown) => (caught = error))
  assert.equal([(caught as Error).message, runtime.stillOpen], ['mine', 0])
})

test('unknown options are errors', async () => {
  const error = await rejection(collectStatistics(model, ['y'], [x(1, 2)], new FakeRuntime(), { memory: 5 } as never))
  assert.match(error.message, 'Unknown option "memory"')
})

test.run()
