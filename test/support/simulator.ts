import type { DeviceBackend } from './device.js'
import { Sim, simEnvironment, type SimEvent, type SimFlavour, simLibraries, type SimSettings, type SimUnit } from './sim.js'

/** With these variables a process finds the simulator's libraries, by the search that finds NVIDIA's, and before any other. */
export function simulatorEnvironment(flavour: SimFlavour, settings: SimSettings = {}, folder?: string): Record<string, string> {
  const place = folder ?? simLibraries(flavour).folder
  return { CUDA_HOME: place, TENSORRT_NODE_TENSORRT_ROOT: place, TENSORRT_NODE_RTX_ROOT: place, ...simEnvironment(settings) }
}

let loaded: Sim | null = null

/**
 * Everything of NVIDIA's that this process loads from now on is the simulator's. A process can hold one CUDA runtime only, so
 * that each test file has one flavour.
 */
export function useSimulator(flavour: SimFlavour, settings: SimSettings = {}): DeviceBackend {
  Object.assign(process.env, simulatorEnvironment(flavour, settings))
  loaded = new Sim(flavour)
  return loaded.libraries.backend
}

function device(): Sim {
  if (loaded === null) throw new Error('useSimulator() comes first')
  return loaded
}

/** The simulated device of this process; see Sim. */
export const simulator = {
  set: (key: string, value: number | string | boolean): void => device().set({ [key]: value }),
  /** The `nth` use of `call` from now on fails with `code`; −1: each use. */
  fail: (call: string, nth: number, code: number): void => device().fail(call, nth, code),
  clearFaults: (): void => device().clearFaults(),
  resetCounters: (): void => device().resetCounters(),
  /** By call, since the counters were reset. */
  calls: (): Counts => device().calls(),
  /** Objects that are alive, by kind. */
  live: (): Counts => device().live(),
  /** What begins on these engines does not end until they are let go: by `hold()`. */
  hold: (...units: readonly SimUnit[]): void => device().hold(...units),
  record: (on: boolean): void => device().record(on),
  /** What happened to operations, in its order, since the counters were reset. */
  events: (): SimEvent[] => device().events(),
  /** Rules of the hardware that were broken, by kind. */
  violations: () => device().violations(),
}

type Counts = Readonly<Record<string, number>>

/** What tests of any device run on: what `npm run verify:gpu` names, else a flavour of the simulator. */
export function deviceUnderTest(flavour: SimFlavour, settings: SimSettings): DeviceBackend {
  return (process.env['TENSORRT_NODE_TEST_SUBJECTS'] as DeviceBackend | undefined) ?? useSimulator(flavour, settings)
}

/** Turns the event loop until `condition` holds. @throws after ten seconds, with `what` was waited for. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > end) throw new Error(`still waiting until ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/**
 * Waits for what is freed off the JS thread, until no more is alive than `before`. Memory that the product keeps for the next user
 * (page-locked blocks are pooled for the whole process) is not counted.
 *
 * @returns What is left over; null: nothing.
 */
export async function quiet(before: Counts): Promise<string | null> {
  const kept = (kind: string) => kind.startsWith('pinned')
  const left = () => Object.entries(simulator.live()).filter(([kind, count]) => !kept(kind) && count > (before[kind] ?? 0))
  const end = performance.now() + 5000
  while (left().length > 0 && performance.now() < end) await new Promise((resolve) => setImmediate(resolve))
  const over = left()
  return over.length === 0 ? null : over.map(([kind, count]) => `${count - (before[kind] ?? 0)} ${kind}`).join(', ')
}
