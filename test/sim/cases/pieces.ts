import * as assert from 'uvu/assert'
import type { Session } from '../../../lib/index.js'
import { buildOn, type DeviceBackend } from '../../support/device.js'
import { rejection } from '../../support/failure.js'
import { model } from '../../support/onnx.js'
import type { SimEvent } from '../../support/sim.js'
import { simulator, until } from '../../support/simulator.js'
import type { Cases } from './cases.js'

const MiB = 2 ** 20
const piece = 2 * MiB
const ring = 4
const float32 = 'float32' as const
/** Elements of a row: a mebibyte. */
const wide = MiB / 4

/** sum = a · 1, a [N, 262144]: a small answer to a large input; and b = b, [N, 1]. */
function sums(): Uint8Array {
  return model({
    inputs: [
      { name: 'a', type: float32, dims: ['N', wide] },
      { name: 'b', type: float32, dims: ['N', 1] },
    ],
    outputs: [
      { name: 'sum', type: float32, dims: ['N', 1] },
      { name: 'same', type: float32, dims: ['N', 1] },
    ],
    nodes: [
      { op: 'MatMul', inputs: ['a', 'ones'], outputs: ['sum'] },
      { op: 'Identity', inputs: ['b'], outputs: ['same'] },
    ],
    initializers: [{ name: 'ones', type: float32, dims: [wide, 1], data: new Float32Array(wide).fill(1) }],
  })
}

/** Row i is i + 1 in its first and last element, else 0. */
function inputs(rows: number): { a: Float32Array; b: Float32Array } {
  const a = new Float32Array(rows * wide)
  for (let i = 0; i < rows; i++) a[i * wide] = a[(i + 1) * wide - 1] = i + 1
  return { a, b: Float32Array.from({ length: rows }, (_, i) => -i) }
}

async function check(session: Session, rows: number, given: ReturnType<typeof inputs> = inputs(rows)): Promise<void> {
  const { sum, same } = await session.run(given)
  assert.equal(
    [...sum!.data],
    Array.from({ length: rows }, (_, i) => 2 * (i + 1)),
  )
  assert.equal(same!.data, given.b)
}

const indexOf = (events: readonly SimEvent[], what: SimEvent['what'], operation: number) =>
  events.findIndex((event) => event.what === what && event.operation === operation)
const copiesIn = (what: SimEvent['what']) => simulator.events().filter((event) => event.what === what && event.unit === 'copyIn')

const open = async (backend: DeviceBackend, options: Parameters<Awaited<ReturnType<typeof buildOn>>['createSession']>[0] = {}) => {
  const shapes = {
    a: { min: [1, wide], opt: [1, wide], max: [16, wide] },
    b: { min: [1, 1], opt: [1, 1], max: [16, 1] },
  }
  const engine = await buildOn(backend, sums(), { shapes })
  return { engine, session: await engine.createSession({ slots: 1, ...options }) }
}
const close = async ({ engine, session }: Awaited<ReturnType<typeof open>>) => {
  await session.close()
  await engine.close()
}

