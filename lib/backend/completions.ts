import { arrayTypes, type ArrayOf, type TensorType } from '../core/dtypes.js'
import { loadAddon } from './addon.js'
import type { NativeChannel } from './native.js'

export type Attachments = readonly (ArrayBuffer | string)[] | null

/** A run in flight, kept (with everything it refers to: inputs, session) until native code has let go of it. */
export interface Pending {
  /**
   * @param report Valid during the call: `NativeChannel.report`.
   * @param at Where this run's numbers begin.
   * @returns where they end.
   */
  settle(report: Float64Array, at: number, attachments: Attachments): number
}

/** Numbers of a request before its shapes, and of a report before its outputs; their order is in `NativeChannel`. */
export const requestHead = 5
export const reportHead = 9
const maxRank = 16
/** The addon's kSmallBytes: the most that one output takes of the scratch memory. */
const smallBytes = 4096
/** Room for the reports of some hundred runs of a few outputs, and for as many small outputs. */
const usual = { report: 4096, scratch: 65536 }

const pending: (Pending | undefined)[] = []
const free: number[] = []
let channel: NativeChannel | undefined
let requests = 0
let scratchViews: Partial<Record<TensorType, ArrayOf[TensorType]>> = {}

/** Keeps `run` and gives it the number under which native code will report it. */
export function begin(run: Pending): number {
  const id = free.pop() ?? pending.length
  pending[id] = run
  return id
}

/** Takes back a number whose run was never submitted. */
export function forget(id: number): void {
  pending[id] = undefined
  free.push(id)
}

/** Call before the first run of an engine: makes room for what its runs ask and report. */
export function reserveChannel(inputs: number, outputs: number): void {
  const needed = {
    request: requestHead + inputs * (1 + maxRank) + outputs * (2 + maxRank),
    report: Math.max(usual.report, reportHead + outputs * (2 + maxRank)),
    scratch: Math.max(usual.scratch, outputs * smallBytes),
  }
  const has = { request: channel?.request.length ?? 0, report: channel?.report.length ?? 0, scratch: channel?.scratch.length ?? 0 }
  if (has.request >= needed.request && has.report >= needed.report && has.scratch >= needed.scratch) return
  channel = {
    request: new Float64Array(Math.max(has.request, needed.request)),
    report: new Float64Array(Math.max(has.report, needed.report)),
    scratch: new Uint8Array(Math.max(has.scratch, needed.scratch)),
  }
  scratchViews = {}
  loadAddon().openChannel(channel, settle)
}

/** The array to write the next request to, from here until `submit`. Not to be kept: `reserveChannel` replaces it. */
export function startRequest(): Float64Array {
  requests++
  return (channel as NativeChannel).request
}

/** How many requests have been started: a caller that runs user code while it writes one sees whether that started another. */
export function startedRequests(): number {
  return requests
}

/** The scratch memory as elements of one type. Not to be kept. */
export function scratchAs<T extends TensorType>(type: T): ArrayOf[T] {
  return (scratchViews[type] ??= new arrayTypes[type]((channel as NativeChannel).scratch.buffer)) as ArrayOf[T]
}

let pollUntil = 0
let polling = false

/**
 * Looks for finished runs in every turn of the event loop for `ms` milliseconds from now, or until none is in flight: a
 * sleeping JS thread takes 20 to 80 µs to wake where a virtual processor has been halted. Costs a core meanwhile.
 */
export function pollFor(ms: number): void {
  pollUntil = performance.now() + ms
  if (polling) return
  polling = true
  setImmediate(pollOnce)
}

function pollOnce(): void {
  loadAddon().poll()
  polling = pending.length > free.length && performance.now() < pollUntil
  if (polling) setImmediate(pollOnce)
}

function settle(count: number, attachments: Attachments): void {
  const { report } = channel as NativeChannel
  for (let i = 0, at = 0; i < count; i++) {
    const id = report[at]!
    const run = pending[id] as Pending
    forget(id)
    at = run.settle(report, at, attachments)
  }
}
