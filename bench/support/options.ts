import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Few short rounds: shows that the bench runs, not what it measures. */
  quick: boolean
  rounds: number
  /** Length of one measurement of one side. */
  durationMs: number
  seed: number
}

export interface BenchDefaults {
  rounds: number
  durationMs: number
}

const quickRounds = 2
const quickShare = 0.1

export const usage = `Options:
  --quick           few short rounds: a smoke test, its figures mean nothing
  --rounds <n>      rounds that count
  --duration <ms>   length of each side's turn in a round
  --seed <n>        of the order of sides within rounds
  --help`

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
  }
}
