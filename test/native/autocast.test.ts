// @timeout 300
import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { Tensor } from '../../lib/core/tensor.js'
import { cpuRuntime } from '../../lib/engine/precision/runtime.js'
import { autocast } from '../../lib/onnx/float16/autocast.js'
import type { OnnxModel, OnnxNode } from '../../lib/onnx/graph/types.js'
import { writeOnnx } from '../../lib/onnx/graph/write.js'
import { floatGraph, floatModel, floats, integers, node } from '../support/float-models.js'
import { suite } from '../support/suite.js'

/** ONNX Runtime without rewriting is the type checker: it refuses a graph in which two types meet. */
const test = suite('autocast on ONNX Runtime')
const runtime = cpuRuntime()
const dims = [2, 3, 4]
const weights = [
  floats('c', [4], [0.5, -1.25, 2, 0.1]),
  floats('s', [], [1.5]),
  floats('big', [1], [1e6]),
  floats('low', [], [-2]),
  floats('high', [], [2]),
  floats('scales', [3], [1, 1, 1]),
  integers('axes', [1], [-1]),
  integers('shape', [3], dims),
  integers('k', [1], [4]),
  integers('flat', [2], [6, 4]),
]

/** Each makes a float32 [2, 3, 4] named `to` out of two others. */
const makers: readonly ((a: string, b: string, to: string) => OnnxNode[])[] = [
  (a, b, to) => [node(`Add: ${a} ${b} -> ${to}`)],
  (a, _, to) => [node(`Mul: ${a} c -> ${to}`)],
  (a, _, to) => [node(`Div: ${a} big -> ${to}`)],
  (a, _, to) => [node(`Celu: ${a} -> ${to}`)],
  (a, _, to) => [node(`Sigmoid: ${a} -> ${to}`)],
  (a, _, to) => [node(`Clip: ${a} low high -> ${to}`)],
  (a, _, to) => [node(`Softmax: ${a} -> ${to}`)],
  (a, _, to) => [node(`Identity: ${a} -> ${to}`)],
  (a, _, to) => [node(`LayerNormalization: ${a} c -> ${to} ${to}_mean`)],
  (a, b, to) => [node(`ReduceMean: ${a} -> ${to}_m`, { axes: [-1n] }), node(`Sub: ${b} ${to}_m -> ${to}`)],
  (a, b, to) => [node(`Greater: ${a} ${b} -> ${to}_g`), node(`Where: ${to}_g ${a} s -> ${to}`)],
  (a, _, to) => [node(`Cast: ${a} -> ${to}_i`, { to: 7n }), node(`Cast: ${to}_i -> ${to}`, { to: 1n })],
  (a, _, to) => [node(`Cast: ${a} -> ${to}_h`, { to: 10n }), node(`Cast: ${to}_h -> ${to}`, { to: 1n })],
  (a, _, to) => [node(`Resize: ${a} _ scales -> ${to}`, { mode: 'nearest' })],
  (a, b, to) => [node(`Concat: ${a} ${b} -> ${to}_c`, { axis: 0n }), node(`Split: ${to}_c -> ${to} ${to}_other`, { axis: 0n })],
  (a, _, to) => [node(`TopK: ${a} k -> ${to} ${to}_i`)],
  (a, _, to) => [
    node(`Shape: ${a} -> ${to}_s`),
    node(`Cast: ${to}_s -> ${to}_f`, { to: 1n }),
    node(`Cast: ${to}_f -> ${to}_j`, { to: 7n }),
    node(`Expand: s ${to}_j -> ${to}`),
  ],
  (a, b, to) => [
    node(`Reshape: ${a} flat -> ${to}_a`),
    node(`Gemm: ${to}_a ${to}_a -> ${to}_g`, { transA: 1n }),
    node(`MatMul: ${b} ${to}_g -> ${to}`),
  ],
  (a, _, to) => [
    node(`DynamicQuantizeLinear: ${a} -> ${to}_q ${to}_qs ${to}_z`),
    node(`DequantizeLinear: ${to}_q ${to}_qs ${to}_z -> ${to}`),
  ],
  (a, b, to) => [
    { ...node(`FusedMatMul: ${a} ${b} -> ${to}_f`, { transB: 1n }), domain: 'com.microsoft' },
    node(`MatMul: ${to}_f ${b} -> ${to}`),
  ],
  (a, b, to) => [node(`ReduceMax: ${a} -> ${to}_m`, { keepdims: 0n }), node(`Greater: ${to}_m s -> ${to}_w`), branching(a, b, to)],
  (a, b, to) => [looping(a, b, to)],
]

