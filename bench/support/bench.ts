import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, environment } from './environment.js'
import { type BenchDefaults, type BenchOptions, parseOptions, usage } from './options.js'
import { seededRandom } from '../../lib/core/random.js'
import type { RoundPlan } from './rounds.js'
import { figure, table } from './table.js'

/** A figure that the project holds itself to. */
export interface Target {
  name: string
  value: number
  bound: 'at least' | 'at most'
  limit: number
}

export interface Report {
  tables: string[]
  targets: Target[]
  /** What the last line says. */
  summary: Readonly<Record<string, unknown>>
  /** What else belongs into the stored result: every round. */
  details: unknown
}

export interface Bench {
  name: string
  /** The one question it answers. */
  question: string
  defaults: BenchDefaults
  /** How it measures, in one line. Default: interleaved rounds. */
  method?: (options: BenchOptions) => string
  measure(options: BenchOptions, plan: RoundPlan): Promise<Report>
}

const results = fileURLToPath(new URL('../results/', import.meta.url))
const warmUpRounds = 2

function showRound(done: number, total: number): void {
  if (!process.stderr.isTTY) return
  process.stderr.write(done === total ? '\r\u001b[K' : `\rround ${done + 1} of ${total}`)
}

export function isMet({ value, bound, limit }: Target): boolean {
  return bound === 'at least' ? value >= limit : value <= limit
}

function verdicts(targets: readonly Target[]): string {
  const rows = targets.map((target) => [
    target.name,
    figure(target.value),
    `${target.bound} ${target.limit}`,
    isMet(target) ? 'met' : 'MISSED',
  ])
  return table(['figure', 'measured', 'wanted', ''], rows)
}

function store(name: string, content: unknown): void {
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, `${name}.json`), `${JSON.stringify(content, null, 2)}\n`)
}

function interleaved({ rounds, durationMs, seed }: BenchOptions): string {
  return `${rounds} rounds of ${durationMs} ms a side, sides in random order (seed ${seed}); medians over rounds`
}

async function measureAndTell(bench: Bench, options: BenchOptions): Promise<void> {
  const facts = environment()
  console.log(`${bench.question}\n${describe(facts)}`)
  console.log(`${(bench.method ?? interleaved)(options)}\n`)
  const plan: RoundPlan = {
    rounds: options.rounds,
    warmUp: options.quick ? 1 : warmUpRounds,
    random: seededRandom(options.seed),
    onRound: showRound,
  }
  const report = await bench.measure(options, plan)
  const tables = report.targets.length === 0 ? report.tables : [...report.tables, verdicts(report.targets)]
  for (const text of tables) console.log(`${text}\n`)
  if (options.quick) console.log('--quick: these figures mean nothing.\n')
  store(bench.name, { at: new Date().toISOString(), environment: facts, options, ...report, tables: undefined })
  console.log(JSON.stringify(report.summary))
}

/** Entry of every bench: its question, a table for people, and as the last line one JSON object for machines. */
export async function runBench(bench: Bench): Promise<void> {
  let options: BenchOptions | null
  try {
    options = parseOptions(process.argv.slice(2), bench.defaults)
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    process.exitCode = 2
    return
  }
  if (options === null) {
    console.log(`bench:${bench.name}: ${bench.question}\n${usage}`)
    return
  }
  await measureAndTell(bench, options)
}
