/**
 * A round-ended stroke alphabet of our own, so that pictures can be made without a font. Paths are SVG's `M`, `L` and `Q`,
 * y down: capitals reach from 0 to the baseline at 14, small letters start at 4, tails end at 18.
 */
const bowl = 'M1,9 Q1,4 4.75,4 Q8.5,4 8.5,9 Q8.5,14 4.75,14 Q1,14 1,9'

const paths: Readonly<Record<string, string>> = {
  A: 'M0.5,14 L5.5,0 L10.5,14 M2.4,9 L8.6,9',
  B: 'M1,0 L1,14 L5.5,14 Q9.5,14 9.5,10.3 Q9.5,6.8 5.5,6.8 L1,6.8 M5.3,6.8 Q8.7,6.8 8.7,3.4 Q8.7,0 5.3,0 L1,0',
  C: 'M10.5,2.8 Q9,0 6.2,0 Q1,0 1,7 Q1,14 6.2,14 Q9,14 10.5,11.2',
  D: 'M1,0 L1,14 L4.5,14 Q10.5,14 10.5,7 Q10.5,0 4.5,0 L1,0',
  E: 'M8.8,0 L1,0 L1,14 L9,14 M1,6.8 L8,6.8',
  F: 'M8.6,0 L1,0 L1,14 M1,6.9 L7.6,6.9',
  G: 'M10.6,2.8 Q9.2,0 6.3,0 Q1,0 1,7 Q1,14 6.3,14 Q9.2,14 10.7,12 L10.7,7.6 L6.6,7.6',
  H: 'M1,0 L1,14 M10,0 L10,14 M1,6.8 L10,6.8',
  I: 'M1,0 L1,14',
  J: 'M6.5,0 L6.5,10 Q6.5,14 3.6,14 Q1,14 0.7,10.6',
  K: 'M1,0 L1,14 M9.5,0 L1,8.8 M4,5.8 L10,14',
  L: 'M1,0 L1,14 L8.4,14',
  M: 'M1,14 L1,0 L6.5,13 L12,0 L12,14',
  N: 'M1,14 L1,0 L10,14 L10,0',
  O: 'M1,7 Q1,0 6.5,0 Q12,0 12,7 Q12,14 6.5,14 Q1,14 1,7',
  P: 'M1,14 L1,0 L5.5,0 Q9.5,0 9.5,3.9 Q9.5,7.8 5.5,7.8 L1,7.8',
  Q: 'M1,7 Q1,0 6.5,0 Q12,0 12,7 Q12,14 6.5,14 Q1,14 1,7 M7.8,10.8 L12,14.8',
  R: 'M1,14 L1,0 L5.5,0 Q9.5,0 9.5,3.9 Q9.5,7.8 5.5,7.8 L1,7.8 M5.6,7.8 L9.8,14',
  S: 'M9,2.6 Q7.8,0 5.1,0 Q1.2,0 1.2,3.5 Q1.2,6.2 5.1,6.9 Q9.5,7.7 9.5,10.5 Q9.5,14 5.2,14 Q2,14 0.8,11',
  T: 'M0.5,0 L10,0 M5.25,0 L5.25,14',
  U: 'M1,0 L1,9 Q1,14 5.5,14 Q10,14 10,9 L10,0',
  V: 'M0.5,0 L5.5,14 L10.5,0',
  W: 'M0.5,0 L4.2,14 L8.2,0.5 L12.2,14 L15.9,0',
  X: 'M0.8,0 L9.7,14 M9.7,0 L0.8,14',
  Y: 'M0.5,0 L5.2,7 L5.2,14 M9.9,0 L5.2,7',
  Z: 'M1,0 L9.3,0 L0.9,14 L9.6,14',
  a: 'M1.2,5.8 Q2.5,4 4.6,4 Q8,4 8,7.4 L8,14 M8,8.4 L5,8.4 Q1,8.4 1,11.2 Q1,14 4,14 Q8,14 8,10.4',
  b: `M1,0 L1,14 ${bowl}`,
  c: 'M8,5.8 Q6.8,4 4.8,4 Q1,4 1,9 Q1,14 4.8,14 Q6.8,14 8,12.2',
  d: `M8.5,0 L8.5,14 ${bowl}`,
  e: 'M1,9 L8.5,9 Q8.5,4 4.75,4 Q1,4 1,9 Q1,14 5,14 Q7,14 8.2,12.2',
  f: 'M6.5,0.3 Q5.8,0 5.2,0 Q2.8,0 2.8,3 L2.8,14 M0.5,4.4 L5.8,4.4',
  g: `M8.5,4 L8.5,14.5 Q8.5,18 4.75,18 Q2.5,18 1.3,16.5 ${bowl}`,
  h: 'M1,0 L1,14 M1,8.5 Q1,4 4.6,4 Q8,4 8,8 L8,14',
  i: 'M1,4 L1,14 M1,0.4 L1,0.6',
  j: 'M2.5,4 L2.5,15.5 Q2.5,18 0,18 M2.5,0.4 L2.5,0.6',
  k: 'M1,0 L1,14 M7.5,4 L1,10 M3.5,8 L8,14',
  l: 'M1,0 L1,12 Q1,14 3,14',
  m: 'M1,4 L1,14 M1,8 Q1,4 4.2,4 Q7,4 7,8 L7,14 M7,8 Q7,4 10.2,4 Q13,4 13,8 L13,14',
  n: 'M1,4 L1,14 M1,8.5 Q1,4 4.6,4 Q8,4 8,8 L8,14',
  o: 'M1,9 Q1,4 4.9,4 Q8.8,4 8.8,9 Q8.8,14 4.9,14 Q1,14 1,9',
  p: `M1,4 L1,18 ${bowl}`,
  q: `M8.5,4 L8.5,18 ${bowl}`,
  r: 'M1,4 L1,14 M1,8.5 Q1,4 5.5,4',
  s: 'M7,5.6 Q6,4 4.2,4 Q1.2,4 1.2,6.5 Q1.2,8.5 4.2,9 Q7.4,9.5 7.4,11.5 Q7.4,14 4.2,14 Q2,14 0.9,12.3',
  t: 'M3,1 L3,11.5 Q3,14 5.3,14 L6.2,13.9 M0.8,4.3 L6,4.3',
  u: 'M1,4 L1,10 Q1,14 4.4,14 Q8,14 8,9.5 M8,4 L8,14',
  v: 'M0.5,4 L4.25,14 L8,4',
  w: 'M0.5,4 L3.5,14 L6.5,4.5 L9.5,14 L12.5,4',
  x: 'M0.8,4 L7.7,14 M7.7,4 L0.8,14',
  y: 'M0.5,4 L4.4,14 M8.2,4 L4.4,14 L3.6,16.2 Q2.9,18 1,18',
  z: 'M1,4 L7.5,4 L1,14 L7.7,14',
  '0': 'M1,7 Q1,0 4.9,0 Q8.8,0 8.8,7 Q8.8,14 4.9,14 Q1,14 1,7',
  '1': 'M1,3 L4.5,0 L4.5,14',
  '2': 'M1.2,4 Q1.2,0 4.8,0 Q8.4,0 8.4,3.8 Q8.4,6.4 5,9.6 L1,14 L8.8,14',
  '3': 'M1.2,2.6 Q2.2,0 4.8,0 Q8.2,0 8.2,3.4 Q8.2,6.6 4.4,6.6 Q8.8,6.6 8.8,10.2 Q8.8,14 4.8,14 Q1.8,14 1,11',
  '4': 'M6.8,14 L6.8,0 L0.8,9.8 L9.2,9.8',
  '5': 'M8.2,0 L2.2,0 L1.6,6.4 Q2.8,5 5,5 Q8.8,5 8.8,9.4 Q8.8,14 4.8,14 Q2,14 1,11.6',
  '6': 'M8,2 Q7,0 5,0 Q1,0 1,8 Q1,14 5,14 Q8.8,14 8.8,9.6 Q8.8,5.4 5,5.4 Q1.4,5.4 1,8.6',
  '7': 'M1,0 L8.8,0 L3.8,14',
  '8': 'M4.9,6.6 Q1.5,6.6 1.5,3.3 Q1.5,0 4.9,0 Q8.3,0 8.3,3.3 Q8.3,6.6 4.9,6.6 Q1,6.6 1,10.3 Q1,14 4.9,14 Q8.8,14 8.8,10.3 Q8.8,6.6 4.9,6.6',
  '9': 'M1.8,12 Q2.8,14 4.8,14 Q8.8,14 8.8,6 Q8.8,0 4.8,0 Q1,0 1,4.4 Q1,8.6 4.8,8.6 Q8.4,8.6 8.8,5.4',
  ' ': 'M4,14',
  '.': 'M1,13.6 L1,13.8',
  ',': 'M1.6,13.4 L0.8,16.4',
  ':': 'M1,6 L1,6.2 M1,13.6 L1,13.8',
  '-': 'M0.8,8.4 L5,8.4',
  '/': 'M0.5,15 L6,-0.6',
  '!': 'M1,0 L1,9.4 M1,13.6 L1,13.8',
  '?': 'M0.8,3.4 Q1,0 4.2,0 Q7.6,0 7.6,3.4 Q7.6,5.6 5.8,6.8 Q4.2,7.8 4.2,9.8 M4.2,13.6 L4.2,13.8',
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** A straight piece of a stroke, from `a` to `b`. */
export type Segment = readonly [a: Point, b: Point]

export interface Glyph {
  /** From the left side bearing to the rightmost point, in glyph units. */
  readonly width: number
  readonly segments: readonly Segment[]
}

/** Straight pieces per curve: at the sizes drawn here, the corners between them are below a tenth of a pixel. */
const CURVE_STEPS = 12

function* curve(a: Point, control: Point, b: Point): Generator<Segment> {
  let from = a
  for (let step = 1; step <= CURVE_STEPS; step++) {
    const t = step / CURVE_STEPS
    const mix = (k: 'x' | 'y') => (1 - t) ** 2 * a[k] + 2 * t * (1 - t) * control[k] + t ** 2 * b[k]
    const to = { x: mix('x'), y: mix('y') }
    yield [from, to]
    from = to
  }
}

/** The strokes of one character; `undefined` for one that the alphabet lacks. */
export function glyph(character: string): Glyph | undefined {
  const path = Object.hasOwn(paths, character) ? paths[character] : undefined
  if (path === undefined) return undefined
  const segments: Segment[] = []
  let width = 0
  let pen: Point = { x: 0, y: 0 }
  for (const [, command = '', list = ''] of path.matchAll(/([MLQ])([^MLQ]+)/g)) {
    const points = list.trim().split(' ').map(parsePoint)
    width = Math.max(width, ...points.map((point) => point.x))
    const [first = pen, last = first] = points
    if (command === 'L') segments.push([pen, last])
    if (command === 'Q') segments.push(...curve(pen, first, last))
    pen = last
  }
  return { width, segments }
}

function parsePoint(text: string): Point {
  const [x = 0, y = 0] = text.split(',').map(Number)
  return { x, y }
}
