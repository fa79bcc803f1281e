import { measureCapacity } from '../../bench/find-max.js'
import type { Arrivals } from '../../bench/load/arrivals.js'
import type { RequestClass } from '../../bench/load/classes.js'
import type { BenchmarkOptions } from '../../bench/options.js'
import { type Context, note } from '../context.js'
import { defined } from '../flags/model.js'
import { readArrivals } from '../load/read-arrivals.js'
import { readJson } from '../load/read-json.js'
import { UsageError } from '../usage.js'
import { formatNumber } from '../../core/text-format.js'
import type { BenchFlags } from './flags.js'
import type { Subject } from './subject.js'

/** Options that all steps and both sides share. */
export type CommonOptions = Omit<BenchmarkOptions, 'inputs' | 'mode' | 'concurrency' | 'rate' | 'arrivals'>

export interface LoadPlan {
  open: boolean
  arrivals: Arrivals | undefined
  common: CommonOptions
}

const usualPercentiles = new Set([50, 90, 95, 99, 99.9])

/** What the flags say of the load, files read. */
export async function loadPlan(flags: BenchFlags, context: Context): Promise<LoadPlan> {
  const { rate, load, trace, findMax, concurrency } = flags
  const open = Boolean(flags.open ?? findMax) || [rate, load, trace, flags.arrivals].some((flag) => flag !== undefined)
  if (open && concurrency !== undefined)
    throw new UsageError('An open loop has no --concurrency: give --rate or --load, or leave --open away.')
  if (findMax && (rate ?? load ?? trace) !== undefined)
    throw new UsageError('--find-max chooses the rates itself: leave --rate, --load and --trace away.')
  const arrivals = flags.arrivals ?? trace
  return {
    open,
    arrivals:
      arrivals === undefined ? undefined : await readArrivals(trace === undefined ? '--arrivals' : '--trace', arrivals, context.signal),
    common: await commonOptions(flags, context),
  }
}

async function commonOptions(flags: BenchFlags, context: Context): Promise<CommonOptions> {
  const classes = flags.classes === undefined ? undefined : ((await readJson('--classes', flags.classes, context.signal)) as RequestClass[])
  const percentiles = flags.percentile.filter((each) => !usualPercentiles.has(each))
  return defined({
    classes,
    slo: flags.slo,
    warmUp: flags.warmUp,
    duration: flags.duration * 1000,
    iterations: flags.iterations,
    stability: flags.stability / 100,
    maxWindows: flags.maxWindows,
    seed: flags.seed,
    spin: flags.useSpinWait,
    signal: context.signal,
    percentiles: percentiles.length === 0 ? undefined : percentiles,
  })
}

/** From idle to overload. */
const usualLoads = [0.3, 0.5, 0.7, 0.9, 1, 1.2]

type Loads = Pick<BenchmarkOptions, 'mode' | 'concurrency' | 'rate' | 'arrivals'>

/** The loads of the steps; shares are of what this subject gets through, which is measured now. */
export async function loadsOf(subject: Subject, flags: BenchFlags, plan: LoadPlan, context: Context): Promise<Loads> {
  if (!plan.open)
    return { mode: 'closed', concurrency: steps(flags.concurrency ?? [subject.lanes], flags.steps).map((n) => Math.max(1, Math.round(n))) }
  const arrivals = plan.arrivals === undefined ? {} : { arrivals: plan.arrivals }
  if (flags.rate !== undefined) return { mode: 'open', rate: steps(flags.rate, flags.steps), ...arrivals }
  if (plan.arrivals?.kind === 'trace' && flags.load === undefined) return { mode: 'open', ...arrivals }
  const capacity = await measureCapacity(subject.runner, { ...plan.common, inputs: subject.inputs })
  note(context, flags, `A closed loop gets through ${formatNumber(Number(capacity.toPrecision(4)))} requests/s: loads are shares of that.`)
  const shares = steps(flags.load ?? usualLoads, flags.steps)
  return { mode: 'open', rate: shares.map((share) => Number((share * capacity).toPrecision(4))), ...arrivals }
}

/** `count` equal steps up to the last load; the loads themselves where no count was given. */
export function steps(loads: readonly number[], count: number | undefined): number[] {
  if (count === undefined) return [...loads]
  const last = loads.at(-1)!
  return Array.from({ length: count }, (_, i) => (last * (i + 1)) / count)
}
