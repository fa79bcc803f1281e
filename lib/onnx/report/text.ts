import { formatBytes, formatMs, formatNumber, plural } from '../../core/text-format.js'
import { renderTable } from '../../core/text-table.js'
import type { Coverage, LayerReport, OutputFidelity, PrecisionReport } from './types.js'

export interface ReportTextOptions {
  /** Layers in the table, worst first. Default 10. */
  readonly layers?: number
}

/** A report as tables for a terminal. */
export function renderReport(report: PrecisionReport, { layers = 10 }: ReportTextOptions = {}): string {
  const sections = [
    `${summaryLines(report).join('\n')}\n`,
    report.outputs.length === 0 ? '' : renderTable(outputTable(report.outputs)),
    report.layers.length === 0 ? '' : renderTable(layerTable(report.layers.slice(0, layers)), { left: [0, 1, 2, 4] }),
    report.methods.length === 0 ? '' : renderTable(methodTable(report), { left: [0, 2] }),
    report.curve.length === 0 ? '' : renderTable(curveTable(report), { left: [3] }),
    report.notes.map((text) => `${text}\n`).join(''),
  ]
  return sections.filter((section) => section !== '').join('\n')
}

export function summaryLines({ precision, bytes, coverage, latency, layers }: PrecisionReport): string[] {
  const share = bytes.before === 0 ? '' : ` (${formatNumber(bytes.after / bytes.before)} of it)`
  const left = layers.filter(({ type, reason }) => type === 'float32' && reason !== null).length
  return [
    `Precision ${precision}: ${formatBytes(bytes.before)} became ${formatBytes(bytes.after)}${share}.`,
    `Operators: ${coverageText(coverage)}.${left === 0 ? '' : ` ${plural(left, 'layer')} left in float32.`}`,
    ...(latency === null
      ? []
      : [
          `One inference with ${plural(latency.threads, 'thread')}: ${formatMsFine(latency.before)} became ${formatMsFine(latency.after)}.`,
        ]),
  ]
}

/** Latencies of small models are fractions of a millisecond. */
const formatMsFine = (ms: number) => (ms < 100 ? `${formatNumber(ms)} ms` : formatMs(ms))

function coverageText({ operators, macs }: Coverage): string {
  const counts = Object.entries(operators).filter(([, count]) => count > 0)
  const shown = counts.length === 0 ? 'none' : counts.map(([type, count]) => `${count} in ${type}`).join(', ')
  return macs === null ? shown : `${shown}; ${percent(macs)} of the multiply-adds in the lower type`
}

export const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`

export function outputTable(outputs: readonly OutputFidelity[]): string[][] {
  const rows = outputs.map(({ name, samples, cosine, maxError, sqnr }) => [
    name,
    String(samples),
    cosine.mean.toFixed(6),
    cosine.min.toFixed(6),
    formatNumber(maxError),
    // 300 stands for "nothing differs".
    Math.abs(sqnr) >= 300 ? (sqnr > 0 ? 'equal' : 'nothing left') : `${sqnr.toFixed(1)} dB`,
  ])
  return [['output', 'samples', 'cosine', 'least', 'largest error', 'signal / noise'], ...rows]
}

export function layerTable(layers: readonly LayerReport[]): string[][] {
  const rows = layers.map(({ node, opType, type, error, reason }) => [
    node,
    opType,
    type,
    error === null ? '-' : error.toExponential(1),
    reason ?? '',
  ])
  return [['layer', 'operator', 'type', 'noise / signal', 'why float32'], ...rows]
}

export function methodTable({ methods }: PrecisionReport): string[][] {
  return [
    ['calibration', 'error', ''],
    ...methods.map(({ method, error, chosen }) => [method, formatNumber(error), chosen ? 'chosen' : '']),
  ]
}

export function curveTable({ curve }: PrecisionReport): string[][] {
  const rows = curve.map(({ float, error, speed, chosen }) => [
    String(float),
    formatNumber(error),
    speed === null ? '-' : `${speed.toFixed(2)}x`,
    chosen ? 'chosen' : '',
  ])
  return [['layers in float', 'error', 'speed', ''], ...rows]
}
