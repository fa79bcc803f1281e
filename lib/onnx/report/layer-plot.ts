import { axes, type Frame, inner } from '../../core/html/frame.js'
import { linearScale, logScale } from '../../core/html/scale.js'
import { svg, tag, tooltip } from '../../core/html/svg.js'
import type { LayerReport } from './types.js'

const frame: Frame = { width: 1100, height: 320, left: 64, right: 20, top: 30, bottom: 48 }

/** Below this, two ways to compute in float32 differ as much. */
const leastError = 1e-14

export type MeasuredLayer = LayerReport & { readonly error: number }

export const measured = (layers: readonly LayerReport[]): MeasuredLayer[] =>
  layers.filter((layer): layer is MeasuredLayer => layer.error !== null && Number.isFinite(layer.error))

/** The error of every layer by its place in the graph; in the order given where that is not known. Empty: nothing was measured. */
export function layerPlot(layers: readonly LayerReport[]): string {
  const points = measured(layers)
  if (points.length === 0) return ''
  const area = inner(frame)
  const places = points.map(({ position }, i) => position ?? i)
  const errors = points.map(({ error }) => Math.max(leastError, error))
  const x = linearScale(Math.max(1, ...places), area.x, 8)
  const y = logScale({ from: Math.min(...errors), to: Math.max(...errors) }, area.y)
  const marks = points.map(({ node, opType, type, error, reason }, i) => {
    const told = `${opType} ${node}, ${type}: ${error.toExponential(1)}${reason === null ? '' : ` (${reason})`}`
    return tag('circle', { cx: x.at(places[i]!), cy: y.at(errors[i]!), r: 4, class: `mark ${classOf(type)}` }, tooltip(told))
  })
  return svg(frame, 'Error by layer', axes(frame, x, y, { x: 'place in the graph', y: 'noise / signal' }), ...marks)
}

/** Colours of the page: what stays float is the guide, the rest is measured. */
export const classOf = (type: string) => (type === 'float32' ? 'good' : type === 'int8' ? 'queue' : 'answers')
