import { type Channel } from 'node:diagnostics_channel'
import { type BatchEvent, channels, type RequestEvent, type StageTimes } from '../../core/channels.js'
import { describe } from '../statistics.js'
import type { BatchReport, StageReport } from '../report/schema.js'

const stageNames = ['queue', 'assembly', 'copyIn', 'compute', 'copyOut', 'split', 'total'] as const satisfies (keyof StageTimes)[]

/** What the runner tells of its batches while it is measured, by diagnostics channel. Times on its clock. */
export class BatchLog {
  readonly #batches: BatchEvent[] = []
  readonly #requests: { ended: number; times: StageTimes }[] = []

  constructor(
    /** Whose events count. */
    private readonly runners: ReadonlySet<object>,
  ) {}

  readonly #onBatch = (message: unknown) => {
    const { runner, id, lane, bucket, rows, reason, predicted, started, ended } = message as BatchEvent
    if (!this.runners.has(runner) || ended === undefined) return
    // Not the event itself: it holds its requests, and they hold what they were asked.
    this.#batches.push({ runner, id, lane, bucket, rows, requests: [], reason, predicted, started, ended })
  }

  readonly #onRequest = (message: unknown) => {
    const { runner, outcome, ended, times } = message as RequestEvent
    if (!this.runners.has(runner) || outcome !== 'answered' || ended === undefined || times === undefined) return
    this.#requests.push({ ended, times })
  }

  open(): this {
    for (const [channel, listener] of this.#subscriptions()) channel.subscribe(listener)
    return this
  }

  close(): void {
    for (const [channel, listener] of this.#subscriptions()) channel.unsubscribe(listener)
  }

  #subscriptions(): [Channel, (message: unknown) => void][] {
    return [
      [channels.batchEnd, this.#onBatch],
      [channels.requestEnd, this.#onRequest],
    ]
  }

  /** Null where there was none. @param origin When the step began, on the same clock. */
  batches(origin: number, from: number, to: number): BatchReport | null {
    return batchReport(
      this.#batches.filter(({ ended }) => ended! - origin >= from && ended! - origin < to),
      { origin, from, to },
    )
  }

  stages(origin: number, from: number, to: number): Record<string, StageReport> | null {
    const counted = this.#requests.filter(({ ended }) => ended - origin >= from && ended - origin < to)
    const report: Record<string, StageReport> = {}
    for (const stage of stageNames) {
      const values = counted.map(({ times }) => times[stage]).filter((value) => value !== undefined)
      if (values.length > 0) report[stage] = stageReport(values)
    }
    return Object.keys(report).length === 0 ? null : report
  }
}

function stageReport(values: readonly number[]): StageReport {
  const { count, mean, max, percentiles } = describe(values, [50, 95, 99])
  const [p50, p95, p99] = percentiles.map(({ value }) => value)
  return { count, mean, p50: p50!, p95: p95!, p99: p99!, max }
}

interface Span {
  origin: number
  from: number
  to: number
}

const timelineParts = 120

/** Pure. */
export function batchReport(batches: readonly BatchEvent[], span: Span): BatchReport | null {
  if (batches.length === 0) return null
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0)
  const lanes = new Set(batches.map(({ lane }) => lane)).size
  const busy = batches.reduce((sum, batch) => sum + lastsWithin(batch, span), 0)
  return {
    count: batches.length,
    meanRows: rows / batches.length,
    rows: tally(batches.map((batch) => String(batch.rows))),
    reasons: tally(batches.map(({ reason }) => reason)),
    costError: costError(batches),
    utilisation: busy / lanes / (span.to - span.from),
    timeline: timeline(batches, span),
  }
}

/** The part of its execution that lies in the measured time. */
function lastsWithin({ started, ended }: BatchEvent, { origin, from, to }: Span): number {
  return Math.max(0, Math.min(ended! - origin, to) - Math.max(started - origin, from))
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function costError(batches: readonly BatchEvent[]): BatchReport['costError'] {
  const errors = batches
    .filter(({ predicted, started, ended }) => predicted > 0 && ended! > started)
    .map(({ predicted, started, ended }) => 1 - predicted / (ended! - started))
  if (errors.length === 0) return null
  const { mean, percentiles } = describe(errors, [50])
  const absolute = describe(errors.map(Math.abs), [95])
  return { mean, p50: percentiles[0]!.value, p95Absolute: absolute.percentiles[0]!.value }
}

function timeline(batches: readonly BatchEvent[], { origin, from, to }: Span): BatchReport['timeline'] {
  const length = (to - from) / timelineParts
  const parts = Array.from({ length: timelineParts }, (_, i) => ({ at: from + (i + 0.5) * length, batches: 0, meanRows: 0, maxRows: 0 }))
  for (const batch of batches) {
    const part = parts[Math.min(timelineParts - 1, Math.floor((batch.ended! - origin - from) / length))]!
    part.batches++
    part.meanRows += batch.rows
    part.maxRows = Math.max(part.maxRows, batch.rows)
  }
  const told = parts.filter(({ batches: count }) => count > 0)
  for (const part of told) part.meanRows /= part.batches
  return told
}
