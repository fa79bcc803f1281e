import type { Engine, MicroBatcher as Batcher, MicroBatcherOptions, Session, Tensor } from '../../lib/index.js'
import { Engine as Engines, isTrtError, MicroBatcher, tensor } from '../../lib/index.js'
import { seededRandom } from '../../lib/core/random.js'
import { collectAll } from '../support/native-session.js'
import { scriptedLibrary, scriptedModel } from '../support/scripted.js'

const MB = 2 ** 20
const callers = 200
/** Every so many runs of the backend fail: batches fall apart into their members. */
const failEvery = 211

export interface SoakReport {
  requests: number
  /** By outcome: `answered`, or the code of the error. */
  outcomes: Record<string, number>
  /** Megabytes after each tenth. */
  memory: { heap: number; external: number; rss: number }[]
  /** From the third tenth, when pools and caches are full, to the last: medians of three samples. */
  growth: { heap: number; external: number; rss: number }
  meanBatch: number
  /** Members of failed batches that ran alone. */
  retries: number
  seconds: number
}

/**
 * Requests of all kinds through a batcher on the scripted backend: rows from 1 to more than a batch takes, several shapes,
 * priorities, deadlines that cannot be met, aborts before and after, wrong inputs, and failing runs. Each answer is compared
 * with its request.
 *
 * @param requests So many, from a fixed seed.
 */
export async function soak(requests: number, onTenth: (tenth: number) => void = () => {}): Promise<SoakReport> {
  const lines = ['input x float32 N,W', 'output y float32 N,W', `failEvery ${failEvery}`]
  const engine: Engine = await Engines.load(scriptedModel(lines), { backend: { library: scriptedLibrary } })
  const sessions: Session[] = [await engine.createSession({ lanes: 2 }), await engine.createSession()]
  const options: MicroBatcherOptions = { maxBatch: 16, maxQueue: 4 * callers, pad: { x: { axis: 1, buckets: [4, 8] } } }
  const batcher = new MicroBatcher(sessions, options)
  const began = performance.now()
  const run = new Course(batcher, requests)
  const memory: SoakReport['memory'] = []
  for (let tenth = 1; tenth <= 10; tenth++) {
    await run.until(Math.floor((requests * tenth) / 10))
    memory.push(await sample())
    onTenth(tenth)
  }
  await batcher.close()
  const { batchSize, ...stats } = batcher.stats()
  if (stats.requests !== requests || stats.pending !== 0) throw new Error(`${stats.requests} requests, ${stats.pending} pending`)
  const seconds = (performance.now() - began) / 1000
  for (const session of sessions) await session.close()
  await engine.close()
  return {
    requests,
    outcomes: run.outcomes,
    memory,
    growth: growthOf(memory),
    meanBatch: batchSize.mean,
    retries: stats.dispatch.retry,
    seconds,
  }
}

class Course {
  readonly outcomes: Record<string, number> = {}
  readonly #random = seededRandom(6)
  readonly #batcher: Batcher
  #begun = 0
  #limit = 0

  constructor(
    batcher: Batcher,
    readonly requests: number,
  ) {
    this.#batcher = batcher
  }

  /** Goes on until so many requests in all have been settled. */
  async until(limit: number): Promise<void> {
    this.#limit = limit
    const caller = async () => {
      while (this.#begun < this.#limit) {
        this.#begun++
        const outcome = await this.#one()
        this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1
      }
    }
    await Promise.all(Array.from({ length: callers }, caller))
    const settled = Object.values(this.outcomes).reduce((sum, count) => sum + count, 0)
    if (settled !== limit) throw new Error(`${settled} of ${limit} requests were settled`)
  }

  async #one(): Promise<string> {
    const random = this.#random
    const rows = random() < 0.9 ? 1 : random() < 0.95 ? 1 + Math.floor(random() * 8) : 40
    const width = 1 + Math.floor(random() * 8)
    const x = tensor('float32', [rows, width])
    x.data.fill(this.#begun % 65_536)
    const kind = random()
    if (kind < 0.01) return await outcomeOf(this.#batcher.run({ z: x } as never), x)
    const options = { priority: Math.floor(random() * 3), deadline: kind < 0.02 ? performance.now() + random() * 0.2 : Infinity }
    if (kind < 0.98) return await outcomeOf(this.#batcher.run({ x }, options), x)
    const controller = new AbortController()
    const answer = this.#batcher.run({ x }, { ...options, signal: controller.signal })
    if (kind < 0.99) controller.abort()
    else setImmediate(() => controller.abort())
    return await outcomeOf(answer, x)
  }
}

async function outcomeOf(answer: Promise<unknown>, x: Tensor<'float32', readonly number[]>): Promise<string> {
  try {
    const { y } = (await answer) as { y: Tensor<'float32'> }
    const right = y.shape.join() === x.shape.join() && y.data[0] === x.data[0] && y.data.at(-1) === x.data.at(-1)
    if (!right) throw new Error(`${x.shape} of ${x.data[0]} was answered with ${y.shape} of ${y.data[0]}`)
    return 'answered'
  } catch (error) {
    if (isTrtError(error)) return error.code
    throw error
  }
}

async function sample(): Promise<SoakReport['memory'][number]> {
  await collectAll()
  // `external` has the array buffers in it.
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed / MB, external: external / MB, rss: rss / MB }
}

function growthOf(memory: SoakReport['memory']): SoakReport['growth'] {
  const middle = (from: number, key: 'heap' | 'external' | 'rss') =>
    memory
      .slice(from, from + 3)
      .map((each) => each[key])
      .sort((a, b) => a - b)[1]!
  const growth = (key: 'heap' | 'external' | 'rss') => middle(7, key) - middle(2, key)
  return { heap: growth('heap'), external: growth('external'), rss: growth('rss') }
}

/**
 * Megabytes that memory may grow by and still be called flat. External: the statistics' windows fill for a minute, a few
 * kilobytes for each stage and slot.
 */
export const allowed = { heap: 1, external: 4, rss: 16 }

export function isFlat({ growth }: SoakReport, within = allowed): boolean {
  return growth.heap < within.heap && growth.external < within.external && growth.rss < within.rss
}
