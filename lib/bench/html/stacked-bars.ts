import { type Frame, inner, line } from '../../core/html/frame.js'
import { linearScale, short } from '../../core/html/scale.js'
import { label, svg, tag, tooltip } from '../../core/html/svg.js'

export interface Part {
  name: string
  value: number
  class: string
}

export interface StackedBars {
  name: string
  /** What the values are: `ms`, `%`. */
  unit: string
  rows: readonly { title: string; parts: readonly Part[]; mark?: { value: number; text: string } }[]
  /** The axis ends here at least. */
  atLeast?: number
  limit?: { value: number; text: string }
}

const rowHeight = 34
const barHeight = 20

/** One bar for each row, its parts one after the other. The legend names the parts that occur. */
export function stackedBars({ name, unit, rows, atLeast = 0, limit }: StackedBars): string {
  const longest = Math.max(...rows.map(({ title }) => title.length))
  const top = limit === undefined ? 6 : 26
  const frame: Frame = { width: 1100, height: top + 46 + rows.length * rowHeight, left: 22 + longest * 7, right: 24, top, bottom: 40 }
  const area = inner(frame)
  const ends = rows.flatMap(({ parts, mark }) => [parts.reduce((sum, { value }) => sum + value, 0), mark?.value ?? 0])
  const x = linearScale(Math.max(atLeast, limit?.value ?? 0, ...ends), area.x, 6)
  const grid = x.ticks.map((tick) => {
    const at = x.at(tick)
    const text = label({ x: at, y: area.y.from + 16 }, x.format(tick), { anchor: 'middle', class: 'tick' })
    return line({ x: at, y: area.y.to }, { x: at, y: area.y.from }, tick === 0 ? 'base' : 'grid') + text
  })
  const bars = rows.map((row, i) => {
    const top = frame.top + 8 + i * rowHeight
    const title = label({ x: area.x.from - 10, y: top + barHeight - 5 }, row.title, { anchor: 'end', class: 'tick' })
    return (
      title + barParts(row.parts, { top, unit, at: x.at }) + (row.mark === undefined ? '' : markAt(row.mark, x.at(row.mark.value), top))
    )
  })
  const limitLine =
    limit === undefined ? '' : line({ x: x.at(limit.value), y: area.y.to - 4 }, { x: x.at(limit.value), y: area.y.from }, 'limit')
  const limitText =
    limit === undefined ? '' : label({ x: x.at(limit.value), y: area.y.to - 8 }, limit.text, { anchor: 'end', class: 'name limit' })
  const axis = label({ x: area.x.to, y: area.y.from + 34 }, unit, { anchor: 'end', class: 'axis' })
  return svg(frame, name, ...grid, ...bars, limitLine, limitText, axis)
}

interface Place {
  top: number
  unit: string
  at: (value: number) => number
}

function barParts(parts: readonly Part[], { top, unit, at }: Place): string {
  let begin = 0
  const drawn = parts.map(({ name, value, class: own }) => {
    const [left, right] = [at(begin), at(begin + value)]
    begin += value
    const told = `${name}: ${short(value)} ${unit}`
    // A hairline between parts, where there is room for one.
    const width = Math.max(0, right - left - (right - left > 3 ? 1 : 0))
    const rect = tag('rect', { x: left, y: top, width, height: barHeight, class: `part ${own}` }, tooltip(told))
    const inside = `${name} ${short(value)}`
    const fits = right - left > inside.length * 7.2 + 10
    return rect + (fits ? label({ x: left + 6, y: top + 14 }, inside, { class: 'inside' }) : '')
  })
  return drawn.join('')
}

function markAt({ text }: { text: string }, at: number, top: number): string {
  return tag('g', { class: 'diamond' }, tag('path', { d: `M${at} ${top + 3}l7 7l-7 7l-7 -7z` }), tooltip(text))
}
