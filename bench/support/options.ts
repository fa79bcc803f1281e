import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Few short rounds: shows that the bench runs, not what it measures. */
  quick: boolean
  rounds: number
  /** Length of one measurement of one side. */
  durationMs: number
  seed: number
  /** The one part to measure, of those that the bench names; null: all of them. */
  only: string | null
}

export interface BenchDefaults {
  rounds: number
  durationMs: number
  /** Parts that can be measured alone. */
  parts?: readonly string[]
}

const quickRounds = 2
const quickShare = 0.1

export const usage = `Options:
  --quick           few short rounds: a smoke test, its figures mean nothing
  --rounds <n>      rounds that count
  --duration <ms>   length of each side's turn in a round
  --seed <n>        of the order of sides within rounds
  --only <part>     one part alone, where a bench has several
  --help`

function partOf(given: string | undefined, parts: readonly string[]): string | null {
  if (given === undefined || parts.includes(given)) return given ?? null
  throw new Error(parts.length === 0 ? 'This bench has no parts for --only' : `--only takes ${parts.join(' or ')}; received "${given}"`)
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1; received "${text}"`)
  return value
}

/** Null: help was asked for. Throws on anything unknown. */
export function parseOptions(args: readonly string[], defaults: BenchDefaults): BenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      duration: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return null
  const { quick } = values
  return {
    quick,
    rounds: positive('rounds', values.rounds, quick ? quickRounds : defaults.rounds),
    durationMs: positive('duration', values.duration, quick ? Math.ceil(defaults.durationMs * quickShare) : defaults.durationMs),
    seed: positive('seed', values.seed, 1),
    only: partOf(values.only, defaults.parts ?? []),
  }
}