const faults: readonly (readonly [call: string, nth: number, code: number, told: string])[] = [
  ['cudaMemcpyAsync', 3, 1, 'TRT_ERR_DEVICE'],
  ['cudaEventSynchronize', 1, 1, 'TRT_ERR_DEVICE'],
  ['cudaEventCreateWithFlags', 2, 2, 'TRT_ERR_OUT_OF_MEMORY'],
]
export const pieceCases: Cases = [
  // First: no other session has left memory for pieces to the pool.
  [
    'large inputs: no memory for pieces is an error of the run, and the next one is right',
    async (backend) => {
      const both = await open(backend)
      await check(both.session, 1)
      simulator.fail('cudaHostAlloc', 1, 2)
      assert.is((await rejection(both.session.run(inputs(12)))).code, 'TRT_ERR_OUT_OF_MEMORY')
      simulator.clearFaults()
      await check(both.session, 12)
      await close(both)
    },
  ],

  [
    'large inputs: the host copies pieces while the device still takes the first, and no more than there is memory for',
    async (backend) => {
      const both = await open(backend)
      simulator.record(true)
      simulator.resetCounters()
      simulator.hold('copyIn')
      const run = check(both.session, 12)
      try {
        await until('as many pieces are on their way as there is memory for', () => copiesIn('call').length === ring)
      } finally {
        simulator.hold()
      }
      await run
      const events = simulator.events()
      const pieces = copiesIn('call')
      simulator.record(false)
      assert.equal(
        pieces.map(({ bytes }) => bytes),
        [piece, piece, piece, piece, piece, piece, 12 * 4],
      )
      const [first] = pieces
      for (const { operation } of pieces.slice(1, ring)) {
        assert.ok(indexOf(events, 'call', operation) < indexOf(events, 'end', first!.operation), `piece ${operation} waited for the first`)
      }
      for (let i = ring; i < pieces.length; i++) {
        const freed = indexOf(events, 'end', pieces[i - ring]!.operation)
        assert.ok(freed < indexOf(events, 'call', pieces[i]!.operation), `piece ${i} did not wait for its memory`)
      }
      await close(both)
    },
  ],

  [
    'large inputs: page-locked memory does not grow with them, and answers are right again and again',
    async (backend) => {
      const both = await open(backend, { lanes: 2 })
      await check(both.session, 1)
      const before = simulator.live()['pinnedBytes']!
      for (const rows of [12, 16, 16, 5, 12, 3, 16]) await Promise.all([check(both.session, rows), check(both.session, 1)])
      const grown = simulator.live()['pinnedBytes']! - before
      // For each lane the pieces, and what inputs of up to two pieces are staged in.
      assert.ok(grown <= 2 * (ring + 2.5) * piece, `${grown} bytes`)
      await close(both)
    },
  ],

  [
    'large inputs: from one byte more than two pieces',
    async (backend) => {
      const both = await open(backend, { cudaGraph: false })
      const copies = async (rows: number) => {
        simulator.resetCounters()
        simulator.record(true)
        await check(both.session, rows)
        const sizes = copiesIn('call').map(({ bytes }) => bytes)
        simulator.record(false)
        return sizes
      }
      assert.equal(await copies(3), [3 * MiB + 3 * 4])
      assert.equal(await copies(4), [piece, piece, 16]) // b is what goes beyond it
      await close(both)
    },
  ],

  [
    'large inputs: what is page-locked is taken as it is, beside pieces of what is not',
    async (backend) => {
      const both = await open(backend)
      const { session } = both
      const given = inputs(8)
      const a = session.alloc('a', [8, wide])
      a.data.set(given.a)
      const b = session.alloc('b', [8, 1])
      b.data.set(given.b)
      for (let i = 0; i < 4; i++) {
        assert.is((await session.run({ a: given.a, b }))['sum']!.data[7], 16)
        assert.is((await session.run({ a, b: given.b }))['sum']!.data[7], 16)
      }
      assert.is(session.stats().copies, 8 + 8 * 4) // an input of each run, and two small outputs, which the addon copies again
      await close(both)
    },
  ],

  [
    'large inputs: their computing becomes a graph, their copies do not',
    async (backend) => {
      const both = await open(backend)
      for (let i = 0; i < 6; i++) await check(both.session, 8)
      const { compute, whole, plain } = both.session.stats().graphs!
      assert.equal({ compute, whole, plain }, { compute: 4, whole: 0, plain: 2 })
      await close(both)
    },
  ],

  [
    'large inputs: they are padded, too',
    async (backend) => {
      const both = await open(backend, { padToGraph: true })
      for (let i = 0; i < 6; i++) await check(both.session, 8)
      await check(both.session, 5)
      assert.equal([both.session.stats().graphs!.padded, both.session.stats().graphs!.paddedRows], [1, 3])
      await close(both)
    },
  ],

  [
    'large inputs: stages are timed on the device',
    async (backend) => {
      const both = await open(backend, { timings: true })
      for (let i = 0; i < 3; i++) await check(both.session, 8)
      assert.ok(both.session.stats().copyIn.p50 > 0)
      await close(both)
    },
  ],

  ...faults.map(
    ([call, nth, code, told]) =>
      [
        `large inputs: ${call} fails among the pieces: the run is told so, and the next one is right`,
        async (backend: DeviceBackend) => {
          const both = await open(backend)
          simulator.fail(call, nth, code)
          const error = await rejection(both.session.run(inputs(12)))
          simulator.clearFaults()
          assert.is(error.code, told)
          await check(both.session, 12)
          await close(both)
        },
      ] as const,
  ),
]
