import type { BatchReport } from '../report/schema.js'
import { axes, type Frame, inner } from '../../core/html/frame.js'
import { linearScale, type Scale, short } from '../../core/html/scale.js'
import { label, linePath, svg, tag, tooltip } from '../../core/html/svg.js'

const frame: Frame = { width: 640, height: 190, left: 44, right: 16, top: 34, bottom: 44 }

/** Mean rows of the batches over time, and the range up to the largest. @param from Milliseconds: the step's measured time. */
export function batchTimeline(title: string, { timeline, meanRows }: BatchReport, { from, to }: { from: number; to: number }): string {
  const area = inner(frame)
  const most = Math.max(...timeline.map(({ maxRows }) => maxRows))
  const y = integerScale(most, area.y)
  const seconds = linearScale((to - from) / 1000, area.x, 6)
  const x = (at: number) => seconds.at((at - from) / 1000)
  const mean = timeline.map((part) => ({ x: x(part.at), y: y.at(part.meanRows) }))
  const largest = timeline.map((part) => ({ x: x(part.at), y: y.at(part.maxRows) }))
  const band = tag('path', { d: `${linePath([...largest, ...mean.toReversed()])}Z`, class: 'band' })
  const points = timeline.map((part, i) =>
    tag(
      'circle',
      { cx: mean[i]!.x, cy: mean[i]!.y, r: 5, class: 'ghost' },
      tooltip(`${part.batches} batches, mean ${short(part.meanRows)}, largest ${part.maxRows}`),
    ),
  )
  return svg(
    frame,
    `Batch sizes over time, ${title}`,
    axes(frame, seconds, y, { x: 'seconds', y: 'rows' }),
    band,
    tag('path', { d: linePath(mean), class: 'line rows' }),
    ...points,
    label({ x: frame.width - frame.right, y: 14 }, `${title}: mean ${short(meanRows)}`, { anchor: 'end', class: 'name' }),
  )
}

/** Rows are whole numbers: four equal steps of them. */
function integerScale(most: number, range: { from: number; to: number }): Scale {
  const step = Math.ceil(most / 4)
  return {
    at: (rows) => range.from + (rows / (4 * step)) * (range.to - range.from),
    ticks: [0, 1, 2, 3, 4].map((i) => i * step),
    format: String,
  }
}
