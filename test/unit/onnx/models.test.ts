import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import * as models from '../../support/models.js'

/** What we use of onnxruntime-node, here an oracle: our own backend runs the same models in test/contract. */
interface OrtTensor {
  readonly type: string
  readonly dims: readonly number[]
  readonly data: ArrayLike<unknown>
}
interface Ort {
  Tensor: new (type: string, data: unknown, dims: readonly number[]) => OrtTensor
  InferenceSession: {
    create(
      model: Uint8Array | string,
      options: object,
    ): Promise<{ run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>> }>
  }
}
const ort = createRequire(import.meta.url)('onnxruntime-node') as Ort

const test = suite('onnx test models')
const options = { intraOpNumThreads: 1, logSeverityLevel: 4 }
const f32 = (dims: readonly number[], ...data: number[]) => new ort.Tensor('float32', Float32Array.from(data), dims)
const run = async (model: Uint8Array | string, feeds: Record<string, OrtTensor>) => {
  const outputs = await (await ort.InferenceSession.create(model, options)).run(feeds)
  return Object.fromEntries(Object.entries(outputs).map(([name, { dims, data }]) => [name, [[...dims], Array.from(data)]]))
}
const refusal = async (model: Uint8Array) => {
  const error = await ort.InferenceSession.create(model, options).then(
    () => null,
    (error: unknown) => error as Error,
  )
  assert.ok(error, 'ONNX Runtime took the model')
  return error.message
}

test('models of one operator give what their comments say', async () => {
  const x = f32([1, 3], 1, 2, 3)
  assert.equal(await run(models.identity('float32', [1, 3]), { x }), {
    y: [
      [1, 3],
      [1, 2, 3],
    ],
  })
  assert.equal(await run(models.add('float32', [1, 3]), { a: x, b: x }), {
    c: [
      [1, 3],
      [2, 4, 6],
    ],
  })
  assert.equal(await run(models.addConst(), { x }), {
    y: [
      [1, 3],
      [2, 3, 4],
    ],
  })
  assert.equal(await run(models.matmul(), { x: f32([1, 2], 1, 1) }), {
    y: [
      [1, 2],
      [4, 6],
    ],
  })
  assert.equal(await run(models.defaulted(), { x: f32([2], 1, 2) }), { y: [[2], [3, 4]] })
})

test('scalars, empty tensors, free shapes and ranks', async () => {
  assert.equal(await run(models.scalar(), { x: f32([], 7) }), { y: [[], [7]] })
  assert.equal(await run(models.empty(), { x: f32([0, 3]) }), { y: [[0, 3], []] })
  assert.equal(await run(models.dynamic(), { x: f32([1, 3, 2], 1, 2, 3, 4, 5, 6) }), {
    y: [
      [1, 3, 2],
      [1, 2, 3, 4, 5, 6],
    ],
  })
  assert.equal(await run(models.anyRank(), { x: f32([1, 1, 1, 1], 5) }), { y: [[1, 1, 1, 1], [5]] })
})

test('several outputs, and a shape that only the data gives', async () => {
  const expected = {
    sum: [
      [1, 2],
      [2, 3],
    ],
    twice: [
      [1, 2],
      [2, 4],
    ],
    shape: [[2], [1n, 2n]],
  }
  assert.equal(await run(models.several(), { x: f32([1, 2], 1, 2) }), expected)
  assert.equal(await run(models.nonZero(), { x: f32([4], 0, 2, 0, 3) }), {
    y: [
      [1, 2],
      [1n, 3n],
    ],
  })
})

test('branches are graphs inside of the graph', async () => {
  const which = (value: boolean) => new ort.Tensor('bool', [value], [])
  assert.equal(await run(models.branches(), { which: which(true), x: f32([2], 1, 2) }), { y: [[2], [1, 2]] })
  assert.equal(await run(models.branches(), { which: which(false), x: f32([2], 1, 2) }), { y: [[2], [-1, -2]] })
})

test('slow models give back their input, however many loops', async () => {
  const x = f32([192, 192], ...Array.from({ length: 192 ** 2 }, (_, i) => i % 97))
  const expected = { y: [[192, 192], Array.from(x.data)] }
  assert.equal(await run(models.slow(3), { x }), expected)
  assert.equal(await run(models.slow(), { x, loops: new ort.Tensor('int64', BigInt64Array.of(2n), []) }), expected)
})

test('weights in a file of their own', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'external-model-'))
  try {
    assert.equal(await run(models.writeExternal(folder), { x: f32([2], 1, 2) }), { y: [[2], [11, 22]] })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('every element type loads', async () => {
  // Its JS binding, not ONNX Runtime itself, stops at bfloat16: it says so after the session has been made.
  for (const type of [...models.identityTypes, 'string'] as const) {
    const error = await ort.InferenceSession.create(models.identity(type), options).then(
      () => null,
      (error: unknown) => error as Error,
    )
    assert.is(error?.message ?? null, type === 'bfloat16' ? 'Unsupported data type: 16' : null, type)
  }
})

test('wrong models are wrong in the way their names say', async () => {
  assert.match(await refusal(models.unknownOperator()), 'Frobnicate')
  assert.match(await refusal(models.cycle()), 'not acyclic')
  assert.match(await refusal(models.missingInitializer()), "'weights'")
})

test.run()
