import * as assert from 'uvu/assert'
import { type BuildOptions, type Engine, type Inputs, type Session, type SessionOptions, tensor } from '../../../lib/index.js'
import { buildOn, type DeviceBackend, echoOn } from '../../support/device.js'
import { matmul, nonZero } from '../../support/models.js'
import { model } from '../../support/onnx.js'
import { simulator } from '../../support/simulator.js'
import type { Cases } from './cases.js'

const two = tensor('float32', [2, 4], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8))
const runs = 8

/** y = x in the shape that `shape` says. */
function reshape(): Uint8Array {
  return model({
    inputs: [
      { name: 'x', type: 'float32', dims: ['N', 4] },
      { name: 'shape', type: 'int64', dims: [2] },
    ],
    outputs: [{ name: 'y', type: 'float32', dims: ['A', 'B'] }],
    nodes: [{ op: 'Reshape', inputs: ['x', 'shape'], outputs: ['y'] }],
  })
}

interface Case {
  readonly build: (backend: DeviceBackend) => Promise<Engine>
  readonly session?: SessionOptions
  readonly inputs: Inputs
  readonly answer: readonly unknown[]
}

const x = (min: readonly number[], max: readonly number[]): BuildOptions => ({ shapes: { x: { min, opt: min, max } } })
const weights = { allowWeightStreaming: true, weightStreamingBudget: '50%' }

/** By the reason that the statistics must give for each run but those that warm up. */
const cases: Readonly<Record<string, Case>> = {
  disabled: { build: echoOn, session: { cudaGraph: false }, inputs: { x: two }, answer: [...two.data] },
  timings: { build: echoOn, session: { timings: true }, inputs: { x: two }, answer: [...two.data] },
  hostTensors: {
    build: (backend) =>
      buildOn(backend, reshape(), { shapes: { ...x([1, 4], [8, 4]).shapes, shape: { min: [1, 1], opt: [4, 2], max: [32, 32] } } }),
    inputs: { x: two, shape: BigInt64Array.of(4n, 2n) },
    answer: [...two.data],
  },
  dynamicOutputs: {
    build: (backend) => buildOn(backend, nonZero(), x([1], [64])),
    inputs: { x: Float32Array.of(0, 5, 0, 7) },
    answer: [1n, 3n],
  },
  weightStreaming: {
    build: (backend) => buildOn(backend, matmul(), { ...x([1, 2], [8, 2]), tensorrt: weights }),
    inputs: { x: Float32Array.of(1, 1, 0, 2) },
    answer: [4, 6, 6, 8],
  },
}

async function repeat(session: Session, { inputs, answer }: Pick<Case, 'inputs' | 'answer'>): Promise<void> {
  for (let i = 0; i < runs; i++) assert.equal([...(await session.run(inputs))['y']!.data], answer)
}

export const graphReasonCases: Cases = [
  ...Object.entries(cases).map(
    ([reason, each]) =>
      [
        `no graph: ${reason} is the reason in the statistics, and answers are right`,
        async (backend: DeviceBackend) => {
          await using engine = await each.build(backend)
          await using session = await engine.createSession({ slots: 1, ...each.session })
          await repeat(session, each)
          const { fallbacks, whole, failure } = session.stats().graphs!
          assert.equal([Object.keys(fallbacks), whole, failure], [[reason], 0, null])
          // The first run of a shape warms up, and has no reason; switched off there is nothing to warm. Times are lacked by the first
          // run that could have had a graph, only.
          const told = fallbacks[reason as keyof typeof fallbacks]!
          assert.ok(reason === 'disabled' ? told === runs : told >= 1 && told <= runs - 1, `${told} of ${runs} runs`)
        },
      ] as const,
  ),
  [
    'no graph: a capture that fails is told with what CUDA said',
    async (backend) => {
      await using engine = await echoOn(backend)
      await using session = await engine.createSession({ slots: 1 })
      simulator.fail('cudaStreamBeginCapture', -1, 900)
      await repeat(session, { inputs: { x: two }, answer: [...two.data] })
      simulator.clearFaults()
      const { fallbacks, plain, captured, failure } = session.stats().graphs!
      assert.equal([Object.keys(fallbacks), plain, captured], [['captureFailed'], runs, 0])
      assert.match(failure ?? '', /^cudaStreamBeginCapture failed: .*900/)
    },
  ],

  [
    'no graph: more shapes in use than graphs may be kept',
    async (backend) => {
      await using engine = await echoOn(backend)
      await using session = await engine.createSession({ slots: 1, graphCapacity: 1 })
      const one = tensor('float32', [1, 4], Float32Array.of(1, 2, 3, 4))
      for (let i = 0; i < runs; i++) {
        for (const given of [two, one]) assert.equal((await session.run({ x: given }))['y']!.data, given.data)
      }
      const { fallbacks, kept } = session.stats().graphs!
      assert.equal([Object.keys(fallbacks), kept], [['capacity'], 1])
    },
  ],

  [
    'graphs: the statistics tell launches, captures and what is kept, also after the session was closed',
    async (backend) => {
      await using engine = await echoOn(backend)
      const session = await engine.createSession({ slots: 1 })
      await repeat(session, { inputs: { x: two }, answer: [...two.data] })
      const expected = {
        whole: runs - 2,
        compute: 0,
        plain: 2,
        padded: 0,
        paddedRows: 0,
        captured: 1,
        kept: 1,
        fallbacks: {},
        failure: null,
      }
      assert.equal(session.stats().graphs, expected)
      await session.close()
      assert.equal(session.stats().graphs, expected)
    },
  ],
]

/** Only TensorRT-RTX 1.5 and later answer that. */
export const notCapturableCases: Cases = [
  [
    'no graph: the library says that the stream is not capturable',
    async (backend) => {
      await using engine = await echoOn(backend)
      await using session = await engine.createSession({ slots: 1 })
      simulator.set('capturable', false)
      await repeat(session, { inputs: { x: two }, answer: [...two.data] })
      simulator.set('capturable', true)
      const { fallbacks, plain } = session.stats().graphs!
      assert.equal([fallbacks, plain], [{ notCapturable: runs - 1 }, runs])
    },
  ],
]
