import { lineChart } from '../../core/html/line-chart.js'
import { short } from '../../core/html/scale.js'
import { style } from '../../core/html/style.js'
import { escape } from '../../core/html/svg.js'
import { formatBytes, formatNumber } from '../../core/text-format.js'
import { classOf, layerPlot } from './layer-plot.js'
import { curveTable, layerTable, methodTable, outputTable, percent, summaryLines } from './text.js'
import type { PrecisionReport } from './types.js'

/** Nothing is loaded, nothing is run: a report may be mailed and opened anywhere. */
const policy = "default-src 'none'; style-src 'unsafe-inline'"

const own = `
circle.queue { fill: var(--queue) } .i-answers { background: var(--answers) } td.text, th.text { text-align: left } ul { margin: 0; padding-left: 18px }
`

/** Layers in the table. */
const most = 40

/**
 * One page that needs no network and no script, light or dark as the reader's system is: figures, the error of every layer, tables.
 *
 * @param name What the report is of: the model's file, say.
 */
export function renderReportHtml(report: PrecisionReport, name: string): string {
  const sections = [
    layerSection(report),
    outputSection(report),
    curveSection(report),
    methodSection(report),
    worstSection(report),
    noteSection(report),
  ]
  const [first = '', ...rest] = summaryLines(report)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(name)} · ${escape(report.precision)}</title>
<style>${style}${own}</style>
</head>
<body>
<main>
<header><h1>${escape(name)}</h1><p>${escape(first)}</p><p class="soft">${escape(rest.join(' '))}</p></header>
<div class="tiles">${tiles(report)}</div>
<div class="grid">
${sections.filter((section) => section !== '').join('\n')}
</div>
</main>
</body>
</html>
`
}

function tiles({ bytes, coverage, outputs, latency }: PrecisionReport): string {
  const worst = outputs.toSorted((a, b) => a.cosine.min - b.cosine.min)[0]
  const lower = coverage.operators.float16 + coverage.operators.bfloat16 + coverage.operators.int8
  const all = lower + coverage.operators.float32
  const told = [
    tile(formatBytes(bytes.after), '', `of ${formatBytes(bytes.before)} before`),
    tile(all === 0 ? '0' : percent(lower / all), '', `of ${all} float operators in a lower type`),
  ]
  if (worst !== undefined)
    told.push(tile(worst.cosine.mean.toFixed(5), '', `cosine of ${worst.name}, at least ${worst.cosine.min.toFixed(5)}`))
  if (latency !== null) told.push(tile(formatNumber(latency.before / latency.after), '×', 'faster than before, on this machine'))
  return told.join('')
}

const tile = (value: string, unit: string, text: string) =>
  `<div class="tile"><b>${escape(value)}<small>${escape(unit)}</small></b><span>${escape(text)}</span></div>`

function section(title: string, note: string, body: string): string {
  if (body === '') return ''
  return `<section class="wide"><h2>${escape(title)}</h2><p class="note">${escape(note)}</p>${body}</section>`
}

const scrolled = (chart: string) => (chart === '' ? '' : `<div class="scroll broad">${chart}</div>`)

function layerSection({ layers }: PrecisionReport): string {
  const chart = layerPlot(layers)
  if (chart === '') return ''
  const classes = new Map(layers.map(({ type }) => [type, classOf(type)]))
  const entries = [...classes].map(([type, name]) => `<span><i class="i-${name}"></i>${escape(type)}</span>`)
  const note = 'Noise power over signal power of what each layer gives, against the model before; point at a mark for its name.'
  return section('Error by layer', note, `<div class="legend">${entries.join('')}</div>${scrolled(chart)}`)
}

function outputSection({ outputs }: PrecisionReport): string {
  if (outputs.length === 0) return ''
  return section('Outputs', 'Against the model before, on samples that nothing was chosen by.', table(outputTable(outputs), [0]))
}

function curveSection(report: PrecisionReport): string {
  const { curve } = report
  if (curve.length === 0) return ''
  const points = curve.filter(({ error }) => Number.isFinite(error) && error > 0).map(({ float, error }) => ({ x: float, y: error }))
  const chart =
    points.length < 2
      ? ''
      : lineChart({
          name: 'Error against layers left in float',
          axes: { x: 'layers in float', y: 'error' },
          series: [{ name: 'error', class: 'answers', points: points.toSorted((a, b) => a.x - b.x) }],
          logY: true,
          told: (_, { x, y }) => `${short(x)} layers in float: ${y.toExponential(1)}`,
        })
  return section('Layers left in float', 'What accuracy costs in speed.', scrolled(chart) + table(curveTable(report), []))
}

function methodSection(report: PrecisionReport): string {
  if (report.methods.length === 0) return ''
  return section('Calibration', 'The error of the outputs with the ranges of each method.', table(methodTable(report), [0, 2]))
}

function worstSection({ layers }: PrecisionReport): string {
  if (layers.length === 0) return ''
  const shown = layers.slice(0, most)
  const note = shown.length < layers.length ? `The worst ${shown.length} of ${layers.length}.` : 'Worst first.'
  return section('Layers', note, table(layerTable(shown), [0, 1, 2, 4]))
}

function noteSection({ notes }: PrecisionReport): string {
  return section(
    'Notes',
    'What was left aside, and why.',
    notes.length === 0 ? '' : `<ul>${notes.map((text) => `<li>${escape(text)}</li>`).join('')}</ul>`,
  )
}

function table([head = [], ...rows]: readonly (readonly string[])[], left: readonly number[]): string {
  const cell = (name: string) => (text: string, i: number) => `<${name}${left.includes(i) ? ' class="text"' : ''}>${escape(text)}</${name}>`
  const row = (name: string, cells: readonly string[]) => `<tr>${cells.map(cell(name)).join('')}</tr>`
  return `<div class="scroll"><table><thead>${row('th', head)}</thead><tbody>${rows.map((cells) => row('td', cells)).join('')}</tbody></table></div>`
}
