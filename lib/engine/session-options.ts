import { type Clock, systemClock } from '../core/clock.js'
import { abortSignal, choice, flag, integer, plainObject, rejectUnknown, textRecord } from '../core/options.js'

export interface SessionOptions {
  /** Runs that execute at once, each with buffers of its own. 1 … 1024, default 1. */
  lanes?: number
  /** Runs that may be in flight, executing ones included; more are refused with `TRT_ERR_OVERLOADED`. Default 1024. */
  maxQueue?: number
  /** CPU: threads that compute one run, shared by the lanes. 0 (default): one for each core. */
  threads?: number
  /** CPU: how far ONNX Runtime rewrites the graph when it loads it. Default 'all'; 'none' for an engine built 'as-is'. */
  optimize?: 'none' | 'basic' | 'extended' | 'all'
  /** CPU: keep freed memory for the next run. Default true; false needs less memory and more time. */
  arena?: boolean
  /** CPU: threads of a run wait for their next piece of work by polling. Default true; false leaves the cores to others. */
  spinning?: boolean
  /** Microseconds that an idle lane polls for the next run before it sleeps. Default 50; 0: never. */
  spinMicros?: number
  /**
   * Microseconds after each submission for which the event loop polls for results instead of sleeping, other events
   * included. It saves the waking of the JS thread, tens of microseconds, and costs its core meanwhile. Default 0: never.
   */
  pollMicros?: number
  /** GPU: launch a captured graph where the shapes have been seen before. Default true. */
  cudaGraph?: boolean
  /** GPU: captured graphs that a lane keeps. 1 … 65,536, default 64. */
  graphCapacity?: number
  /**
   * GPU: a batch that has no graph of its own runs as the next larger one that has, with rows of zeros, which nobody sees. Only for
   * models that compute each row by itself. Default false. See docs/tensorrt.md.
   */
  padToGraph?: boolean
  /** GPU: runs of one lane that are on the device at once, one copying in, one computing, one copying out. 1 … 16, default 3. */
  slots?: number
  /** GPU: wait for the device by polling: lower latency, for a core. Default false. */
  spinWait?: boolean
  /** GPU: of the streams; lower is more urgent, and CUDA keeps it in the device's range. −16 … 16, default 0. */
  streamPriority?: number
  /** GPU: memory for the largest shapes of all profiles ('static', default), of the profile in use, or for the shapes of a run. */
  allocationStrategy?: 'static' | 'profile' | 'runtime'
  /** GPU: names of layers for NVIDIA's profilers. Default false. */
  nvtx?: boolean
  /** GPU: measure the stages of each run on the device. Default false: on the host. */
  timings?: boolean
  /** Further options of the backend, as it knows them. */
  backendOptions?: Readonly<Record<string, string>>
  /** The clock of deadlines and statistics. Default: `performance.now()`. */
  clock?: Clock
  /** Stops the creation. */
  signal?: AbortSignal
}

export interface ResolvedSessionOptions {
  readonly lanes: number
  readonly maxQueue: number
  /** Milliseconds. */
  readonly poll: number
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
  /** What the backend is given; only what was set. */
  readonly native: Readonly<Record<string, string>>
}

const known = [
  'lanes',
  'maxQueue',
  'threads',
  'optimize',
  'arena',
  'spinning',
  'spinMicros',
  'pollMicros',
  'cudaGraph',
  'graphCapacity',
  'padToGraph',
  'slots',
  'spinWait',
  'streamPriority',
  'allocationStrategy',
  'nvtx',
  'timings',
  'backendOptions',
  'clock',
  'signal',
]

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveSessionOptions(given: SessionOptions = {}): ResolvedSessionOptions {
  rejectUnknown(plainObject('the options of createSession', given), known, 'createSession')
  const native: Record<string, string> = deviceOptions(given)
  if (given.threads !== undefined) native['threads'] = String(integer('threads', given.threads, 0, 1024))
  if (given.optimize !== undefined) native['optimize'] = choice('optimize', given.optimize, ['none', 'basic', 'extended', 'all'])
  if (given.arena !== undefined) native['arena'] = flag('arena', given.arena) ? '1' : '0'
  if (given.spinning !== undefined) native['spinning'] = flag('spinning', given.spinning) ? '1' : '0'
  if (given.spinMicros !== undefined) native['spinMicros'] = String(integer('spinMicros', given.spinMicros, 0, 1_000_000))
  return {
    lanes: integer('lanes', given.lanes ?? 1, 1, 1024),
    maxQueue: integer('maxQueue', given.maxQueue ?? 1024, 1, 2 ** 31),
    poll: integer('pollMicros', given.pollMicros ?? 0, 0, 1_000_000) / 1000,
    clock: given.clock === undefined ? systemClock : (plainObject('clock', given.clock) as unknown as Clock),
    signal: given.signal === undefined ? undefined : abortSignal('signal', given.signal),
    native: { ...native, ...(given.backendOptions === undefined ? {} : textRecord('backendOptions', given.backendOptions)) },
  }
}

/** Of backends on a GPU; only what was set. */
function deviceOptions(given: SessionOptions): Record<string, string> {
  const native: Record<string, string> = {}
  for (const name of ['cudaGraph', 'padToGraph', 'spinWait', 'nvtx', 'timings'] as const) {
    if (given[name] !== undefined) native[name] = flag(name, given[name]) ? '1' : '0'
  }
  if (given.graphCapacity !== undefined) native['graphCapacity'] = String(integer('graphCapacity', given.graphCapacity, 1, 65_536))
  if (given.slots !== undefined) native['slots'] = String(integer('slots', given.slots, 1, 16))
  if (given.streamPriority !== undefined) native['streamPriority'] = String(integer('streamPriority', given.streamPriority, -16, 16))
  if (given.allocationStrategy !== undefined) {
    native['allocationStrategy'] = choice('allocationStrategy', given.allocationStrategy, ['static', 'profile', 'runtime'])
  }
  return native
}
