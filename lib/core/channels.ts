import { type Channel, channel } from 'node:diagnostics_channel'
import type { ErrorCode } from './errors.js'

/**
 * Names of `node:diagnostics_channel`. Stable, as error codes are. What is published is the object itself, the same one
 * at the start and at the end: a listener may keep it, must not change it, and runs on the hot path. One that throws
 * costs nobody their answer: Node reports it as an uncaught exception of its own.
 */
export const channelNames = {
  /** A `RequestEvent`, within the call of `run`: before it returns its promise. */
  requestStart: 'tensorrt-node:request:start',
  /** The same `RequestEvent`, with its outcome: just before the promise settles. */
  requestEnd: 'tensorrt-node:request:end',
  /** A `BatchEvent`, when it is sent to a lane. */
  batchStart: 'tensorrt-node:batch:start',
  /** The same `BatchEvent`, when its execution has ended. */
  batchEnd: 'tensorrt-node:batch:end',
} as const

export type ChannelName = (typeof channelNames)[keyof typeof channelNames]

/** The stages of a request, in order. Milliseconds; a stage that is not known apart is missing. */
export interface StageTimes {
  /** From the call of `run` until its batch began to be put together. */
  queue?: number
  /** Joining the rows of the batch. */
  assembly?: number
  /** Host to device. */
  copyIn?: number
  compute?: number
  /** Device to host. */
  copyOut?: number
  /** From the end of the execution until the answer was cut out. */
  split?: number
  /** From the call of `run` until its promise settled. */
  total?: number
}

/** One call of `run`. Times are milliseconds on the runner's clock. */
export interface RequestEvent {
  /** The runner that was called. */
  readonly runner: object
  /** Unique in its runner. */
  readonly id: number
  readonly rows: number
  readonly priority: number
  /** Absolute; Infinity: none. */
  readonly deadline: number
  readonly started: number
  /** From here on set before `requestEnd`. `answered`, or the code of the error. */
  outcome?: 'answered' | ErrorCode
  /** Why it was refused or failed, where the code alone does not tell: `deadline`, `expired`, `overload`. */
  reason?: string
  ended?: number
  times?: StageTimes
  /** The batch that answered it; the last one where it was cut into several. */
  batch?: BatchEvent
}

/** One execution. Times are milliseconds on the runner's clock. */
export interface BatchEvent {
  readonly runner: object
  /** Unique in its runner. */
  readonly id: number
  readonly lane: number
  /** Of what share a batch: a shape signature that a person can read. */
  readonly bucket: string
  readonly rows: number
  readonly requests: readonly RequestEvent[]
  /** Why it was sent now: `full`, `deadline`, `idle`, `delay`, `shape`; `retry` where a member runs alone after a failure. */
  readonly reason: string
  /** What its execution was expected to take. */
  readonly predicted: number
  readonly started: number
  /** From here on set before `batchEnd`. */
  ended?: number
  /** Of a batch that failed. */
  error?: ErrorCode
}

/**
 * To publish: `if (channels.requestEnd.hasSubscribers) channels.requestEnd.publish(event)`. Without a listener that is one
 * field read; events are made only where someone listens.
 */
export const channels: { readonly [K in keyof typeof channelNames]: Channel } = {
  requestStart: channel(channelNames.requestStart),
  requestEnd: channel(channelNames.requestEnd),
  batchStart: channel(channelNames.batchStart),
  batchEnd: channel(channelNames.batchEnd),
}
