import { readFile } from 'node:fs/promises'
import { PNG } from 'pngjs'

/** 8-bit colour, row by row, three bytes a pixel: red, green, blue. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/**
 * Reads a PNG of any kind (grey, palette, 16 bits …); what is transparent becomes white.
 *
 * @throws {Error} No such file, or not a PNG: the message says which, and what to do.
 */
export async function readPng(path: string): Promise<Picture> {
  const file = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = { ENOENT: 'there is no such file', EISDIR: 'it is a folder' }[cause.code ?? ''] ?? cause.message
    throw new Error(`cannot read the picture ${path}: ${reason}`, { cause })
  })
  const kind = fileKind(file)
  if (kind !== 'PNG') throw new Error(`${path} is ${kind}, and the demo reads PNG only: convert it first`)
  try {
    return onWhite(PNG.sync.read(file))
  } catch (cause) {
    throw new Error(`${path} begins like a PNG but is damaged: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

function fileKind(file: Buffer): string {
  const magic = file.toString('latin1', 0, 12)
  if (magic.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG'
  if (magic.startsWith('\xff\xd8\xff')) return 'a JPEG'
  if (magic.startsWith('GIF8')) return 'a GIF'
  if (magic.startsWith('RIFF') && magic.endsWith('WEBP')) return 'a WebP picture'
  return 'not a PNG'
}

function onWhite({ width, height, data }: { width: number; height: number; data: Buffer }): Picture {
  const rgb = new Uint8Array(3 * width * height)
  for (let i = 0; i < rgb.length; i++) {
    const pixel = 4 * Math.floor(i / 3)
    const alpha = (data[pixel + 3] ?? 0) / 255
    rgb[i] = Math.round(alpha * (data[pixel + (i % 3)] ?? 0) + (1 - alpha) * 255)
  }
  return { width, height, rgb }
}

export function encodePng({ width, height, rgb }: Picture): Buffer {
  return PNG.sync.write({ width, height, data: Buffer.from(rgb) }, { colorType: 2, inputHasAlpha: false, deflateLevel: 9 })
}
