import { basename } from 'node:path'
import type { RequestFacts, Target } from '../../bench/measure/loop.js'
import { MicroBatcher } from '../../batching/micro-batcher.js'
import type { CostSeed } from '../../core/cost-seeds.js'
import { plural } from '../../core/text-format.js'
import { Tensor, zeros } from '../../core/tensor.js'
import type { Engine } from '../../engine/engine.js'
import type { IoInfo } from '../../engine/io-info.js'
import { prepareInputs } from '../commands/run.js'
import type { Context } from '../context.js'
import { chosenModel, defined } from '../flags/model.js'
import { openEngine } from '../open-engine.js'
import { UsageError } from '../usage.js'
import type { SubjectFlags } from './flags.js'
import { warmUpBatches } from './warm-batches.js'

type Inputs = Readonly<Record<string, Tensor>>

/** What is measured, ready to run. */
export interface Subject extends AsyncDisposable {
  name: string
  engine: Engine
  runner: Target
  lanes: number
  /** Of a batcher: what batches took before the measurement. */
  costs: readonly CostSeed[] | null
  inputs: (request: RequestFacts) => Inputs
}

export interface SubjectPlan {
  /** Most requests in flight at once. */
  inFlight: number
  /** Deadline of a batcher's requests that bring none. */
  slo: number | undefined
  /** Whether requests have the rows of their class; else they are as `--shapes` and the model have them. */
  byRows: boolean
}

/** Closes the engine with itself. */
export async function openSubject(model: string | undefined, flags: SubjectFlags, plan: SubjectPlan, context: Context): Promise<Subject> {
  const engine = await openEngine(model, flags, context)
  try {
    const subject = await subjectOf({ engine, model, plan }, flags, context)
    const close = async () => {
      await subject[Symbol.asyncDispose]()
      await engine.close()
    }
    return { ...subject, [Symbol.asyncDispose]: close }
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** Leaves the engine to its owner. */
export async function subjectOf(
  { engine, model, plan }: { engine: Engine; model: string | undefined; plan: SubjectPlan },
  flags: SubjectFlags,
  context: Context,
): Promise<Subject> {
  if (!flags.batcher && (flags.maxBatch !== undefined || flags.maxQueueDelay !== undefined)) {
    throw new UsageError('--maxBatch and --maxQueueDelay are settings of the batcher: give --batcher too.')
  }
  const open = new AsyncDisposables()
  try {
    const base = await prepareInputs(engine, flags, context)
    const lanes = flags.lanes ?? flags.infStreams ?? flags.streams ?? 1
    const options = { ...defined({ threads: flags.threads }), lanes, maxQueue: Math.max(1024, plan.inFlight), signal: context.signal }
    const session = open.use(await engine.createSession(options))
    const runner = flags.batcher ? open.use(new MicroBatcher(session, batcherOptions(flags, plan))) : session
    const inputs = plan.byRows || flags.batcher ? inputsByRows(engine.inputs, base) : () => base
    // A batcher takes its first costs from the warm-up: without, it would learn them from the requests that are measured.
    const costs = flags.batcher ? await warmUpBatches(session, base, flags, context) : null
    return { name: nameOf(model, flags, lanes), engine, runner, lanes, costs, inputs, [Symbol.asyncDispose]: () => open.close() }
  } catch (error) {
    await open.close()
    throw error
  }
}

function batcherOptions({ maxBatch, maxQueueDelay }: SubjectFlags, { slo, inFlight }: SubjectPlan) {
  return defined({ maxBatch, maxQueueDelay, slo, maxQueue: Math.max(1024, inFlight) })
}

function nameOf(model: string | undefined, flags: SubjectFlags, lanes: number): string {
  const file = basename(chosenModel(model, flags).file)
  return [file, plural(lanes, 'lane'), ...(flags.batcher ? ['batcher'] : [])].join(', ')
}

/** Closed in the order opposite to that of opening. */
class AsyncDisposables {
  readonly #all: AsyncDisposable[] = []

  use<T extends AsyncDisposable>(resource: T): T {
    this.#all.push(resource)
    return resource
  }

  async close(): Promise<void> {
    for (let resource = this.#all.pop(); resource !== undefined; resource = this.#all.pop()) await resource[Symbol.asyncDispose]()
  }
}

/** Inputs cut or repeated to the rows of a request, each number of rows made once. */
function inputsByRows(infos: readonly IoInfo[], base: Inputs): Subject['inputs'] {
  const batched = infos.filter(({ shape, isShape }) => !isShape && (shape === null || (shape[0] ?? 0) < 0)).map(({ name }) => name)
  if (batched.length === 0) {
    throw new UsageError('Requests of a number of rows need a model whose first dimension is free; no input of this one has that.')
  }
  const made = new Map<number, Inputs>()
  return ({ rows }) => {
    let inputs = made.get(rows)
    if (inputs === undefined) {
      inputs = Object.fromEntries(
        Object.entries(base).map(([name, tensor]) => [name, batched.includes(name) ? withRows(tensor, rows) : tensor]),
      )
      made.set(rows, inputs)
    }
    return inputs
  }
}

/** The first `rows` rows, from the start again where there are fewer. */
export function withRows({ type, shape, data }: Tensor, rows: number): Tensor {
  const [have = 1, ...rest] = shape
  const size = have === 0 ? 0 : data.length / have
  const result = zeros(type, size * rows)
  for (let row = 0; row < rows; row++) result.set(data.subarray((row % have) * size, ((row % have) + 1) * size) as never, row * size)
  return new Tensor(type, [rows, ...rest], result)
}
