import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { type BuildOptions, type Engine, type Session, type SessionOptions, tensor } from '../../../lib/index.js'
import { buildOn, type DeviceBackend, echoOn, pairsOn } from '../../support/device.js'
import { matmul } from '../../support/models.js'
import { model } from '../../support/onnx.js'
import { simulator } from '../../support/simulator.js'
import type { Cases } from './cases.js'

const float32 = 'float32' as const

/** 4 numbers a row, none of them 0 and none twice; other ones for each `seed`. */
const rows = (count: number, seed = 1) =>
  tensor(
    float32,
    [count, 4],
    Float32Array.from({ length: count * 4 }, (_, i) => seed * 1000 + i + 1),
  )

/** Until each slot has its graph of these shapes. */
async function warm(session: Session, run: () => Promise<unknown>): Promise<void> {
  for (let last = -1; last !== session.stats().graphs!.captured; ) {
    last = session.stats().graphs!.captured
    for (let i = 0; i < 9; i++) await run()
  }
  simulator.resetCounters()
}

const echo = async (session: Session, count: number, seed = 1) => {
  const x = rows(count, seed)
  const { y } = await session.run({ x })
  assert.equal([y!.shape, y!.data], [[count, 4], x.data])
}

const calls = (name: string) => simulator.calls()[name] ?? 0
const padded = (session: Session) => [session.stats().graphs!.padded, session.stats().graphs!.paddedRows]

interface Opened {
  engine: Engine
  session: Session
}

async function opened(engine: Promise<Engine>, options: SessionOptions = {}): Promise<Opened> {
  const made = await engine
  return { engine: made, session: await made.createSession({ padToGraph: true, ...options }) }
}

async function close({ engine, session }: Opened): Promise<void> {
  await session.close()
  await engine.close()
}

