import { formatMs, formatNumber, plural } from '../../core/text-format.js'
import { renderTable } from '../../core/text-table.js'
import { latencyBudget } from '../../core/latency-budget.js'
import type { Comparison, MetricDifference } from '../compare/compare.js'
import type { BenchmarkReport, Settings, StepReport } from './schema.js'

/** A report for people: one line for each load, then what is worth telling of the last one. Ends with a line break. */
export function renderReport(report: BenchmarkReport): string {
  const { settings, steps } = report
  const last = steps.at(-1)
  const parts = [`${loadText(settings)}\n`, renderTable(stepTable(report))]
  if (last !== undefined && last.classes.length > 1) parts.push('\n', classTable(last))
  if (last !== undefined) parts.push('\n', stepFacts(settings, last))
  if (report.findMax !== null) parts.push(findMaxText(report.findMax))
  const unstable = steps.filter(({ stable }) => stable === false).length
  if (unstable > 0)
    parts.push(`* ${plural(unstable, 'step')} did not settle: the last three windows differ by more than ${percent(settings.stability)}.\n`)
  return parts.join('')
}

function loadText({ mode, arrivals, classes, slo, duration, warmUp, seed }: Settings): string {
  const how = mode === 'closed' ? 'closed loop' : `open loop, ${arrivals!.kind} arrivals, seed ${seed}`
  const within = slo === null ? '' : `, SLO ${formatNumber(slo)} ms`
  const kinds = classes.length === 1 ? '' : `, ${classes.length} classes`
  return `${how}${kinds}${within}; windows of ${formatMs(duration / 3)} after ${formatMs(warmUp)} of warm-up`
}

const ms = formatNumber
export const percent = (share: number | null) => (share === null ? '-' : `${formatNumber(Number((share * 100).toPrecision(4)))} %`)

/** One row for each step, after the head. */
export function stepTable({ settings: { mode, classes }, steps }: BenchmarkReport): string[][] {
  const promised = classes.some(({ deadline }) => deadline !== null)
  const batched = steps.some(({ batches }) => batches !== null)
  const names = steps.length === 0 ? [] : percentilesOf(steps[0]!).map(({ percentile }) => `p${percentile}`)
  const head = [...(mode === 'closed' ? ['in flight'] : ['rate/s', 'offered/s']), 'answers/s', ...names, 'max']
  if (promised) head.push('goodput')
  head.push('refused', 'failed')
  if (batched) head.push('batch')
  head.push('CPU us', 'loop p99')
  return [head, ...steps.map((step) => stepRow(step, { mode, promised, batched }))]
}

function stepRow(step: StepReport, { mode, promised, batched }: { mode: string; promised: boolean; batched: boolean }): string[] {
  const { load, stable, throughput, latency, offeredRate, offered } = step
  const name = `${formatNumber(Number(load.toPrecision(4)))}${stable === false ? '*' : ''}`
  const percentiles = percentilesOf(step).map(({ value }) => ms(value))
  const row = [...(mode === 'closed' ? [name] : [name, ms(offeredRate)]), ms(throughput), ...percentiles, ms(latency.max)]
  if (promised) row.push(percent(step.goodput))
  row.push(percentOf(step.refused, offered), percentOf(step.failed, offered))
  if (batched) row.push(step.batches === null ? '-' : formatNumber(Number(step.batches.meanRows.toPrecision(3))))
  row.push(formatNumber(Number(step.cpuPerRequest.toPrecision(3))), ms(step.eventLoopDelay.p99))
  return row
}

/** The usual ones and those asked for, ascending. */
function percentilesOf({ latency: { p50, p90, p95, p99, p999 }, percentiles }: StepReport): StepReport['percentiles'] {
  const usual = Object.entries({ 50: p50, 90: p90, 95: p95, 99: p99, 99.9: p999 }).map(([percentile, value]) => ({
    percentile: Number(percentile),
    value,
  }))
  return [...usual, ...percentiles].sort((a, b) => a.percentile - b.percentile)
}

