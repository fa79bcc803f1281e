import { number, plainObject, rejectUnknown, choice } from './options.js'

/** What is read of each stage: `LatencySummary` has it, and so have the stages of a benchmark's report. Milliseconds. */
interface StageLike {
  count: number
  mean: number
  p50: number
  p95: number
  p99: number
}

export interface LatencyBudgetOptions {
  /** Milliseconds that a request may take. */
  target: number
  /** Where stages are read. Default: p99, as the target is a promise. */
  at?: 'mean' | 'p50' | 'p95' | 'p99'
  /** Since the start, or lately, where the report tells that too. Default: since the start. */
  over?: 'start' | 'last10s' | 'lastMinute'
}

export interface BudgetStage {
  stage: string
  /** Milliseconds on average: these add up. */
  mean: number
  /** Milliseconds at the percentile asked for: these do not, as no request is slow everywhere. */
  ms: number
  /** `ms` of the target. */
  share: number
}

export interface LatencyBudget {
  target: number
  at: 'mean' | 'p50' | 'p95' | 'p99'
  /** Of the whole request, at the same percentile. */
  total: number
  /** Whether `total` is within the target. */
  met: boolean
  /** In the order in which a request passes through them. */
  stages: BudgetStage[]
  /** Mean time of no stage that was measured: promises, the event loop. */
  unaccounted: number
  /** The stage that takes most. Null where none was measured. */
  attack: string | null
  /** What usually helps there. */
  advice: string
  /** The same for people, in several lines. */
  text: string
}

/** In the order of a request; `run` is copies and computation where they are not told apart. */
const advice: Readonly<Record<string, string>> = {
  queue: 'Requests wait for a lane: add lanes or devices, let batches be larger, or refuse earlier (a deadline, a smaller maxQueue).',
  assembly: 'Joining rows costs: send typed arrays of the right type, fewer and larger inputs, or fold preprocessing into the model.',
  copyIn: 'Inputs travel to the device: fill memory of session.alloc in place, or send uint8 and convert inside the model.',
  compute: 'The model itself: a lower precision (fp16, int8), a profile optimised for this batch size, or a smaller model.',
  run: 'Copies and the model: fill memory of session.alloc in place; a lower precision; a profile optimised for this batch size.',
  copyOut: 'Outputs travel back: ask only for the outputs needed, or reduce them inside the model.',
  split: 'Cutting answers out and settling promises: the event loop is busy. Move other work off this thread, keep listeners short.',
}
const stages = Object.keys(advice)
/** Milliseconds below which a difference of sums is none. */
const rounding = 1e-6

/** A session tells `run` and its three parts; only one of the two may count. */
const partsOfRun = ['copyIn', 'compute', 'copyOut']

/**
 * How much of a target each stage takes, and which one to attack first.
 *
 * @param report `batcher.stats()`, `session.stats()`, or the `stages` of a benchmark's step.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`
 */
export function latencyBudget(report: object, options: LatencyBudgetOptions): LatencyBudget {
  rejectUnknown(plainObject('the options of latencyBudget', options), ['target', 'at', 'over'], 'latencyBudget')
  const target = number('target', options.target, 1e-6, Number.MAX_VALUE)
  const at = choice('at', options.at ?? 'p99', ['mean', 'p50', 'p95', 'p99'])
  const over = choice('over', options.over ?? 'start', ['start', 'last10s', 'lastMinute'])
  const read = within(plainObject('the report', report), over)
  const told = stages.filter((stage) => isStage(read[stage]))
  const apart = partsOfRun.some((stage) => told.includes(stage))
  const found = told
    .filter((stage) => !(apart && stage === 'run'))
    .map((stage) => budgetStage(stage, read[stage] as StageLike, { target, at }))
  const whole = isStage(read['total']) ? read['total'] : null
  const sum = found.reduce((total, { mean }) => total + mean, 0)
  // Without a total the sum of the stages at the percentile is an upper bound.
  const total = whole === null ? found.reduce((all, { ms }) => all + ms, 0) : whole[at]
  const worst = found.reduce<BudgetStage | null>((most, each) => (most === null || each.ms > most.ms ? each : most), null)
  const budget = {
    target,
    at,
    total,
    met: total <= target,
    stages: found,
    unaccounted: whole === null || whole.mean - sum < rounding ? 0 : whole.mean - sum,
    attack: worst?.stage ?? null,
    advice: worst === null ? 'No stage was measured.' : advice[worst.stage]!,
  }
  return { ...budget, text: render(budget) }
}

function within(report: Readonly<Record<string, unknown>>, over: 'start' | 'last10s' | 'lastMinute'): Readonly<Record<string, unknown>> {
  if (over === 'start') return report
  return Object.fromEntries(Object.entries(report).map(([stage, summary]) => [stage, (summary as Record<string, unknown> | null)?.[over]]))
}

/** Of nothing measured nothing can be said. */
function isStage(value: unknown): value is StageLike {
  const { count, mean, p99 } = (value ?? {}) as Partial<StageLike>
  return typeof count === 'number' && count > 0 && typeof mean === 'number' && typeof p99 === 'number'
}

function budgetStage(stage: string, summary: StageLike, { target, at }: { target: number; at: LatencyBudget['at'] }): BudgetStage {
  const ms = summary[at]
  return { stage, mean: summary.mean, ms, share: ms / target }
}

const barWidth = 30

function render({ target, at, total, met, stages: found, unaccounted, attack, advice }: Omit<LatencyBudget, 'text'>): string {
  const verdict = met ? `within the target of ${ms(target)} ms` : `over the target of ${ms(target)} ms by ${ms(total - target)} ms`
  const name = Math.max(5, ...found.map(({ stage }) => stage.length))
  const lines = found.map(({ stage, mean, ms: value, share }) => {
    const bar = '#'.repeat(Math.min(barWidth, Math.round(share * barWidth)))
    return `${stage.padEnd(name)}  ${ms(mean).padStart(9)}  ${ms(value).padStart(9)}  ${percent(share).padStart(6)}  ${bar}`.trimEnd()
  })
  return [
    `${at} of the whole: ${ms(total)} ms, ${verdict}`,
    `${'stage'.padEnd(name)}  ${'mean (ms)'.padStart(9)}  ${`${at} (ms)`.padStart(9)}  ${'share'.padStart(6)}`,
    ...lines,
    ...(unaccounted > 0 ? [`not in any stage: ${ms(unaccounted)} ms on average`] : []),
    attack === null ? advice : `Attack first: ${attack}. ${advice}`,
    '',
  ].join('\n')
}

const ms = (value: number) => String(Number(value.toPrecision(3)))
const percent = (share: number) => `${(share * 100).toFixed(1)} %`
