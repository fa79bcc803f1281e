import type { Clock } from '../core/clock.js'
import { isTrtError, TrtError } from '../core/errors.js'
import { abortSignal, integer, invalid, number, plainObject, rejectUnknown } from '../core/options.js'
import { seededRandom } from '../core/random.js'
import type { Inputs } from '../core/runner.js'
import { formatSpec } from '../core/shapes.js'
import type { InputPlan } from './inputs.js'
import { settled, steady } from './settle.js'
import { aborted } from './tasks.js'
import { madeInputs, type Recorded, recordedInputs, type WorkItem } from './warm-up-inputs.js'
import { formatShapes, type ShapesByName, type ShapeSet, warmUpShapes } from './warm-up-shapes.js'

export interface WarmUpOptions {
  /**
   * Sizes of the batch, the inputs' free first dimension. Default: least, most common and largest of each profile and the
   * powers of two between; 1 where no profile bounds it. With `shapes`: their own.
   */
  batchSizes?: readonly number[]
  /**
   * Shapes of inputs by name, one set or several. Default: the `opt` of each profile, else 1 for each free dimension. With
   * `batchSizes`, each set is run in each size.
   */
  shapes?: ShapesByName | readonly ShapesByName[]
  /**
   * What is computed. Default 'zeros'; 'random' for models whose time depends on the values; or recorded inputs, whose
   * shapes are then those that are warmed: the first 64 are used, in turn.
   */
  inputs?: 'zeros' | 'random' | Recorded
  /** Of 'random'. Default 1. */
  seed?: number
  /** Most runs per shapes and lane; fewer where the times settle before. Default 50. */
  runs?: number
  /** Milliseconds after which it waits for no times to settle: what is left runs once on each lane. Default 10,000. */
  maxMs?: number
  /** Times have settled when three windows of runs differ by no more than this share. Default 0.1. */
  tolerance?: number
  signal?: AbortSignal
}

/** One lane's runs of one set of shapes. JSON-safe; times in milliseconds. */
export interface WarmUpEntry {
  /** Number of the optimization profile; null where the engine has none. */
  readonly profile: number | null
  readonly shapes: ShapesByName
  /** Size of the batch. */
  readonly rows: number
  readonly lane: number
  /** What the first request of these shapes would have waited for its run. */
  readonly firstMs: number
  /** Median of the last runs. */
  readonly steadyMs: number
  readonly runs: number
  /** False: `runs` or `maxMs` ended it before. */
  readonly settled: boolean
}

export interface WarmUpReport {
  readonly lanes: number
  /** Over all lanes and shapes. */
  readonly runs: number
  /** Of the slowest first run, in milliseconds: what a first request could have waited. */
  readonly firstMs: number
  /** Of the first shapes, in milliseconds: median over the lanes. */
  readonly steadyMs: number
  readonly totalMs: number
  /** In the order they ran: small batches first. `costSeeds` makes a batcher's costs of them. */
  readonly entries: readonly WarmUpEntry[]
}

/** What one warm-up needs of its session. */
export interface WarmUpTarget {
  readonly plans: readonly InputPlan[]
  readonly lanes: number
  readonly clock: Clock
  runOn(lane: number, inputs: Inputs, signal: AbortSignal | undefined): Promise<unknown>
}

const known = ['batchSizes', 'shapes', 'inputs', 'seed', 'runs', 'maxMs', 'tolerance', 'signal']

interface Plan {
  readonly runs: number
  readonly maxMs: number
  readonly tolerance: number
  readonly signal: AbortSignal | undefined
  /** On the target's clock. */
  readonly began: number
}

/** Runs each lane on each set of shapes until its times settle. */
export async function warmUp(target: WarmUpTarget, options: WarmUpOptions = {}): Promise<WarmUpReport> {
  rejectUnknown(plainObject('the options of warmUp', options), known, 'warmUp')
  const plan: Plan = {
    runs: integer('runs', options.runs ?? 50, 1, 1_000_000),
    maxMs: number('maxMs', options.maxMs ?? 10_000, 0, Infinity),
    tolerance: number('tolerance', options.tolerance ?? 0.1, 0, Infinity),
    signal: options.signal === undefined ? undefined : abortSignal('signal', options.signal),
    began: target.clock.now(),
  }
  if (plan.signal?.aborted === true) throw aborted('warm-up', plan.signal)
  const entries: WarmUpEntry[] = []
  for (const work of await workOf(target.plans, options, plan.signal)) {
    const item = work()
    for (let lane = 0; lane < target.lanes; lane++) entries.push(await warmLane(target, lane, { ...item, plan }))
  }
  return report(target, plan, entries)
}

