import * as assert from 'uvu/assert'
import { isTrtError } from '../../lib/index.js'
import { row } from '../contract/subjects.js'
import { buildOn, type DeviceBackend, echoOn } from './device.js'
import { nonZero } from './models.js'
import { quiet, simulator } from './simulator.js'

export interface Fault {
  call: string
  /** Which use of the call fails, from 1. */
  nth: number
  code: number
  /** Codes that the program may end with; `right` where a fault may be survived. */
  allowed: readonly string[]
}

/** Page-locked memory is pooled by classes of size: only in one that nobody has used yet is the driver asked for it. */
let pinnedRows = 64
const nextClass = 1.3

/**
 * All that a user does with a device, several times over, so that most calls have a first, a second and a last use. Throws where an
 * answer is wrong: a fault may be survived, but never with another result.
 */
async function program(backend: DeviceBackend, freshMemory: boolean): Promise<void> {
  if (freshMemory) pinnedRows = Math.ceil(pinnedRows * nextClass)
  const rows = pinnedRows
  await using engine = await echoOn(backend)
  await using dynamic = await buildOn(backend, nonZero(), { shapes: { x: { min: [1], opt: [4], max: [64] } } })
  for (let round = 0; round < 2; round++) {
    await using session = await engine.createSession({ lanes: 2 })
    await using indices = await dynamic.createSession()
    const [x, y] = [session.alloc('x', [rows, 4]), session.alloc('y', [rows, 4])]
    for (let i = 0; i < 4; i++) {
      assert.equal((await session.run({ x: row(i) }))['y']!.data, row(i))
      x.data.fill(i)
      await session.run({ x }, { into: { y } })
      assert.equal([y.data[0], y.data.at(-1)], [i, i])
      assert.equal((await indices.run({ x: Float32Array.of(0, 5, 0, i) }))['y']!.shape, [1, i === 0 ? 1 : 2])
    }
    const answers = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => session.run({ x: row(i) })))
    for (const [i, answer] of answers.entries()) {
      if (answer.status === 'rejected') throw answer.reason
      assert.equal(answer.value['y']!.data, row(i))
    }
  }
}

/** What a program came to: 'right', or the code it rejected with. Anything else is a finding. */
async function attempt(backend: DeviceBackend, freshMemory: boolean): Promise<string> {
  try {
    await program(backend, freshMemory)
    return 'right'
  } catch (error) {
    return isTrtError(error) ? error.code : `not one of ours: ${error as Error}`
  }
}

/** Uses of each call by one program, once everything that happens only once in a process has happened. */
export async function usesOf(backend: DeviceBackend, kind: RegExp): Promise<[string, number][]> {
  await program(backend, false)
  simulator.resetCounters()
  await program(backend, true)
  const calls = Object.entries(simulator.calls()).filter(([name]) => kind.test(name))
  assert.ok(calls.length > 0, `no call matches ${kind}`)
  return calls
}

/** Lets each call fail at its first, second and last use, and wants no finding. */
export async function tryAll(
  backend: DeviceBackend,
  uses: readonly [string, number][],
  fault: (call: string) => Pick<Fault, 'code' | 'allowed'>,
): Promise<void> {
  const problems: string[] = []
  for (const [call, count] of uses) {
    for (const nth of new Set([1, Math.min(2, count), count])) {
      const problem = await tryReachable(backend, { call, nth, ...fault(call) })
      if (problem !== null) problems.push(problem)
    }
  }
  assert.is(problems.length, 0, `${problems.length} findings:\n${problems.join('\n')}`)
}

/** None that would blame the caller, who did nothing wrong. */
const toldHonestly = [
  'right',
  'TRT_ERR_DEVICE',
  'TRT_ERR_ENGINE',
  'TRT_ERR_MODEL',
  'TRT_ERR_INTERNAL',
  'TRT_ERR_OUT_OF_MEMORY',
  'TRT_ERR_UNAVAILABLE',
]
/** Calls by which TensorRT says that it does not take a shape. */
const judgesShapes = /::(setDimensions|addOptimizationProfile|inferShapes|setInputShape)$/

/** The same for every call of TensorRT that a program makes. */
export async function tryTensorRt(backend: DeviceBackend): Promise<void> {
  const uses = await usesOf(backend, /^(?!cuda|async)/)
  assert.ok(uses.length >= 15, `only ${uses.length} calls are used`)
  await tryAll(backend, uses, (call) => ({ code: 1, allowed: judgesShapes.test(call) ? [...toldHonestly, 'TRT_ERR_SHAPE'] : toldHonestly }))
}

/** How often a call is used depends on who comes first, by a few: the last use is where it is this time. */
async function tryReachable(backend: DeviceBackend, fault: Fault): Promise<string | null> {
  for (let tries = 0; tries < 5; tries++) {
    const { problem, used } = await tryFault(backend, fault)
    if (used >= fault.nth || problem !== null) return problem
    fault = { ...fault, nth: Math.max(1, used - tries) }
  }
  return `${fault.call}: use ${fault.nth} was not reached`
}

/** The next program. A lost device is reset by the thread that has freed its last engine: until then it cannot be had. */
async function next(backend: DeviceBackend, afterLoss: boolean): Promise<string> {
  for (let tries = 1; ; tries++) {
    const outcome = await attempt(backend, false)
    if (outcome !== 'TRT_ERR_UNAVAILABLE' || !afterLoss || tries === 20) return outcome
  }
}

/** @returns What is wrong (null: nothing), and how often the call was used by the failing program. */
async function tryFault(backend: DeviceBackend, { call, nth, code, allowed }: Fault): Promise<{ problem: string | null; used: number }> {
  const before = simulator.live()
  simulator.resetCounters()
  simulator.fail(call, nth, code)
  const outcome = await attempt(backend, call === 'cudaHostAlloc')
  simulator.clearFaults()
  const used = simulator.calls()[call] ?? 0
  const finding = (what: string) => ({ problem: `${call} (use ${nth}, code ${code}): ${what}`, used })
  if (used < nth) return outcome === 'right' ? { problem: null, used } : finding(`not reached, and yet ended with ${outcome}`)
  if (!allowed.includes(outcome)) return finding(`ended with ${outcome}; expected ${allowed.join(' or ')}`)
  // What the failing call should have freed cannot be freed by anyone else.
  const left = /Free|Destroy|Unregister/.test(call) ? null : await quiet(before)
  if (left !== null) return finding(`left behind ${left}`)
  const after = await next(backend, allowed.includes('TRT_ERR_DEVICE_LOST'))
  return after === 'right' ? { problem: null, used } : finding(`the next program ended with ${after}`)
}
