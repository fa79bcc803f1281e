import { formatBytes, formatMs, formatNumber, plural } from '../../core/text-format.js'
import { percent, stepTable } from '../report/text.js'
import type { BenchmarkReport, StepReport } from '../report/schema.js'
import { answersByLoad, batches, budget, histograms, latencyByLoad, legend, outcomes, stepName } from './figures.js'
import { short } from '../../core/html/scale.js'
import { style } from '../../core/html/style.js'
import { escape } from '../../core/html/svg.js'

/** Nothing is loaded, nothing is run: a report may be mailed and opened anywhere. */
const policy = "default-src 'none'; style-src 'unsafe-inline'"

/**
 * One page that needs no network and no script: drawings are inline SVG, light and dark as the reader's system is.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: a number of the report is not finite.
 */
export function renderHtml(report: BenchmarkReport): string {
  const sections = [
    figures(report),
    histogramSection(report),
    batchSection(report),
    budgetSection(report),
    tableSection(report),
    classSection(report),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(report.name)} · benchmark</title>
<style>${style}</style>
</head>
<body>
<main>
${header(report)}
<div class="tiles">${tiles(report)}</div>
<div class="grid">
${sections.filter((section) => section !== '').join('\n')}
</div>
${footer(report)}
</main>
</body>
</html>
`
}

function header({ name, created, environment: { cpu, cores, platform, node, memoryBytes }, settings }: BenchmarkReport): string {
  const { mode, arrivals, classes, slo, seed } = settings
  const how = mode === 'closed' ? 'Closed loop' : `Open loop, ${arrivals!.kind} arrivals`
  const facts = [
    how,
    ...(slo === null ? [] : [`SLO ${formatNumber(slo)} ms`]),
    ...(classes.length > 1 ? [`${classes.length} classes`] : []),
    `seed ${seed}`,
  ]
  const machine = [cpu, plural(cores, 'core'), formatBytes(memoryBytes), platform, `Node ${node}`]
  const when = `${created.slice(0, 10)} ${created.slice(11, 16)} UTC`
  return `<header><h1>${escape(name)}</h1><p>${escape(facts.join(' · '))}</p><p class="soft">${escape([when, ...machine].join(' · '))}</p></header>`
}

function tiles(report: BenchmarkReport): string {
  const { steps, findMax, settings } = report
  const best = steps.reduce<StepReport | null>((most, step) => (most === null || step.throughput > most.throughput ? step : most), null)
  if (best === null) return ''
  const shown = headline(report) ?? best
  const told = [tile(short(best.throughput), '/s', `most answers, at ${stepName(report, best)}`)]
  if (findMax !== null)
    told.unshift(tile(findMax.load === null ? 'none' : short(findMax.load), '/s', `highest load with ${percent(findMax.goodput)} in time`))
  told.push(
    tile(short(shown.latency.p50), ' ms', `p50 at ${stepName(report, shown)}`),
    tile(short(shown.latency.p99), ' ms', `p99 at ${stepName(report, shown)}`),
  )
  if (shown.goodput !== null) told.push(tile(short(shown.goodput * 100), ' %', `in time at ${stepName(report, shown)}`))
  if (shown.batches !== null && settings.mode === 'open')
    told.push(tile(short(shown.batches.meanRows), ' rows', `mean batch at ${stepName(report, shown)}`))
  return told.join('')
}

/** The highest load that still kept its promise; where none was made, or none kept, undefined. */
function headline({ steps, findMax }: BenchmarkReport): StepReport | undefined {
  const wanted = findMax?.goodput ?? 0.99
  return steps.findLast(({ goodput }) => goodput !== null && goodput >= wanted)
}

const tile = (value: string, unit: string, text: string) =>
  `<div class="tile"><b>${escape(value)}<small>${escape(unit)}</small></b><span>${escape(text)}</span></div>`

/** Wide drawings keep their size on a narrow screen. */
const scrolled = (chart: string) => `<div class="scroll broad">${chart}</div>`

function section(title: string, note: string, body: string, wide = true): string {
  if (body === '') return ''
  return `<section${wide ? ' class="wide"' : ''}><h2>${escape(title)}</h2><p class="note">${escape(note)}</p>${body}</section>`
}

function figures(report: BenchmarkReport): string {
  const { chart, parts } = outcomes(report)
  return [
    section('Latency against load', 'Counted from when a request should have been sent.', latencyByLoad(report), false),
    section('Answers against load', 'Where the lines leave each other, the device is full.', answersByLoad(report), false),
    section('What became of the requests', 'Share of all that were due.', chart === '' ? '' : legend(parts) + scrolled(chart)),
  ]
    .filter((each) => each !== '')
    .join('\n')
}

function histogramSection(report: BenchmarkReport): string {
  const drawn = histograms(report)
  const note =
    report.settings.slo === null
      ? 'The last bin holds all that took longer.'
      : 'The last bin holds all that took longer; late answers are amber.'
  return section('How latencies are spread', note, drawn.length === 0 ? '' : `<div class="many">${drawn.join('')}</div>`)
}

function batchSection(report: BenchmarkReport): string {
  const drawn = batches(report)
  const note = 'Mean rows of the batches, with the range up to the largest; and how many batches had how many rows.'
  return section('Batch sizes over time', note, drawn.length === 0 ? '' : `<div class="pair">${drawn.join('')}</div>`)
}

function budgetSection(report: BenchmarkReport): string {
  const { chart, parts } = budget(report)
  return section(
    'Latency budget',
    'Mean time of each stage of an answered request; the diamond is p99 of the whole.',
    chart === '' ? '' : legend(parts) + scrolled(chart),
  )
}

function tableSection(report: BenchmarkReport): string {
  return section(
    'All steps',
    'Latencies in milliseconds, CPU of the whole process in microseconds for each request.',
    table(stepTable(report)),
  )
}

function classSection({ steps }: BenchmarkReport): string {
  if (!steps.some(({ classes }) => classes.length > 1)) return ''
  const rows = steps.flatMap(({ load, classes }) =>
    classes.map(({ name, offered, goodput, latency: { p50, p99, max } }) => [
      name,
      short(load),
      String(offered),
      percent(goodput),
      short(p50),
      short(p99),
      short(max),
    ]),
  )
  return section(
    'Classes',
    'Each kind of request at each load.',
    table([['class', 'load', 'offered', 'in time', 'p50', 'p99', 'max'], ...rows]),
  )
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const cells = (name: string, row: readonly string[]) => `<tr>${row.map((cell) => `<${name}>${escape(cell)}</${name}>`).join('')}</tr>`
  return `<div class="scroll"><table><thead>${cells('th', head)}</thead><tbody>${rows.map((row) => cells('td', row)).join('')}</tbody></table></div>`
}

function footer({ environment, schema, settings: { warmUp, duration, stability } }: BenchmarkReport): string {
  const judged = stability > 0 ? `, until three agree to ${percent(stability)}` : ''
  const how = `Windows of ${formatMs(duration / 3)} after ${formatMs(warmUp)} of warm-up${judged}.`
  return `<footer>${escape(how)} Made by ${escape(environment.package)}; ${escape(schema)}.</footer>`
}
