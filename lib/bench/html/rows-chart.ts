import type { BatchReport } from '../report/schema.js'
import { type Frame, inner, line } from '../../core/html/frame.js'
import { label, svg, tag, tooltip } from '../../core/html/svg.js'

const frame: Frame = { width: 640, height: 190, left: 44, right: 16, top: 34, bottom: 44 }
const mostLabels = 17

/** How many batches had how many rows, and why they were sent. */
export function rowsChart(title: string, { rows, count, reasons }: BatchReport): string {
  const area = inner(frame)
  const largest = Math.max(...Object.keys(rows).map(Number))
  const most = Math.max(...Object.values(rows))
  const width = (area.x.to - area.x.from) / largest
  const every = Math.ceil(largest / mostLabels)
  const bars = Array.from({ length: largest }, (_, i) => {
    const size = i + 1
    const batches = rows[size] ?? 0
    const left = area.x.from + i * width
    const height = batches === 0 ? 0 : Math.max(1, (batches / most) * (area.y.from - area.y.to))
    const told = `${size} rows: ${batches} batches (${Math.round((1000 * batches) / count) / 10} %)`
    const gap = Math.min(4, width * 0.2)
    const rect = tag('rect', { x: left + gap / 2, y: area.y.from - height, width: width - gap, height, class: 'bar rows' }, tooltip(told))
    const shown = size === 1 || size === largest || (size % every === 0 && largest - size >= every)
    return rect + (shown ? label({ x: left + width / 2, y: area.y.from + 16 }, String(size), { anchor: 'middle', class: 'tick' }) : '')
  })
  const why = Object.entries(reasons)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, batches]) => `${reason} ${Math.round((100 * batches) / count)} %`)
  return svg(
    frame,
    `Batches by rows, ${title}`,
    ...bars,
    line({ x: area.x.from, y: area.y.from }, { x: area.x.to, y: area.y.from }, 'base'),
    label({ x: area.x.to, y: area.y.from + 34 }, 'rows in a batch', { anchor: 'end', class: 'axis' }),
    label({ x: area.x.from - 34, y: 14 }, 'batches', { class: 'axis' }),
    label({ x: area.x.to, y: 14 }, `sent because: ${why.join(', ')}`, { anchor: 'end', class: 'name' }),
  )
}
