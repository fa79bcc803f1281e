import { seededRandom } from '../../lib/core/random.js'
import { type Picture, sharp } from './pictures.js'

export interface Line {
  readonly text: string
  readonly picture: Picture
}

export interface LineOptions {
  readonly width: number
  readonly height: number
  readonly seed: number
  /** Shrunk to 32–60 % and blown up again, rotated by up to 2°, noisy. */
  readonly hard?: boolean
}

const words =
  'invoice total amount street order number delivery station north window quality service paper market river engine silver garden market winter summer office doctor travel camera signal report customer payment bridge harbor coffee yellow orange purple planet system energy mountain weather library student teacher kitchen history science music picture village country machine memory battery keyboard monitor printer network server client packet router cable'.split(
    ' ',
  )
const fonts = ['DejaVu Sans', 'DejaVu Serif', 'DejaVu Sans Mono']

/** FP32 itself reads signs into the margins of shorter lines. */
const shortest = 12

/** Words, numbers and codes as on receipts and signs; the same for the same seed. */
export function phrase(random: () => number): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const word = () => {
    const kind = random()
    const plain = pick(words)
    if (kind < 0.35) return plain
    if (kind < 0.6) return plain[0]?.toUpperCase() + plain.slice(1)
    if (kind < 0.7) return plain.toUpperCase()
    if (kind < 0.9) return String(Math.floor(random() * 10 ** (1 + Math.floor(random() * 5))))
    return `${pick(['A', 'B', 'K', 'X'])}${Math.floor(random() * 90 + 10)}-${Math.floor(random() * 9000 + 1000)}`
  }
  const wanted = shortest + Math.floor(random() * 8)
  let text = word()
  while (text.length < wanted) text += ` ${word()}`
  return text
}

export const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')

/** A line of dark text on light ground, or the reverse, filling the picture. */
export async function renderLine({ width, height, seed, hard = false }: LineOptions): Promise<Line> {
  const random = seededRandom(seed)
  const text = phrase(random)
  const dark = random() < 0.75
  const [ground, ink] = dark ? [200 + random() * 55, random() * 80] : [random() * 80, 190 + random() * 65]
  const size = Math.min(height * 0.68, (width * 0.94) / (text.length * 0.62))
  const angle = hard ? (random() * 2 - 1) * 2 : 0
  const grey = (value: number) => `rgb(${Math.round(value)},${Math.round(value)},${Math.round(value)})`
  const font = fonts[Math.floor(random() * fonts.length)]
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${grey(ground)}"/><text x="${width / 2}" y="${height / 2 + size * 0.35}" text-anchor="middle" font-family="${font}" font-size="${size}" fill="${grey(ink)}" transform="rotate(${angle} ${width / 2} ${height / 2})">${escaped(text)}</text></svg>`
  const drawn = (await sharp())(Buffer.from(svg)).removeAlpha()
  const data = hard ? await spoiled(await drawn.png().toBuffer(), { width, height, random }) : await drawn.raw().toBuffer()
  return { text, picture: { width, height, data: new Uint8Array(data) } }
}

interface Spoiling {
  readonly width: number
  readonly height: number
  readonly random: () => number
}

async function spoiled(png: Uint8Array, { width, height, random }: Spoiling): Promise<Uint8Array> {
  const library = await sharp()
  const share = 0.32 + random() * 0.28
  const small = await library(png)
    .resize(Math.round(width * share), Math.round(height * share), { fit: 'fill' })
    .png()
    .toBuffer()
  const data = new Uint8Array(await library(small).resize(width, height, { fit: 'fill' }).raw().toBuffer())
  const strength = 4 + random() * 20
  // Sum of uniforms: near enough to a normal distribution.
  for (let i = 0; i < data.length; i++) {
    const noise = (random() + random() + random() - 1.5) * strength
    data[i] = Math.max(0, Math.min(255, Math.round((data[i] as number) + noise)))
  }
  return data
}

/** The same picture upside down. */
export function turned({ width, height, data }: Picture): Picture {
  const pixels = width * height
  const result = new Uint8Array(data.length)
  for (let i = 0; i < pixels; i++) result.set(data.subarray(3 * i, 3 * i + 3), 3 * (pixels - 1 - i))
  return { width, height, data: result }
}
