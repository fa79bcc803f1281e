import { invalid } from '../options.js'

/** Text in an element or a quoted attribute. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

export type Attributes = Readonly<Record<string, string | number>>

/** An element; its children are markup already. @throws {TrtError} Where a number is not finite: it would draw nothing, silently. */
export function tag(name: string, attributes: Attributes, ...children: string[]): string {
  const told = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === 'number' ? coordinate(value) : escape(value)}"`,
  )
  return `<${name}${told.join('')}>${children.join('')}</${name}>`
}

/** Two decimals: a hundredth of a pixel. */
export function coordinate(value: number): string {
  if (!Number.isFinite(value)) throw invalid(`Expected finite numbers in a report but one is ${value}.`)
  return String(Math.round(value * 100) / 100)
}

export interface Point {
  x: number
  y: number
}

/** `M1 2L3 4…` */
export function linePath(points: readonly Point[]): string {
  return points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${coordinate(x)} ${coordinate(y)}`).join('')
}

export interface TextStyle {
  anchor?: 'start' | 'middle' | 'end'
  class?: string
}

export function label({ x, y }: Point, text: string, { anchor = 'start', class: name = 'label' }: TextStyle = {}): string {
  return tag('text', { x, y, 'text-anchor': anchor, class: name }, escape(text))
}

/** What a browser shows when the pointer rests on the element around it. */
export const tooltip = (text: string) => `<title>${escape(text)}</title>`

export interface Size {
  width: number
  height: number
}

/** A drawing that scales with the page; `name` is what a screen reader says. */
export function svg({ width, height }: Size, name: string, ...children: string[]): string {
  return tag('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': name }, ...children)
}
