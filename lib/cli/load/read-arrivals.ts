import type { Arrivals } from '../../bench/load/arrivals.js'
import { readWhole } from '../../engine/files.js'
import { UsageError } from '../usage.js'

const kinds = ['constant', 'poisson', 'bursty'] as const

/**
 * `constant`, `poisson`, `bursty`, or a file of recorded times in milliseconds: a JSON array, or one on each line.
 *
 * @throws {TrtError} `TRT_ERR_FILE`, `TRT_ERR_INVALID_ARGUMENT`
 */
export async function readArrivals(flag: string, given: string, signal: AbortSignal): Promise<Arrivals> {
  const kind = kinds.find((each) => each === given)
  if (kind !== undefined) return { kind }
  const { bytes } = await readWhole(given, signal)
  const text = new TextDecoder().decode(bytes).trim()
  const items = text.startsWith('[') ? text.replace(/^\[|\]$/g, '').split(',') : text.split(/\r?\n/)
  const times = items.map((item, i) => {
    const time = item.trim() === '' ? Number.NaN : Number(item)
    if (Number.isFinite(time)) return time
    const message = `Expected ${kinds.join(', ')} or a file of times in milliseconds for ${flag}; item ${i + 1} of "${given}" is "${item.trim().slice(0, 40)}".`
    throw new UsageError(message, { flag, file: given, item: i + 1 })
  })
  return { kind: 'trace', times: Float64Array.from(times) }
}
