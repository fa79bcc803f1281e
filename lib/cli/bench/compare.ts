import { Command } from 'commander'
import { compareReports, type Comparison } from '../../bench/compare/compare.js'
import { compare } from '../../bench/compare/interleave.js'
import { checkReport } from '../../bench/report/check.js'
import { renderComparison } from '../../bench/report/text.js'
import { type Context, printJson, withProgress } from '../context.js'
import { readJson } from '../load/read-json.js'
import { UsageError } from '../usage.js'
import { addSubjectFlags, type BenchFlags, type SubjectFlags } from './flags.js'
import { loadPlan, loadsOf } from './load.js'
import { openSubject, type Subject } from './subject.js'

interface SideFlags {
  text: string
  model: string | undefined
  flags: BenchFlags
}

/** Two reports that were written before, or two sides measured now. */
export async function compareSides(model: string | undefined, flags: BenchFlags, context: Context): Promise<void> {
  const [a, b, ...rest] = flags.compare!
  // `--compare A B model` reads as three sides.
  const common = model ?? rest[0]
  if (a === undefined || b === undefined || rest.length > (model === undefined ? 1 : 0)) {
    throw new UsageError(`Expected two sides for --compare but received ${flags.compare!.length}: put each into quotes.`, {
      sides: flags.compare,
    })
  }
  const files = [a, b].map((side) => side.endsWith('.json'))
  if (files[0] !== files[1]) throw new UsageError('--compare takes two reports or two sides to measure, not one of each.')
  const comparisons = files[0]
    ? await ofReports(a, b, flags, context)
    : [await measured(sideOf(a, common, flags), sideOf(b, common, flags), context)]
  if (flags.json) return printJson(context, comparisons.length === 1 ? comparisons[0] : comparisons)
  context.out(comparisons.map(renderComparison).join('\n'))
}

async function ofReports(a: string, b: string, { seed }: BenchFlags, { signal }: Context): Promise<Comparison[]> {
  const read = async (file: string) => checkReport(await readJson('--compare', file, signal), file)
  return compareReports(await read(a), await read(b), seed)
}

/** `lanes=2 batcher` or another model, over what both sides share. */
export function sideOf(text: string, model: string | undefined, flags: BenchFlags): SideFlags {
  const parser = addSubjectFlags(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
  const known = new Set(parser.options.map(({ long }) => long!.slice(2)))
  const words = text
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/^--/, ''))
  const isFlag = (word: string) => known.has(word.split('=', 1)[0]!)
  const models = words.filter((word) => !isFlag(word))
  if (models.length > 1)
    throw new UsageError(`Expected flags and at most one model for a side of --compare but received "${text}".`, { side: text })
  try {
    parser.parse(
      words.filter(isFlag).map((word) => `--${word}`),
      { from: 'user' },
    )
  } catch (error) {
    throw error instanceof UsageError
      ? error
      : new UsageError(`A side of --compare, "${text}": ${(error as Error).message}`, { side: text })
  }
  const own = Object.entries(parser.opts<SubjectFlags>()).filter(([name]) => parser.getOptionValueSource(name) === 'cli')
  // Lanes by either name: the side's own replaces the common one.
  const lanes = own.some(([name]) => ['lanes', 'infStreams', 'streams'].includes(name))
    ? { lanes: undefined, infStreams: undefined, streams: undefined }
    : {}
  return { text, model: models[0] ?? model, flags: { ...flags, ...lanes, ...Object.fromEntries(own) } as BenchFlags }
}

async function measured(a: SideFlags, b: SideFlags, context: Context): Promise<Comparison> {
  const plan = await loadPlan(a.flags, context)
  const open = (side: SideFlags) =>
    openSubject(
      side.model,
      side.flags,
      {
        inFlight: Math.max(...(side.flags.concurrency ?? [1])),
        slo: side.flags.slo,
        byRows: side.flags.classes !== undefined || a.flags.batcher === true || b.flags.batcher === true,
      },
      context,
    )
  await using left = await open(a)
  await using right = await open(b)
  // One load for both: shares are of what A gets through.
  const loads = await loadsOf(left, a.flags, plan, context)
  const side = (subject: Subject, { text }: SideFlags) => ({
    name: `${text} (${subject.name})`,
    runner: subject.runner,
    options: { inputs: subject.inputs },
  })
  // Awaited here: both sides close when this scope ends.
  return await withProgress(context, a.flags, 'comparing', (progress) => {
    const onRound = (round: number, rounds: number) => progress.update(`comparing: round ${round + 1} of ${rounds}`, round / rounds)
    // In rounds of one second: the flag means how long a step lasts, of which rounds are parts.
    const rounds = { rounds: a.flags.rounds, duration: Math.max(300, (a.flags.duration * 1000) / 3), stability: 0, onRound }
    return compare(side(left, a), side(right, b), { ...plan.common, ...loads, inputs: {}, ...rounds })
  })
}
