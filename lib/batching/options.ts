import { type Clock, systemClock } from '../core/clock.js'
import { callback, flag, integer, invalid, number, plainObject, received, rejectUnknown } from '../core/options.js'
import type { PadOption } from './padding.js'
import { systemTimers, type Timers } from './timers.js'

export interface MicroBatcherOptions {
  /** Milliseconds within which each request is to be answered: the deadline of those that bring none. Default: none. */
  slo?: number
  /** Most rows in one batch. Default: the largest batch of the engine's profiles, 16 where it has none. */
  maxBatch?: number
  /** Requests that may wait; more are refused with `TRT_ERR_OVERLOADED`. Default 1024. */
  maxQueue?: number
  /** Longest time in milliseconds that a request waits for company while a lane is idle; it waits only where that pays. Default 5; 0: never. */
  maxQueueDelay?: number
  /** Executions at once, for Runners that do not say it themselves. Default: the session's lanes, else 1. */
  lanes?: number
  /** The axis along which rows are joined. Default 0. */
  batchAxis?: number
  /** Free dimensions that are padded to one of a few sizes, by input name: requests of different sizes then share batches. */
  pad?: Readonly<Record<string, PadOption | readonly PadOption[]>>
  /** After a batch has failed, run its members alone, once: an input that breaks the execution fails only its own request. Default true. */
  retryAlone?: boolean
  /** What a row of each priority is worth, by priority. Default: 2 ** priority. */
  priorities?: Readonly<Record<number, number>>
  /** Milliseconds after which a batch that has not finished is given up, and its lane with it until it does. Default 30,000; Infinity: never. */
  executionTimeout?: number
  /** Answers in memory of their own. Default false: those of one batch are views of one buffer, which lives as long as any of them. */
  copyOutputs?: boolean
  /** The clock of deadlines and statistics. Default: `performance.now()`. */
  clock?: Clock
  timers?: Timers
}

export interface ResolvedOptions {
  readonly slo: number | undefined
  /** Undefined: what the engine says. */
  readonly maxBatch: number | undefined
  readonly maxQueue: number
  readonly maxQueueDelay: number
  readonly lanes: number | undefined
  readonly batchAxis: number
  readonly pad: Readonly<Record<string, readonly PadOption[]>>
  readonly retryAlone: boolean
  readonly weights: Readonly<Record<number, number>> | undefined
  readonly executionTimeout: number
  readonly copyOutputs: boolean
  readonly clock: Clock
  readonly timers: Timers
}

// biome-ignore format: a list
const known = [
  'slo', 'maxBatch', 'maxQueue', 'maxQueueDelay', 'lanes', 'batchAxis', 'pad', 'retryAlone', 'priorities', 'executionTimeout',
  'copyOutputs', 'clock', 'timers',
]
/** Least time that counts: finer than any clock, coarser than rounding. */
const instant = 1e-6
/** Most requests, rows and lanes: numbers that a 32-bit integer holds. */
const most = 2 ** 31 - 1

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveOptions(given: MicroBatcherOptions = {}): ResolvedOptions {
  rejectUnknown(plainObject('the options of MicroBatcher', given), known, 'MicroBatcher')
  return {
    slo: given.slo === undefined ? undefined : number('slo', given.slo, instant, Infinity),
    maxBatch: given.maxBatch === undefined ? undefined : integer('maxBatch', given.maxBatch, 1, most),
    maxQueue: integer('maxQueue', given.maxQueue ?? 1024, 1, most),
    maxQueueDelay: number('maxQueueDelay', given.maxQueueDelay ?? 5, 0, Infinity),
    lanes: given.lanes === undefined ? undefined : integer('lanes', given.lanes, 1, 1024),
    batchAxis: integer('batchAxis', given.batchAxis ?? 0, 0, 15),
    pad: given.pad === undefined ? {} : padLists(given.pad),
    retryAlone: flag('retryAlone', given.retryAlone ?? true),
    weights: given.priorities === undefined ? undefined : weights(given.priorities),
    executionTimeout: number('executionTimeout', given.executionTimeout ?? 30_000, instant, Infinity),
    copyOutputs: flag('copyOutputs', given.copyOutputs ?? false),
    clock: given.clock === undefined ? systemClock : clockOf(given.clock),
    timers: given.timers === undefined ? systemTimers : timersOf(given.timers),
  }
}

function weights(given: Readonly<Record<number, number>>): Readonly<Record<number, number>> {
  const result: Record<number, number> = {}
  for (const [priority, weight] of Object.entries(plainObject('priorities', given))) {
    if (Number.isNaN(Number(priority)))
      throw invalid(`Expected numbers as the keys of priorities but received "${priority}".`, { priority })
    result[Number(priority)] = number(`priorities[${priority}]`, weight, instant, 1e12)
  }
  return result
}

function padLists(given: Readonly<Record<string, PadOption | readonly PadOption[]>>): Readonly<Record<string, readonly PadOption[]>> {
  const lists = Object.entries(plainObject('pad', given)).map(([name, value]) => {
    const list = (Array.isArray(value) ? value : [value]) as readonly unknown[]
    return [name, list.map((option, i) => padOption(Array.isArray(value) ? `pad.${name}[${i}]` : `pad.${name}`, option))] as const
  })
  return Object.fromEntries(lists)
}

function padOption(where: string, value: unknown): PadOption {
  const given = plainObject(where, value) as unknown as PadOption
  rejectUnknown(given, ['axis', 'buckets', 'value', 'crop'], where)
  const axis = integer(`${where}.axis`, given.axis, 0, 15)
  if (!Array.isArray(given.buckets) || given.buckets.length === 0)
    throw invalid(`Expected an array of at least one size for ${where}.buckets but received ${received(given.buckets)}.`)
  const buckets = given.buckets.map((size, i) => integer(`${where}.buckets[${i}]`, size, 1, most)).sort((a, b) => a - b)
  const fill = given.value ?? 0
  if (typeof fill !== 'bigint') number(`${where}.value`, fill, -Infinity, Infinity)
  if (given.crop === undefined) return { axis, buckets, value: fill }
  for (const [output, rule] of Object.entries(plainObject(`${where}.crop`, given.crop))) cropOption(`${where}.crop.${output}`, rule)
  return { axis, buckets, value: fill, crop: given.crop }
}

function cropOption(where: string, value: unknown): void {
  if (value === false) return
  const rule = plainObject(where, value) as { axis?: unknown; size?: unknown }
  rejectUnknown(rule, ['axis', 'size'], where)
  integer(`${where}.axis`, rule.axis, 0, 15)
  if (rule.size !== undefined) callback(`${where}.size`, rule.size)
}

function clockOf(value: unknown): Clock {
  const clock = plainObject('clock', value) as { now?: unknown }
  callback('clock.now', clock.now)
  return clock as Clock
}

function timersOf(value: unknown): Timers {
  const timers = plainObject('timers', value) as Partial<Timers>
  for (const name of ['setTimeout', 'clearTimeout', 'setImmediate'] as const) callback(`timers.${name}`, timers[name])
  return timers as Timers
}