function branching(a: string, b: string, to: string): OnnxNode {
  const branch = (nodes: OnnxNode[], out: string) => floatGraph({ inputs: [], outputs: [[out, 'float32', dims]], nodes })
  return node(`If: ${to}_w -> ${to}`, {
    then_branch: branch([node(`Mul: ${a} c -> inner`), node(`Celu: inner -> ${to}_then`)], `${to}_then`),
    else_branch: branch([node(`Sub: ${b} ${a} -> ${to}_else`)], `${to}_else`),
  })
}

function looping(a: string, b: string, to: string): OnnxNode {
  const body = floatGraph({
    inputs: [
      ['i', 'int64', []],
      ['go', 'bool', []],
      ['carried', 'float32', dims],
    ],
    outputs: [
      ['on', 'bool', []],
      ['next', 'float32', dims],
    ],
    nodes: [node('Identity: go -> on'), node(`Mul: ${b} s -> scaled`), node('Add: carried scaled -> sum'), node('Tanh: sum -> next')],
  })
  return node(`Loop: trips _ ${a} -> ${to}`, { body })
}

interface Spec {
  readonly steps: readonly { maker: number; a: number; b: number; wide: boolean; excluded: boolean }[]
  readonly outputs: readonly number[]
  readonly keepIOTypes: boolean
}

const step = fc.record({ maker: fc.nat(makers.length - 1), a: fc.nat(), b: fc.nat(), wide: fc.boolean(), excluded: fc.boolean() })
const spec: fc.Arbitrary<Spec> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
  outputs: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  keepIOTypes: fc.boolean(),
})

function build({ steps, outputs }: Spec): { model: OnnxModel; names: string[] } {
  const names = ['x', 'y']
  const nodes: OnnxNode[] = []
  for (const { maker, a, b } of steps) {
    const to = `v${names.length}`
    nodes.push(...makers[maker]!(names[a % names.length]!, names[b % names.length]!, to))
    names.push(to)
  }
  const made = names.slice(2)
  const chosen = [...new Set([made.at(-1)!, ...outputs.map((i) => made[i % made.length]!)])]
  const model = floatModel({
    inputs: [
      ['x', 'float32', dims],
      ['y', 'float32', dims],
    ],
    outputs: chosen.map((name) => [name, 'float32', dims]),
    nodes,
    weights: [...weights, integers('trips', [], [2])],
  })
  model.opsets.set('com.microsoft', 1)
  return { model, names }
}

const input = (low: boolean, shift: number) => {
  const values = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i + shift))
  return low ? new Tensor('float16', dims, new Uint16Array(24)) : new Tensor('float32', dims, values)
}

test('types stay consistent on random graphs, with islands anywhere, and outputs keep name and type', async () => {
  await fc.assert(
    fc.asyncProperty(spec, async (given) => {
      const { model, names } = build(given)
      const made = given.steps.map((each, i) => ({ ...each, name: names[i + 2]! }))
      const ranges = new Map(made.filter(({ wide }) => wide).map(({ name }) => [name, { min: -1000, max: 1 }]))
      const exclude = made.filter(({ excluded }) => excluded).map(({ name }) => name)
      const cast = autocast(model, { type: 'float16', keepIOTypes: given.keepIOTypes, ranges, exclude })
      const opened = await runtime.open(writeOnnx(cast.model), { optimize: 'none' })
      const outputs = await opened.run({ x: input(!given.keepIOTypes, 0), y: input(!given.keepIOTypes, 1) })
      await opened.close()
      assert.equal(
        Object.keys(outputs),
        model.graph.outputs.map(({ name }) => name),
      )
      for (const { type } of Object.values(outputs)) assert.is(type, given.keepIOTypes ? 'float32' : 'float16')
      assert.ok(
        Object.values(outputs).every(({ data }) => given.keepIOTypes === false || data.every((value) => Number.isFinite(Number(value)))),
      )
    }),
    { numRuns: 150 },
  )
})

test('float16 follows float32 to its own precision', async () => {
  const steps = [0, 1, 4, 6, 9, 17].map((maker, i) => ({ maker, a: i, b: i + 1, wide: false, excluded: false }))
  const { model } = build({ steps, outputs: [], keepIOTypes: true })
  const run = async (each: OnnxModel) => {
    const opened = await runtime.open(writeOnnx(each))
    const outputs = await opened.run({ x: input(false, 0), y: input(false, 1) })
    await opened.close()
    return Object.values(outputs)[0]!.data as Float32Array
  }
  const [exact, low] = [await run(model), await run(autocast(model, { type: 'float16' }).model)]
  const scale = Math.max(...exact.map(Math.abs))
  const error = Math.max(...exact.map((value, i) => Math.abs(value - low[i]!)))
  assert.ok(error > 0 && error < scale / 200, `${error} of ${scale}`)
})

test.run()
