import { flag, integer } from '../../core/options.js'
import type { IoInfo } from '../io-info.js'
import { type Asked, ask, type ControlOptions, controlOptions } from './ask.js'
import { checkedShapes } from './layers.js'

/** A closed loop on the device, as trtexec has it; times in milliseconds. */
export interface MeasureOptions extends ControlOptions {
  /** Execution contexts that run at once, each with streams of its own. 1 … 1024, default 1. */
  streams?: number
  /** Number of the optimization profile. Default 0. */
  profile?: number
  /** Of inputs, by name. Default: what the profile is optimised for (`opt`). */
  shapes?: Readonly<Record<string, readonly number[]>>
  /** Least number of runs of each stream. Default 10. */
  iterations?: number
  /** Runs that begin before are not counted. Default 200. */
  warmUp?: number
  /** Least time that is measured. Default 3000. */
  duration?: number
  /** Pause of the host between two rounds. Default 0. */
  idleTime?: number
  /** Pause of the device before the first run, while runs are enqueued. Default 0. */
  sleepTime?: number
  /** Two runs of a stream are under way, so that copies overlap computing. Default true. */
  overlap?: boolean
  /** Wait for the device by polling. Default false. */
  spinWait?: boolean
  /** Launch a captured graph, where the engine can be captured. Default true. */
  cudaGraph?: boolean
  /** Copy inputs to the device and outputs from it. Default true. */
  dataTransfers?: boolean
}

/** One run: milliseconds since the start, and how long each stage took. Names and order are those of trtexec's --exportTimes. */
export interface RunTimes {
  /** The host's call that enqueues the computing. */
  readonly startEnqMs: number
  readonly endEnqMs: number
  readonly startH2dMs: number
  readonly endH2dMs: number
  readonly startComputeMs: number
  readonly endComputeMs: number
  readonly startD2hMs: number
  readonly endD2hMs: number
  readonly h2dMs: number
  readonly computeMs: number
  readonly d2hMs: number
  /** The three before together. */
  readonly latencyMs: number
}

/** What a loop on the device gave. */
export interface DeviceMeasurement {
  /** Runs before those that count. */
  readonly warmUpRuns: number
  /** In the order in which they began. */
  readonly runs: readonly RunTimes[]
  /** Whether a CUDA graph was launched, and if not why. */
  readonly cudaGraph: { readonly used: boolean; readonly reason: string | null }
}

const mostMs = 24 * 3600 * 1000
const keys = [
  'streams',
  'profile',
  'shapes',
  'iterations',
  'warmUp',
  'duration',
  'idleTime',
  'sleepTime',
  'overlap',
  'spinWait',
  'cudaGraph',
  'dataTransfers',
] as const

type Raw = readonly [number, number, number, number, number, number, number, number]

export async function measure(asked: Asked, inputs: readonly IoInfo[], given: MeasureOptions | undefined): Promise<DeviceMeasurement> {
  const options = controlOptions('measure', given, keys)
  const wanted = resolve(options, inputs)
  const { samples, whyNoGraph } = await ask<{ samples: readonly Raw[]; whyNoGraph: string | null }>(asked, {
    verb: 'measure',
    what: 'a measurement on the device',
    arguments: wanted,
    signal: options.signal,
  })
  // trtexec's rule: what begins to compute within the warm-up does not count, and all that comes after the first that does.
  const first = samples.findIndex((sample) => sample[4] >= wanted.warmUpMs)
  const reason = wanted.graph ? whyNoGraph : 'not asked for'
  const counted = first < 0 ? [] : samples.slice(first)
  return {
    warmUpRuns: samples.length - counted.length,
    runs: counted.map(timesOf),
    cudaGraph: { used: wanted.graph && whyNoGraph === null, reason },
  }
}

function resolve(given: MeasureOptions, inputs: readonly IoInfo[]) {
  const profile = integer('profile', given.profile ?? 0, 0, 1023)
  return {
    profile,
    streams: integer('streams', given.streams ?? 1, 1, 1024),
    iterations: integer('iterations', given.iterations ?? 10, 1, 2 ** 30),
    warmUpMs: integer('warmUp', given.warmUp ?? 200, 0, mostMs),
    durationMs: integer('duration', given.duration ?? 3000, 0, mostMs),
    idleMs: integer('idleTime', given.idleTime ?? 0, 0, mostMs),
    sleepMs: integer('sleepTime', given.sleepTime ?? 0, 0, mostMs),
    overlap: flag('overlap', given.overlap ?? true),
    spin: flag('spinWait', given.spinWait ?? false),
    graph: flag('cudaGraph', given.cudaGraph ?? true),
    transfers: flag('dataTransfers', given.dataTransfers ?? true),
    ...(given.shapes === undefined ? {} : { shapes: checkedShapes(given.shapes, inputs, profile) }),
  }
}

function timesOf([startEnqMs, endEnqMs, startH2dMs, endH2dMs, startComputeMs, endComputeMs, startD2hMs, endD2hMs]: Raw): RunTimes {
  const [h2dMs, computeMs, d2hMs] = [endH2dMs - startH2dMs, endComputeMs - startComputeMs, endD2hMs - startD2hMs]
  const points = { startEnqMs, endEnqMs, startH2dMs, endH2dMs, startComputeMs, endComputeMs, startD2hMs, endD2hMs }
  return { ...points, h2dMs, computeMs, d2hMs, latencyMs: h2dMs + computeMs + d2hMs }
}
