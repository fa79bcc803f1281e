import * as assert from 'uvu/assert'
import type { Verdict } from '../../../../lib/onnx/int8/judge.js'
import { climb, firstRung, int8On } from '../../../../lib/onnx/int8/ladder.js'
import type { Layer } from '../../../../lib/onnx/int8/layers.js'
import { GraphIndex } from '../../../../lib/onnx/graph/graph-index.js'
import { layersOf } from '../../../../lib/onnx/int8/layers.js'
import { floatGraph, floats, node } from '../../../support/float-models.js'
import { suite } from '../../../support/suite.js'

const test = suite('the ladder of float layers')

/** Products one after the other, l1 to l`count`. */
function chain(count: number): readonly Layer[] {
  const nodes = Array.from({ length: count }, (_, i) => node(`MatMul: l${i} w -> l${i + 1}`))
  const graph = floatGraph({ inputs: [], outputs: [], nodes, weights: [floats('w', [1, 1], [1])] })
  return layersOf(graph, new GraphIndex(graph)).layers
}

const verdict = (error: number): Verdict => ({ error, outputs: [], metric: null })
const facts = new Map(Array.from({ length: 41 }, (_, i) => [`l${i}`, { type: 'float32' as const, dims: [1], size: 1 }]))

async function climbed(errorOf: (int8: ReadonlySet<string>) => number, target: number) {
  return climb({
    layers: chain(40),
    always: 2,
    facts,
    from: firstRung,
    isGoodEnough: ({ error }) => error <= target,
    evaluate: async (int8) => verdict(errorOf(int8)),
    onTried: () => {},
  })
}

test('leaves the first and the last layer float to begin with', () => {
  assert.equal([...int8On(chain(4), firstRung)], ['l2', 'l3'])
})

test('stops on the first rung where that is good enough', async () => {
  const tried = await climbed(() => 0.01, 0.02)
  assert.equal([tried.length, tried[0]?.float], [1, 4])
})

test('lengthens the beginning where that is what takes noise away', async () => {
  const tried = await climbed((int8) => (int8.has('l5') ? 0.1 : 0.01) - int8.size / -1000, 0.06)
  const last = tried.at(-1)
  assert.equal([last?.prefix, last?.suffix], [5, 1])
})

test('lengthens the end where a longer beginning does nothing', async () => {
  const tried = await climbed((int8) => (int8.has('l39') ? 0.1 : 0.01), 0.02)
  assert.is(tried.at(-1)?.suffix, 2)
})

test('gives up with a fifth of the work left in int8', async () => {
  const tried = await climbed(() => 1, 0.02)
  assert.ok(tried.every(({ int8 }) => int8.size >= 8))
})

test.run()
