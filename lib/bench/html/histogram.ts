import type { Histogram } from '../report/schema.js'
import { type Frame, inner, line } from '../../core/html/frame.js'
import { short, spanScale } from '../../core/html/scale.js'
import { label, svg, tag, tooltip } from '../../core/html/svg.js'

const frame: Frame = { width: 420, height: 190, left: 12, right: 12, top: 34, bottom: 40 }

export interface HistogramChart {
  /** What was measured: `400 requests/s`. */
  title: string
  histogram: Histogram
  marks: readonly { value: number; text: string }[]
  limit: number | null
}

/** How often each latency came. The last bin holds what lies beyond; it is drawn as wide as the others. */
export function histogramChart({ title, histogram: { edges, counts }, marks, limit }: HistogramChart): string {
  const area = inner(frame)
  const width = edges[1]! - edges[0]!
  const end = edges[0]! + counts.length * width
  // The limit belongs into the picture where it is near; far away, it would leave nothing to see of the rest.
  const inSight = limit !== null && limit <= 2 * end
  const x = spanScale({ from: edges[0]!, to: Math.max(end, inSight ? limit : 0) }, area.x, 6)
  const most = Math.max(...counts)
  const total = counts.reduce((sum, count) => sum + count, 0)
  const bars = counts.map((count, i) => {
    if (count === 0) return ''
    const left = x.at(edges[0]! + i * width)
    const right = x.at(edges[0]! + (i + 1) * width)
    const height = (count / most) * (area.y.from - area.y.to)
    const late = limit !== null && edges[i]! >= limit * (1 - 1e-9)
    const told = `${short(edges[i]!)} to ${short(edges[i + 1]!)} ms: ${count} (${short((100 * count) / total)} %)`
    // At least a hairline: a rare value is what one looks for.
    return tag(
      'rect',
      {
        x: left,
        y: area.y.from - Math.max(height, 1),
        width: Math.max(right - left - 0.5, 0.5),
        height: Math.max(height, 1),
        class: late ? 'bar late' : 'bar',
      },
      tooltip(told),
    )
  })
  const ticks = x.ticks.map((tick) => label({ x: x.at(tick), y: area.y.from + 16 }, x.format(tick), { anchor: 'middle', class: 'tick' }))
  const drawnMarks = marks.map(({ value, text }) =>
    tag('g', {}, line({ x: x.at(value), y: area.y.from + 1 }, { x: x.at(value), y: area.y.from + 6 }, 'tickmark'), tooltip(text)),
  )
  const limitLine = inSight ? line({ x: x.at(limit), y: area.y.to - 6 }, { x: x.at(limit), y: area.y.from }, 'limit') : ''
  return svg(
    frame,
    `Latency histogram, ${title}`,
    label({ x: frame.left, y: 14 }, title, { class: 'name' }),
    label({ x: frame.width - frame.right, y: 14 }, marks.map(({ text }) => text).join(' · '), { anchor: 'end', class: 'tick' }),
    ...bars,
    line({ x: area.x.from, y: area.y.from }, { x: area.x.to, y: area.y.from }, 'base'),
    ...ticks,
    ...drawnMarks,
    limitLine,
    label({ x: area.x.to, y: area.y.from + 32 }, 'latency, ms', { anchor: 'end', class: 'axis' }),
  )
}
