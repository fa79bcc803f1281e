import type { BenchmarkReport, StepReport } from './schema.js'

type Cell = string | number | null

/** One line for each step, after a head; RFC 4180. Counts by reason and by batch size are in the JSON only. */
export function renderCsv(report: BenchmarkReport): string {
  const rows = report.steps.map((step) => columns(report, step))
  const head = Object.keys(rows[0] ?? {})
  return [head, ...rows.map((row) => Object.values(row))].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')
}

function columns({ name, settings }: BenchmarkReport, step: StepReport): Record<string, Cell> {
  const { latency, batches, eventLoopDelay, sendDelay } = step
  return {
    name,
    mode: settings.mode,
    arrivals: settings.arrivals?.kind ?? null,
    load: step.load,
    stable: step.stable === null ? null : String(step.stable),
    measured_ms: step.to - step.from,
    offered: step.offered,
    offered_per_second: step.offeredRate,
    answered: step.answered,
    throughput_per_second: step.throughput,
    in_time: step.inTime,
    goodput: step.goodput,
    refused: sum(step.refused),
    failed: sum(step.failed),
    latency_min_ms: latency.min,
    latency_mean_ms: latency.mean,
    latency_p50_ms: latency.p50,
    latency_p90_ms: latency.p90,
    latency_p95_ms: latency.p95,
    latency_p99_ms: latency.p99,
    latency_p999_ms: latency.p999,
    latency_max_ms: latency.max,
    batches: batches?.count ?? null,
    mean_batch_rows: batches?.meanRows ?? null,
    cpu_us_per_request: step.cpuPerRequest,
    event_loop_delay_mean_ms: eventLoopDelay.mean,
    event_loop_delay_p99_ms: eventLoopDelay.p99,
    send_delay_p99_ms: sendDelay.p99,
  }
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((total, count) => total + count, 0)

function cell(value: Cell): string {
  const text = value === null ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