/** What is to be run, each made only when its turn comes: batches of all sizes at once may not fit into memory. */
async function workOf(plans: readonly InputPlan[], options: WarmUpOptions, signal: AbortSignal | undefined): Promise<(() => WorkItem)[]> {
  const { inputs = 'zeros', shapes, batchSizes } = options
  const random = seededRandom(integer('seed', options.seed ?? 1, 0, 2 ** 32 - 1))
  if (inputs === 'zeros' || inputs === 'random') {
    const make = (set: ShapeSet) => () => ({ ...set, examples: [madeInputs(plans, set, inputs === 'random' ? random : undefined)] })
    return warmUpShapes(plans, shapes, batchSizes).map(make)
  }
  if (shapes !== undefined || batchSizes !== undefined) {
    throw invalid('Recorded inputs have shapes of their own: give warmUp either inputs, or shapes and batchSizes.')
  }
  return (await recordedInputs(plans, inputs, signal)).map((item) => () => item)
}

type LaneWork = WorkItem & { readonly plan: Plan }

async function warmLane(target: WarmUpTarget, lane: number, work: LaneWork): Promise<WarmUpEntry> {
  const { plan, examples, profile, shapes, rows } = work
  const times: number[] = []
  const late = () => target.clock.now() - plan.began >= plan.maxMs
  const goOn = () => times.length === 0 || (times.length < plan.runs && !settled(times, plan.tolerance) && !late())
  while (goOn()) {
    const start = target.clock.now()
    try {
      await target.runOn(lane, examples[times.length % examples.length]!, plan.signal)
    } catch (error) {
      throw explained(error, target, lane, work)
    }
    times.push(target.clock.now() - start)
  }
  const runs = times.length
  return { profile, shapes, rows, lane, firstMs: times[0]!, steadyMs: steady(times), runs, settled: settled(times, plan.tolerance) }
}

/** The same error with the shapes that it came of; the end of the whole session or warm-up has nothing to do with them. */
function explained(error: unknown, { plans }: WarmUpTarget, lane: number, work: LaneWork): unknown {
  if (!isTrtError(error) || error.code === 'TRT_ERR_CLOSED') return error
  const { shapes, rows, guessed } = work
  const { signal } = work.plan
  if (error.code === 'TRT_ERR_ABORTED') return signal?.aborted === true ? aborted('warm-up', signal) : error
  const reason = error.message.startsWith(`${error.code}: `) ? error.message.slice(error.code.length + 2) : error.message
  const message = `Warm-up failed on lane ${lane} with ${formatShapes(shapes)}. ${reason}${guessHint(plans, guessed)}`
  return new TrtError(error.code, message, { ...error.details, lane, shapes, rows, guessed }, { cause: error })
}

function guessHint(plans: readonly InputPlan[], guessed: readonly string[]): string {
  if (guessed.length === 0) return ''
  const inputs = plans.filter(({ name }) => guessed.includes(name)).map(({ name, info }) => `"${name}" ${formatSpec(info)}`)
  return ` 1 was taken for the free dimensions of ${inputs.join(', ')}: give shapes that the model takes, warmUp({ shapes }).`
}

function report({ lanes, clock }: WarmUpTarget, { began }: Plan, entries: readonly WarmUpEntry[]): WarmUpReport {
  // Each set of shapes has one entry for each lane, and the first set comes first.
  const steadyTimes = entries
    .slice(0, lanes)
    .map(({ steadyMs }) => steadyMs)
    .sort((a, b) => a - b)
  return {
    lanes,
    runs: entries.reduce((sum, { runs }) => sum + runs, 0),
    firstMs: Math.max(...entries.map(({ firstMs }) => firstMs)),
    steadyMs: steadyTimes[steadyTimes.length >> 1]!,
    totalMs: clock.now() - began,
    entries,
  }
}
