import { fromBfloat16, fromFloat16 } from '../../core/float16.js'
import type { Tensor } from '../../core/tensor.js'

/**
 * The largest values of each row, as the classification extension writes them: `value:index[:label]`.
 *
 * A row is what follows the first dimension; a tensor of one dimension is one row.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_classification.md
 */
export function classify(tensor: Tensor, count: number, labels: readonly string[]): { shape: number[]; values: string[] } {
  const data = numbersOf(tensor)
  const rows = tensor.shape.length > 1 ? tensor.shape[0]! : 1
  const width = rows === 0 ? 0 : data.length / rows
  const kept = Math.min(count, width)
  const values = Array.from({ length: rows }, (_, row) => best(data.slice(row * width, (row + 1) * width), kept, labels)).flat()
  return { shape: tensor.shape.length > 1 ? [rows, kept] : [kept], values }
}

function best(values: readonly number[], count: number, labels: readonly string[]): string[] {
  const order = values.map((_, index) => index).sort((a, b) => values[b]! - values[a]! || a - b)
  return order.slice(0, count).map((index) => {
    const label = labels[index]
    return `${values[index]!.toFixed(6)}:${index}${label === undefined ? '' : `:${label}`}`
  })
}

function numbersOf({ type, data }: Tensor): number[] {
  if (type === 'float16') return [...fromFloat16(data as Uint16Array)]
  if (type === 'bfloat16') return [...fromBfloat16(data as Uint16Array)]
  return Array.from(data as Float32Array, Number)
}

/** Strings as bytes: of each its length in 4 bytes, little-endian, then its UTF-8. */
export function encodeStrings(values: readonly string[]): Uint8Array {
  const parts = values.flatMap((value) => {
    const text = Buffer.from(value, 'utf8')
    const length = Buffer.alloc(4)
    length.writeUInt32LE(text.length)
    return [length, text]
  })
  return Buffer.concat(parts)
}
