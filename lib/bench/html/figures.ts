import type { BenchmarkReport, StepReport } from '../report/schema.js'
import { histogramChart } from './histogram.js'
import { lineChart } from '../../core/html/line-chart.js'
import { rowsChart } from './rows-chart.js'
import { short } from '../../core/html/scale.js'
import { type Part, stackedBars } from './stacked-bars.js'
import { escape, type Point } from '../../core/html/svg.js'
import { batchTimeline } from './timeline.js'

const unit = (report: BenchmarkReport) => (report.settings.mode === 'closed' ? 'in flight' : 'requests/s')
export const stepName = (report: BenchmarkReport, { load }: StepReport) => `${short(load)} ${unit(report)}`

/** In a closed loop loads double from step to step; rates are spread evenly, more often than not. */
function doubling({ steps, settings }: BenchmarkReport): boolean {
  const loads = steps.map(({ load }) => load)
  return settings.mode === 'closed' || Math.max(...loads) > 30 * Math.min(...loads)
}

/** p50, p95 and p99 by load. Empty for a single load, and where nothing was answered. */
export function latencyByLoad(report: BenchmarkReport): string {
  const answered = report.steps.filter(({ latency }) => latency.count > 0)
  if (answered.length < 2) return ''
  const series = (['p99', 'p95', 'p50'] as const).map((name) => {
    return { name, class: name, points: answered.map(({ load, latency }): Point => ({ x: load, y: latency[name] })) }
  })
  const values = series.flatMap(({ points }) => points.map(({ y }) => y))
  const { slo } = report.settings
  return lineChart({
    name: 'Latency against load',
    axes: { x: unit(report), y: 'latency, ms' },
    series,
    ...(slo === null ? {} : { limit: { value: slo, text: `SLO ${short(slo)} ms` } }),
    logX: doubling(report),
    logY: Math.max(...values) > 30 * Math.min(...values.filter((value) => value > 0)),
    told: (name, { x, y }) => `${short(x)} ${unit(report)}: ${name} ${short(y)} ms`,
  })
}

/** What was offered, what was answered, and what of it in time. */
export function answersByLoad(report: BenchmarkReport): string {
  const { steps, settings } = report
  if (steps.length < 2) return ''
  const answers = { name: 'answers', class: 'answers', points: steps.map(({ load, throughput }) => ({ x: load, y: throughput })) }
  const inTime = steps
    .filter(({ goodput }) => goodput !== null)
    .map(({ load, goodput, offeredRate }) => ({ x: load, y: goodput! * offeredRate }))
  const offered = {
    name: 'offered',
    class: 'guide',
    guide: true,
    points: steps.map(({ load, offeredRate }) => ({ x: load, y: offeredRate })),
  }
  const series = [
    ...(settings.mode === 'open' ? [offered] : []),
    answers,
    ...(inTime.length < 2 ? [] : [{ name: 'in time', class: 'good', points: inTime }]),
  ]
  return lineChart({
    name: 'Answers against load',
    axes: { x: unit(report), y: 'requests/s' },
    series,
    logX: doubling(report),
    told: (name, { x, y }) => `${short(x)} ${unit(report)}: ${short(y)}/s ${name}`,
  })
}

/** What became of the requests, in percent. Empty where all were answered and none had to be in time. */
export function outcomes(report: BenchmarkReport): { chart: string; parts: string[] } {
  const rows = report.steps.map((step) => ({ title: stepName(report, step), parts: outcomeParts(step) }))
  const names = new Set(rows.flatMap(({ parts }) => parts.filter(({ value }) => value > 0).map(({ class: own }) => own)))
  if (names.size < 2 && report.steps.every(({ goodput }) => goodput === null)) return { chart: '', parts: [] }
  return { chart: stackedBars({ name: 'What became of the requests', unit: '%', rows, atLeast: 100 }), parts: [...names] }
}

function outcomeParts({ offered, answered, inTime, goodput, refused, failed, classes }: StepReport): Part[] {
  const share = (count: number) => (offered === 0 ? 0 : (100 * count) / offered)
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((total, count) => total + count, 0)
  // Answers of classes without a deadline are never late.
  const free = classes.filter((each) => each.goodput === null).reduce((total, each) => total + each.answered, 0)
  const good = goodput === null ? answered : inTime! + free
  return [
    { name: goodput === null ? 'answered' : 'in time', value: share(good), class: 'good' },
    { name: 'late', value: share(answered - good), class: 'late' },
    { name: 'refused', value: share(sum(refused)), class: 'refused' },
    { name: 'failed', value: share(sum(failed)), class: 'failed' },
  ].filter(({ value }) => value > 0)
}

const stages = ['queue', 'assembly', 'copyIn', 'compute', 'run', 'copyOut', 'split']

/** Mean time of each stage on the way to the target, with p99 of the whole. Empty where no stages were told. */
export function budget(report: BenchmarkReport): { chart: string; parts: string[] } {
  const told = report.steps.filter(({ stages: own }) => own !== null)
  if (told.length === 0) return { chart: '', parts: [] }
  const rows = told.map((step) => ({
    title: stepName(report, step),
    parts: budgetParts(step),
    mark: { value: step.latency.p99, text: `p99 of the whole: ${short(step.latency.p99)} ms` },
  }))
  const { slo } = report.settings
  const limit = slo === null ? {} : { limit: { value: slo, text: `SLO ${short(slo)} ms` } }
  const names = new Set(rows.flatMap(({ parts }) => parts.map(({ class: own }) => own)))
  return { chart: stackedBars({ name: 'Latency budget', unit: 'ms', rows, ...limit }), parts: [...names] }
}

function budgetParts({ stages: told, latency }: StepReport): Part[] {
  const parts = stages
    .filter((stage) => told![stage] !== undefined)
    .map((stage) => ({ name: stage, value: told![stage]!.mean, class: stage }))
  const rest = latency.mean - parts.reduce((sum, { value }) => sum + value, 0)
  return rest > 0.01 * latency.mean ? [...parts, { name: 'other', value: rest, class: 'other' }] : parts
}

const mostHistograms = 9

export function histograms(report: BenchmarkReport): string[] {
  const { slo } = report.settings
  return evenly(
    report.steps.filter(({ histogram }) => histogram.counts.length > 0),
    mostHistograms,
  ).map((step) => {
    const { p50, p99 } = step.latency
    const marks = [
      { value: p50, text: `p50 ${short(p50)}` },
      { value: p99, text: `p99 ${short(p99)}` },
    ]
    return histogramChart({ title: stepName(report, step), histogram: step.histogram, marks, limit: slo })
  })
}

const mostTimelines = 3

/** Pairs of drawings: over time, and by size. */
export function batches(report: BenchmarkReport): string[] {
  const told = evenly(
    report.steps.filter((step) => step.batches !== null),
    mostTimelines,
  )
  return told.flatMap((step) => [
    batchTimeline(stepName(report, step), step.batches!, step),
    rowsChart(stepName(report, step), step.batches!),
  ])
}

/** At most `most` of them, the first and the last among them. */
function evenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items]
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]!)
}

const legendNames: Readonly<Record<string, string>> = {
  good: 'in time',
  copyIn: 'host to device',
  copyOut: 'device to host',
  run: 'copies and compute',
}

export function legend(parts: readonly string[]): string {
  const entries = parts.map((part) => `<span><i class="i-${part}"></i>${escape(legendNames[part] ?? part)}</span>`)
  return `<div class="legend">${entries.join('')}</div>`
}
