import { type CostPoint, costPoints } from '../../bench/capacity/cost-table.js'
import { UsageError } from '../usage.js'
import { readJson } from './read-json.js'

/** `1:4.5,16:12`, or a JSON file with a warm-up's report or a list of { rows, ms }. */
export async function readCosts(flag: string, given: string, signal: AbortSignal): Promise<CostPoint[]> {
  if (!/^\s*\d+\s*:/.test(given)) return costPoints(await readJson(flag, given, signal))
  return given.split(',').map((item) => {
    const match = /^\s*(\d+)\s*:\s*(\d+(?:\.\d+)?)\s*$/.exec(item)
    if (match !== null) return { rows: Number(match[1]), ms: Number(match[2]) }
    throw new UsageError(`Expected rows:milliseconds for ${flag}, such as 1:4.5,16:12, or a JSON file, but received "${item}".`, {
      flag,
      item,
    })
  })
}
