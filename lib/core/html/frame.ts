import type { Scale } from './scale.js'
import { label, type Point, type Size, tag } from './svg.js'

/** Space around the drawn area. */
export interface Frame extends Size {
  left: number
  right: number
  top: number
  bottom: number
}

export const inner = ({ width, height, left, right, top, bottom }: Frame) => ({
  x: { from: left, to: width - right },
  y: { from: height - bottom, to: top },
})

export interface AxisTexts {
  x: string
  y: string
}

/** Grid lines with their labels, and what the axes are. */
export function axes(frame: Frame, x: Scale, y: Scale, texts: AxisTexts): string {
  const area = inner(frame)
  const horizontal = y.ticks.map((tick) => {
    const at = y.at(tick)
    return (
      line({ x: area.x.from, y: at }, { x: area.x.to, y: at }, tick === 0 ? 'base' : 'grid') +
      label({ x: area.x.from - 8, y: at + 4 }, y.format(tick), { anchor: 'end', class: 'tick' })
    )
  })
  const vertical = x.ticks.map((tick) => label({ x: x.at(tick), y: area.y.from + 18 }, x.format(tick), { anchor: 'middle', class: 'tick' }))
  return [
    ...horizontal,
    line({ x: area.x.from, y: area.y.from }, { x: area.x.to, y: area.y.from }, 'base'),
    ...vertical,
    label({ x: area.x.to, y: area.y.from + 36 }, texts.x, { anchor: 'end', class: 'axis' }),
    label({ x: frame.left - 34 < 4 ? 4 : frame.left - 34, y: 14 }, texts.y, { class: 'axis' }),
  ].join('')
}

export function line(from: Point, to: Point, name: string): string {
  return tag('line', { x1: from.x, y1: from.y, x2: to.x, y2: to.y, class: name })
}

/** Labels that would cover each other are pushed apart, downwards; the order stays. */
export function spread(positions: readonly number[], gap: number, lowest: number): number[] {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a]! - positions[b]!)
  const placed = [...positions]
  let last = -Infinity
  for (const i of order) last = placed[i] = Math.max(positions[i]!, last + gap)
  // Pushed below the frame: all go up by as much.
  const excess = Math.max(0, last - lowest)
  return placed.map((position) => position - excess)
}
