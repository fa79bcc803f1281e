import { UsageError } from '../usage.js'

const units: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1000, min: 60_000 }

/** A parser of a length of time above 0, to milliseconds: `30`, `30ms`, `1.5s`, `250us`, `2min`. A bare number is milliseconds. */
export function durationFlag(flag: string): (text: string) => number {
  return (text) => {
    const match = /^(\d+(?:\.\d+)?)(us|ms|s|min)?$/.exec(text.trim())
    const ms = match === null ? Number.NaN : Number(match[1]) * units[match[2] ?? 'ms']!
    if (ms > 0 && ms < Infinity) return ms
    throw new UsageError(`Expected a time above 0, such as 30, 30ms or 1.5s, for ${flag} but received "${text}".`, { flag, received: text })
  }
}
