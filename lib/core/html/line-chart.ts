import { axes, type AxisTexts, type Frame, inner, line, spread } from './frame.js'
import { linearScale, logScale, type Scale, short } from './scale.js'
import { label, linePath, type Point, svg, tag, tooltip } from './svg.js'

export interface Series {
  name: string
  points: readonly Point[]
  /** Class of the line, which has its colour. */
  class: string
  /** A guide, not a measurement: no marks. */
  guide?: boolean
}

export interface LineChart {
  name: string
  axes: AxisTexts
  series: readonly Series[]
  /** A horizontal line that matters. */
  limit?: { value: number; text: string }
  /** Loads that double want equal distances. */
  logX?: boolean
  logY?: boolean
  /** What a mark says. */
  told: (series: string, point: Point) => string
}

const frame: Frame = { width: 640, height: 330, left: 56, right: 84, top: 30, bottom: 48 }

export function lineChart(chart: LineChart): string {
  const [x, y] = scales(chart)
  const area = inner(frame)
  const drawn = chart.series.map((each) => drawSeries(each, x, y, chart.told))
  const limit = chart.limit === undefined ? '' : drawLimit(chart.limit, y)
  const ends = chart.series.map(({ points }) => y.at(points.at(-1)!.y) + 4)
  const limitLabels = chart.limit === undefined ? [] : [y.at(chart.limit.value) + 4]
  const places = spread([...ends, ...limitLabels], 15, area.y.from)
  const names = [
    ...chart.series.map(({ name, class: own }) => ({ name, class: own })),
    ...(chart.limit === undefined ? [] : [{ name: chart.limit.text, class: 'limit' }]),
  ]
  const labels = names.map(({ name, class: own }, i) => label({ x: area.x.to + 8, y: places[i]! }, name, { class: `name ${own}` }))
  return svg(frame, chart.name, axes(frame, x, y, chart.axes), limit, ...drawn, ...labels)
}

function scales({ series, limit, logX = false, logY = false }: LineChart): [Scale, Scale] {
  const area = inner(frame)
  const points = series.flatMap((each) => [...each.points])
  const xs = points.map((point) => point.x)
  const ys = [...points.map((point) => point.y), ...(limit === undefined ? [] : [limit.value])]
  const positive = ys.filter((value) => value > 0)
  const x = logX ? atValues(xs, logScale({ from: Math.min(...xs), to: Math.max(...xs) }, area.x)) : linearScale(Math.max(...xs), area.x)
  const y =
    logY && positive.length > 0
      ? logScale({ from: Math.min(...positive), to: Math.max(...positive) }, area.y)
      : linearScale(Math.max(...ys), area.y)
  return [x, y]
}

/** A label at each load that was measured, instead of round numbers that were not. */
function atValues(values: readonly number[], scale: Scale): Scale {
  return { ...scale, ticks: [...new Set(values)], format: short }
}

function drawSeries({ name, points, class: own, guide = false }: Series, x: Scale, y: Scale, told: LineChart['told']): string {
  const placed = points.map((point) => ({ x: x.at(point.x), y: y.at(point.y) }))
  const path = tag('path', { d: linePath(placed), class: `line ${own}` })
  if (guide) return path
  const marks = placed.map((place, i) =>
    tag('circle', { cx: place.x, cy: place.y, r: 3.5, class: `mark ${own}` }, tooltip(told(name, points[i]!))),
  )
  return path + marks.join('')
}

function drawLimit({ value }: { value: number }, y: Scale): string {
  const area = inner(frame)
  return line({ x: area.x.from, y: y.at(value) }, { x: area.x.to, y: y.at(value) }, 'limit')
}