const unlike: readonly (readonly [why: string, bytes: Uint8Array, options: BuildOptions, seen: number[], asked: number[]])[] = [
  [
    'another dimension differs',
    model({
      inputs: [{ name: 'x', type: float32, dims: ['N', 'W'] }],
      outputs: [{ name: 'y', type: float32, dims: ['N', 'W'] }],
      nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
    }),
    { shapes: { x: { min: [1, 1], opt: [1, 1], max: [8, 8] } } },
    [8, 4],
    [3, 5],
  ],
  [
    'another profile serves it',
    model({
      inputs: [{ name: 'x', type: float32, dims: ['N', 2] }],
      outputs: [{ name: 'y', type: float32, dims: ['N', 2] }],
      nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
    }),
    { profiles: [{ x: { min: [1, 2], opt: [1, 2], max: [4, 2] } }, { x: { min: [8, 2], opt: [8, 2], max: [16, 2] } }] },
    [16, 2],
    [2, 2],
  ],
  [
    'an output has no rows',
    model({
      inputs: [{ name: 'x', type: float32, dims: ['N', 2] }],
      outputs: [{ name: 'y', type: float32, dims: ['M'] }],
      nodes: [{ op: 'Reshape', inputs: ['x', 'flat'], outputs: ['y'] }],
      initializers: [{ name: 'flat', type: 'int64', dims: [1], data: BigInt64Array.of(-1n) }],
    }),
    { shapes: { x: { min: [1, 2], opt: [1, 2], max: [8, 2] } } },
    [8, 2],
    [3, 2],
  ],
]
export const paddingCases: Cases = [
  [
    'padding: a batch without a graph is one launch of the next larger that has one',
    async (backend) => {
      const both = await opened(buildOn(backend, matmul(), { shapes: { x: { min: [1, 2], opt: [1, 2], max: [16, 2] } } }))
      const { session } = both
      const run = (x: Float32Array) => session.run({ x })
      for (const count of [4, 8]) await warm(session, () => run(new Float32Array(count * 2).fill(7)))
      assert.equal([...(await run(Float32Array.of(1, 1, 0, 2, 1, 0)))['y']!.data], [4, 6, 6, 8, 1, 2])
      assert.equal([calls('cudaGraphLaunch'), calls('IExecutionContext::enqueueV3')], [1, 0])
      assert.equal(padded(session), [1, 1])
      await run(new Float32Array(10))
      assert.equal(padded(session), [2, 1 + 3])
      await close(both)
    },
  ],

  [
    'padding: a batch that has a graph is not padded, nor one larger than all that have',
    async (backend) => {
      const both = await opened(echoOn(backend))
      const { session } = both
      for (const count of [4, 8]) await warm(session, () => echo(session, count))
      await echo(session, 4)
      assert.is(calls('IExecutionContext::enqueueV3'), 0)
      await echo(session, 9)
      assert.is(calls('IExecutionContext::enqueueV3'), 1)
      assert.equal(padded(session), [0, 0])
      await close(both)
    },
  ],

  [
    'padding: nothing is padded unless it was asked for',
    async (backend) => {
      await using engine = await echoOn(backend)
      await using session = await engine.createSession()
      await warm(session, () => echo(session, 8))
      await echo(session, 3)
      assert.is(calls('IExecutionContext::enqueueV3'), 1)
      assert.equal(padded(session), [0, 0])
    },
  ],

  [
    'padding: the rows that are added are zeros, whatever ran before',
    async (backend) => {
      const value = (name: string) => ({ name, type: float32, dims: ['N', 1] })
      const nodes = [{ op: 'Softmax', inputs: ['x'], outputs: ['y'], attributes: { axis: 0 } }]
      const bytes = model({ opset: 13, inputs: [value('x')], outputs: [value('y')], nodes })
      const both = await opened(buildOn(backend, bytes, { shapes: { x: { min: [1, 1], opt: [1, 1], max: [8, 1] } } }))
      const { session } = both
      await warm(session, () => session.run({ x: Float32Array.of(50, 60, 70, 80) }))
      // Softmax over the rows sees those that were added: 1 / 4 each, if all of them are 0.
      assert.equal([...(await session.run({ x: Float32Array.of(0) }))['y']!.data], [0.25])
      assert.equal(padded(session), [1, 3])
      await close(both)
    },
  ],

  [
    'padding: page-locked memory is read, and written no further than it was given',
    async (backend) => {
      const both = await opened(echoOn(backend))
      const { session } = both
      await warm(session, () => echo(session, 8))
      const [x, y] = [session.alloc('x', [3, 4]), session.alloc('y', [8, 4])]
      x.data.set(rows(3).data)
      y.data.fill(-1)
      await session.run({ x }, { into: { y: tensor(float32, [3, 4], y.data.subarray(0, 12) as Float32Array) } })
      assert.equal([...y.data], [...rows(3).data, ...new Array<number>(20).fill(-1)])
      assert.equal(padded(session), [1, 5])
      await close(both)
    },
  ],

  [
    'padding: graphs that copy to page-locked memory do not write there for fewer rows',
    async (backend) => {
      const both = await opened(echoOn(backend), { slots: 1 })
      const { session } = both
      const y = session.alloc('y', [8, 4])
      await warm(session, () => session.run({ x: rows(8) }, { into: { y } }))
      y.data.fill(-1)
      await session.run({ x: rows(3) }, { into: { y: tensor(float32, [3, 4], y.data.subarray(0, 12) as Float32Array) } })
      assert.equal([...y.data], [...rows(3).data, ...new Array<number>(20).fill(-1)])
      await close(both)
    },
  ],

  [
    'padding: large outputs are not copied on the host',
    async (backend) => {
      const wide = 4096
      const bytes = model({
        inputs: [{ name: 'x', type: float32, dims: ['N', 1] }],
        outputs: [{ name: 'y', type: float32, dims: ['N', wide] }],
        nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
        initializers: [{ name: 'w', type: float32, dims: [1, wide], data: new Float32Array(wide).fill(3) }],
      })
      const both = await opened(buildOn(backend, bytes, { shapes: { x: { min: [1, 1], opt: [1, 1], max: [8, 1] } } }), { slots: 1 })
      const { session } = both
      await warm(session, () => session.run({ x: new Float32Array(8).fill(1) }))
      const before = session.stats()
      const { y } = await session.run({ x: Float32Array.of(2, 5) })
      assert.equal([y!.shape, y!.data[0], y!.data[wide - 1], y!.data[wide], y!.data.at(-1)], [[2, wide], 6, 6, 15, 15])
      assert.equal([padded(session)[0], session.stats().copies - before.copies], [1, 1])
      await close(both)
    },
  ],

  [
    'padding: several inputs, and some of the outputs',
    async (backend) => {
      const both = await opened(pairsOn(backend))
      const { session } = both
      const run = (count: number, outputs: readonly string[]) =>
        session.run({ a: new Float32Array(count * 2).fill(1), b: Float32Array.from({ length: count * 2 }, (_, i) => i) }, { outputs })
      for (const outputs of [['c', 'd'], ['d']] as const) {
        await warm(session, () => run(6, outputs))
        const { c, d } = await run(2, outputs)
        assert.equal([...d!.data], [0, 1, 2, 3])
        assert.equal(c?.data, outputs.length === 2 ? new Float32Array(4).fill(1) : undefined)
      }
      assert.equal(padded(session), [2, 8])
      await close(both)
    },
  ],

  ...unlike.map(
    ([why, bytes, options, seen, asked]) =>
      [
        `padding: no batch is padded where ${why}`,
        async (backend: DeviceBackend) => {
          const both = await opened(buildOn(backend, bytes, options))
          const { session } = both
          const of = (shape: readonly number[]) =>
            tensor(
              float32,
              shape,
              Float32Array.from({ length: shape[0]! * shape[1]! }, (_, i) => i),
            )
          await warm(session, () => session.run({ x: of(seen) }))
          assert.equal((await session.run({ x: of(asked) }))['y']!.data, of(asked).data)
          assert.equal([calls('IExecutionContext::enqueueV3'), ...padded(session)], [1, 0, 0])
          await close(both)
        },
      ] as const,
  ),
  [
    'padding: whatever sizes come, together or one by one, each gets its own rows',
    async (backend) => {
      const both = await opened(echoOn(backend), { lanes: 2 })
      const { session } = both
      const burst = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 })
      const property = fc.asyncProperty(fc.array(burst, { maxLength: 6 }), async (bursts) => {
        for (const burstOf of bursts) await Promise.all(burstOf.map((count, i) => echo(session, count, i + 1)))
      })
      await fc.assert(property, { numRuns: 40 })
      assert.ok(padded(session)[0]! > 0)
      await close(both)
    },
  ],
]
