import type { Request } from './types.js'

/** A request in the queue. */
export interface Queued {
  readonly id: number
  readonly rows: number
  readonly priority: number
  readonly bucket: number
  readonly enqueued: number
  /** Refused after this. Infinity: never. */
  readonly deadline: number
  /** Its place in the order: the deadline, or for those without one when it should have been served at the latest. */
  readonly due: number
  /** Order of arrival, between equals. */
  readonly turn: number
  /** Where it is kept; `gone`: has left the queue. */
  place: 'front' | 'heap' | 'gone'
  /** A batch that it would not have survived was sent with later ones: it is not to come behind them. */
  passedOver: boolean
  /** It goes although the cost that is known says no: to find out whether that is still true. */
  probe: boolean
}

export function isBefore(a: Pick<Queued, 'due' | 'turn'>, b: Pick<Queued, 'due' | 'turn'>): boolean {
  return a.due < b.due || (a.due === b.due && a.turn < b.turn)
}

/** Copied, because the request is the shell's and may change. */
export function queuedOf(request: Request, times: { deadline: number; due: number; turn: number }): Queued {
  const { id, rows, priority, bucket, enqueued } = request
  const { deadline, due, turn } = times
  return { id, rows, priority, bucket, enqueued, deadline, due, turn, place: 'gone', passedOver: false, probe: false }
}