function percentOf(counts: Readonly<Record<string, number>>, offered: number): string {
  const count = sum(counts)
  return count === 0 ? '0' : percent(count / offered)
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((total, count) => total + count, 0)

function classTable({ classes }: StepReport): string {
  const rows = classes.map(({ name, offered, answered, goodput, latency }) => {
    return [name, String(offered), String(answered), percent(goodput), ms(latency.p50), ms(latency.p99), ms(latency.max)]
  })
  return renderTable([['class', 'offered', 'answered', 'goodput', 'p50', 'p99', 'max'], ...rows])
}

/** Of the step with the highest load. */
function stepFacts({ mode, slo, classes }: Settings, step: StepReport): string {
  const { latency, batches, stages, refused, failed, eventLoopDelay, sendDelay, offered, from, to } = step
  const lines = [
    `${plural(offered, 'request')} in ${formatMs(to - from)}; latency (ms): min ${ms(latency.min)}, mean ${ms(latency.mean)}, max ${ms(latency.max)}`,
    `event-loop delay (ms): mean ${ms(eventLoopDelay.mean)}, p50 ${ms(eventLoopDelay.p50)}, p99 ${ms(eventLoopDelay.p99)}, max ${ms(eventLoopDelay.max)}`,
  ]
  if (mode === 'open') lines.push(`sent late (ms): mean ${ms(sendDelay.mean)}, p99 ${ms(sendDelay.p99)}, max ${ms(sendDelay.max)}`)
  for (const [reason, count] of Object.entries({ ...refused, ...failed })) lines.push(`${reason}: ${count}`)
  if (batches !== null) {
    const reasons = Object.entries(batches.reasons).map(([reason, count]) => `${reason} ${count}`)
    lines.push(
      `${plural(batches.count, 'batch').replace('batchs', 'batches')}, mean ${ms(batches.meanRows)} rows; sent because: ${reasons.join(', ')}`,
    )
  }
  const target = slo ?? Math.min(...classes.map(({ deadline }) => deadline ?? Infinity))
  if (stages !== null && target !== Infinity) lines.push('', latencyBudget(stages, { target }).text.trimEnd())
  return `${lines.join('\n')}\n`
}

function findMaxText({ load, goodput, precision, tried }: NonNullable<BenchmarkReport['findMax']>): string {
  const wanted = `${percent(goodput)} in time`
  if (load === null) return `No load meets ${wanted}: ${tried.length} tried.\n`
  return `Highest load with ${wanted}: ${formatNumber(Number(load.toPrecision(4)))} requests/s (to ${percent(precision)}, ${tried.length} trials).\n`
}

/** A table of differences, and in words which of them are noise. Ends with a line break. */
export function renderComparison(comparison: Comparison): string {
  const { a, b, metrics, interleaved, values, load } = comparison
  const rows = metrics.map((each) => [
    each.metric,
    each.unit,
    value(each, each.a),
    value(each, each.b),
    change(each, each.change),
    interval(each),
    verdictOf(each),
  ])
  const how = interleaved
    ? `${values} rounds each, in turn`
    : `two reports, ${values} slices each: what changed on the machine between them is in the difference`
  return [
    `A: ${a}\nB: ${b}\nload ${formatNumber(load)}; ${how}\n`,
    renderTable([['', 'unit', 'A', 'B', 'B against A', '95 % interval', ''], ...rows], { left: [0, 1, 6] }),
    `${conclusion(metrics)}\n`,
  ].join('')
}

const value = ({ metric }: MetricDifference, number: number) => (metric === 'goodput' ? percent(number) : formatNumber(number))

function change({ relative, metric }: MetricDifference, number: number): string {
  const sign = number > 0 ? '+' : ''
  if (relative) return `${sign}${(number * 100).toFixed(1)} %`
  return metric === 'goodput' ? `${sign}${(number * 100).toFixed(2)} points` : `${sign}${formatNumber(number)}`
}

const interval = (each: MetricDifference) => `${change(each, each.low)} … ${change(each, each.high)}`
const verdictOf = ({ verdict }: MetricDifference) => (verdict === 'noise' ? 'noise' : `B ${verdict}`)

function conclusion(metrics: readonly MetricDifference[]): string {
  const real = metrics.filter(({ verdict }) => verdict !== 'noise')
  if (real.length === 0) return 'No difference that is more than noise: each interval holds 0.'
  const named = (wanted: string) => real.filter(({ verdict }) => verdict === wanted).map(({ metric }) => metric)
  const parts = (['better', 'worse'] as const)
    .filter((each) => named(each).length > 0)
    .map((each) => `${each} in ${named(each).join(', ')}`)
  return `B is ${parts.join('; ')}. The rest is noise; of twenty comparisons of equals, one shows a difference in a given metric by chance.`
}
