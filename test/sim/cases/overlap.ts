import * as assert from 'uvu/assert'
import { type Session, type SessionOptions, tensor } from '../../../lib/index.js'
import { type DeviceBackend, echoOn } from '../../support/device.js'
import type { SimEvent } from '../../support/sim.js'
import { simulator, until } from '../../support/simulator.js'
import type { Cases } from './cases.js'

const row = (i: number) => tensor('float32', [1, 4], Float32Array.of(i, i + 0.25, i + 0.5, i + 0.75))

const happened = (what: SimEvent['what'], unit: SimEvent['unit']) =>
  simulator.events().filter((event) => event.what === what && event.unit === unit)
const count = (what: SimEvent['what'], unit: SimEvent['unit']) => happened(what, unit).length

/** Where in the order of all events the nth of this kind happened. */
function position(what: SimEvent['what'], unit: SimEvent['unit'], nth: number): number {
  const places = simulator.events().flatMap((event, at) => (event.what === what && event.unit === unit ? [at] : []))
  return places[nth] ?? Number.NaN
}

async function answers(session: Session, runs: number): Promise<void> {
  const outputs = await Promise.all(Array.from({ length: runs }, (_, i) => session.run({ x: row(i) })))
  assert.equal(
    outputs.map(({ y }) => y!.data),
    Array.from({ length: runs }, (_, i) => row(i).data),
  )
}

const ways: Readonly<Record<string, SessionOptions>> = { 'as graphs': {}, 'without graphs': { cudaGraph: false } }

async function stagesOverlap(backend: DeviceBackend, options: SessionOptions): Promise<void> {
  await using engine = await echoOn(backend)
  await using session = await engine.createSession(options)
  for (let i = 0; i < 12; i++) await answers(session, 3)
  simulator.resetCounters()
  simulator.record(true)
  simulator.hold('compute')
  const runs = answers(session, 3)
  try {
    await until('three runs have copied in', () => count('end', 'copyIn') === 3)
    await until('the first computes', () => count('begin', 'compute') === 1)
    assert.is(count('end', 'compute'), 0)
    simulator.hold('copyOut')
    await until('all have computed', () => count('end', 'compute') === 3)
    await until('the first copies out', () => count('begin', 'copyOut') === 1)
    assert.is(count('end', 'copyOut'), 0)
  } finally {
    simulator.hold()
  }
  await runs
  simulator.record(false)
  assert.ok(position('end', 'copyIn', 2) < position('end', 'compute', 0))
  assert.ok(position('end', 'compute', 2) < position('end', 'copyOut', 0))
}

async function memoryIsTakenInTurn(backend: DeviceBackend, options: SessionOptions): Promise<void> {
  await using engine = await echoOn(backend)
  await using session = await engine.createSession({ ...options, slots: 2 })
  for (let i = 0; i < 12; i++) await answers(session, 4)
  simulator.resetCounters()
  simulator.record(true)
  simulator.hold('compute')
  const runs = answers(session, 4)
  try {
    await until('two runs have copied in', () => count('end', 'copyIn') === 2)
  } finally {
    simulator.hold()
  }
  await runs
  simulator.record(false)
  const streams = happened('begin', 'copyIn').map(({ stream }) => stream)
  assert.is.not(streams[0], streams[1])
  assert.equal(streams, [streams[0], streams[1], streams[0], streams[1]])
  for (const run of [0, 1]) assert.ok(position('end', 'copyOut', run) < position('begin', 'copyIn', run + 2))
  assert.ok(position('begin', 'copyIn', 1) < position('end', 'compute', 0))
}

export const overlapCases: Cases = Object.entries(ways).flatMap(([way, options]) => [
  [
    `overlap, ${way}: inputs of the next runs are there before the first has computed, and it is answered while they compute`,
    (backend: DeviceBackend) => stagesOverlap(backend, options),
  ] as const,
  [
    `overlap, ${way}: with two slots a third run takes the memory of the first, once that has ended`,
    (backend: DeviceBackend) => memoryIsTakenInTurn(backend, options),
  ] as const,
])
