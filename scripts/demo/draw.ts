import { glyph } from './glyphs.js'
import type { Point, Segment } from './glyphs.js'
import type { Picture } from './picture.js'

/** Glyph units (see glyphs.ts): the drawn band reaches from above the capitals to below the tails. */
const TOP = -4
const BOTTOM = 20.5
const MARGIN = 6
const LETTER_SPACING = 2.6
const STROKE_RADIUS = 0.95
/** Lean of the letters to the right: units across for each unit up. */
const SLANT = 0.12

const INK = [28, 44, 96] as const
const PAPER = [244, 240, 228] as const

/**
 * Draws one line of text as a person might have photographed it: leaning letters in blue ink, on paper that gets darker to
 * the right and has grain. The same text gives the same pixels everywhere.
 *
 * @param height Of the picture, in pixels; the width follows from the text.
 * @throws {Error} A character that the alphabet lacks.
 */
export function drawLine(text: string, height = 72): Picture {
  const { segments, width: units } = layOut(text)
  const scale = height / (BOTTOM - TOP)
  const width = Math.ceil(units * scale)
  const rgb = new Uint8Array(3 * width * height)
  const random = generator(2026)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const point = { x: (x + 0.5) / scale, y: (y + 0.5) / scale + TOP }
      const ink = coverage((distance(point, segments) - STROKE_RADIUS) * scale)
      const light = 1 - (0.12 * x) / width + 0.012 * (random() - 0.5)
      for (let channel = 0; channel < 3; channel++) {
        const colour = ink * (INK[channel] ?? 0) + (1 - ink) * (PAPER[channel] ?? 0)
        rgb[3 * (y * width + x) + channel] = Math.max(0, Math.min(255, Math.round(colour * light)))
      }
    }
  }
  return { width, height, rgb }
}

/** All strokes of the line, side by side and slanted. */
function layOut(text: string): { segments: Segment[]; width: number } {
  const segments: Segment[] = []
  let left = MARGIN
  for (const character of text) {
    const shape = glyph(character)
    if (shape === undefined) throw new Error(`no glyph for "${character}" (U+${hex(character)}): letters A-Z a-z, digits and .,:-/!? only`)
    const place = ({ x, y }: Point): Point => ({ x: left + x + SLANT * (14 - y), y })
    for (const [a, b] of shape.segments) segments.push([place(a), place(b)])
    left += shape.width + LETTER_SPACING
  }
  return { segments, width: left - LETTER_SPACING + MARGIN }
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
}

/** How much of a pixel is inked whose centre lies `outside` pixels from the edge of a stroke: the edge is one pixel soft. */
function coverage(outside: number): number {
  return Math.max(0, Math.min(1, 0.5 - outside))
}

function distance(point: Point, segments: readonly Segment[]): number {
  let least = Infinity
  for (const [a, b] of segments) {
    const dx = b.x - a.x
    const dy = b.y - a.y
    const along = ((point.x - a.x) * dx + (point.y - a.y) * dy) / (dx * dx + dy * dy)
    const t = Math.max(0, Math.min(1, along))
    least = Math.min(least, (point.x - a.x - t * dx) ** 2 + (point.y - a.y - t * dy) ** 2)
  }
  return Math.sqrt(least)
}

/** Random numbers in [0, 1) that are the same on every machine (mulberry32). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
