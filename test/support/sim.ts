import { dirname, join } from 'node:path'
import { packageRoot } from '../../lib/backend/addon.js'

/** Where node-gyp puts the simulator; a CMake build keeps it beside its addon. */
const built =
  process.env['TENSORRT_NODE_ADDON'] === undefined ? join(packageRoot, 'build/Release') : dirname(process.env['TENSORRT_NODE_ADDON'])

/** TensorRT 10.15, TensorRT 11.4, TensorRT-RTX 1.4 and TensorRT-RTX 1.7: the four shapes of the ABI. */
export type SimFlavour = 'trt10' | 'trt11' | 'rtx10' | 'rtx11'
export const simFlavours: readonly SimFlavour[] = ['trt10', 'trt11', 'rtx10', 'rtx11']

export interface SimLibraries {
  /** The folder that holds them under NVIDIA's names. */
  readonly folder: string
  readonly cudart: string
  readonly tensorrt: string
  readonly parser: string
  /** RTX has none. */
  readonly plugin: string | undefined
  readonly backend: 'tensorrt' | 'tensorrt-rtx'
}

/** The simulated libraries of one flavour: pass them by path, or put `folder` where the product searches. */
export function simLibraries(flavour: SimFlavour): SimLibraries {
  const folder = join(built, 'sim', flavour)
  const at = (name: string) => join(folder, name)
  const cudart = at(flavour === 'trt10' || flavour === 'rtx10' ? 'libcudart.so.12' : 'libcudart.so.13')
  if (flavour === 'rtx10' || flavour === 'rtx11') {
    const parser = at('libtensorrt_onnxparser_rtx.so.1')
    return { folder, cudart, tensorrt: at('libtensorrt_rtx.so.1'), parser, plugin: undefined, backend: 'tensorrt-rtx' }
  }
  const major = flavour === 'trt10' ? '10' : '11'
  return {
    folder,
    cudart,
    tensorrt: at(`libnvinfer.so.${major}`),
    parser: at(`libnvonnxparser.so.${major}`),
    plugin: at(`libnvinfer_plugin.so.${major}`),
    backend: 'tensorrt',
  }
}

/** Settings of the simulator; native/sim/README.md says what each means. */
export interface SimSettings {
  /** A CUDA error that every call answers (35: no driver, 100: no device), 'hang', or 0: works. */
  driver?: number | 'hang'
  driverVersion?: number
  devices?: number
  sm?: number
  name?: string
  memory?: number
  pinned?: number
  copyInNs?: number
  computeNs?: number
  copyOutNs?: number
  bytesPerUs?: number
  buildStepNs?: number
  consumedPercent?: number
  foreignThreads?: boolean
  watchInputs?: boolean
  capturable?: boolean
  /** `NAME=CHW32` or `NAME=HWC`: the format that an engine tells of this tensor. '': none. */
  packed?: string
  /** "10.3.0.26": what TensorRT says of itself; at start only. */
  version?: string
}

const asText = (value: string | number | boolean) => (typeof value === 'boolean' ? String(Number(value)) : String(value))

/** The environment of a child process whose simulator has these settings from the start. */
export function simEnvironment(settings: SimSettings): Record<string, string> {
  return {
    TENSORRT_SIM: Object.entries(settings)
      .map(([key, value]) => `${key}=${asText(value)}`)
      .join(';'),
  }
}

interface Control {
  set(path: string, key: string, value: string): boolean
  get(path: string, what: string): string | null
}

/** An addon by another name: of two `.node` files in one folder node-gyp-build would take either for the product's. */
function control(): Control {
  const loaded = { exports: {} as Control }
  process.dlopen(loaded, join(built, 'sim_control.so'))
  return loaded.exports
}

/** A rule of the hardware that was broken. */
export interface Violation {
  count: number
  last: string
}

/** What happened to an operation of a stream: it was put there ('call'), an engine began with it, and ended it. */
export interface SimEvent {
  what: 'call' | 'begin' | 'end'
  unit: 'copyIn' | 'compute' | 'copyOut' | 'none'
  stream: number
  /** Numbered in the order of the calls. */
  operation: number
  bytes: number
}

export type SimUnit = 'copyIn' | 'compute' | 'copyOut'
const unitBits: Readonly<Record<SimUnit, number>> = { copyIn: 1, compute: 2, copyOut: 4 }

/** Talks to the simulated device of one flavour in this process: the instance that the product has loaded, or will load. */
export class Sim {
  readonly libraries: SimLibraries
  readonly #control: Control

  constructor(flavour: SimFlavour) {
    this.libraries = simLibraries(flavour)
    this.#control = control()
  }

  set(settings: SimSettings): void {
    for (const [key, value] of Object.entries(settings)) this.#set(key, asText(value))
  }

  /**
   * The `nth` call of `name` from now on fails with `code` (-1: each one). Names: CUDA's functions, TensorRT's methods
   * ("IExecutionContext::enqueueV3"), and operations that fail after their call: "async:copyIn", "async:compute", "async:copyOut".
   */
  fail(name: string, nth: number, code: number): void {
    this.#set('fault', `${name}:${nth}:${code}`)
  }

  clearFaults(): void {
    this.#set('clearFaults', '')
  }

  /** Call counters and violations start again; live objects stay. */
  resetCounters(): void {
    this.#set('resetCounters', '')
  }

  /** How often each function was called. */
  calls(): Record<string, number> {
    return this.#get('calls')
  }

  /** Objects that exist now, by kind; bytes for deviceBytes and pinnedBytes. */
  live(): Record<string, number> {
    return this.#get('live')
  }

  /** What begins on these engines does not end until they are let go: by `hold()`. */
  hold(...units: readonly SimUnit[]): void {
    this.#set('hold', String(units.reduce((bits, unit) => bits | unitBits[unit], 0)))
  }

  /** Whether events are kept. */
  record(on: boolean): void {
    this.#set('events', on ? '1' : '0')
  }

  /** Since the counters were reset, in the order in which it happened. */
  events(): SimEvent[] {
    return this.#get('events')
  }

  violations(): Record<string, Violation> {
    return this.#get('violations')
  }

  #set(key: string, value: string): void {
    if (!this.#control.set(this.libraries.cudart, key, value)) throw new Error(`the simulator takes no ${key}=${value}`)
  }

  #get<T>(what: string): T {
    const json = this.#control.get(this.libraries.cudart, what)
    if (json === null) throw new Error(`the simulator knows no ${what}`)
    return JSON.parse(json) as T
  }
}
