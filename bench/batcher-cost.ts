// Question: what does the batcher itself cost a request? Joining, deciding, splitting and recording, over a Runner that costs nothing.
import { learnedRule } from '../lib/batching/learned-rule.js'
import type { Inputs } from '../lib/core/runner.js'
import { runBench, type Report } from './support/bench.js'
import { processCpu } from './support/closed-loop.js'
import { MicroBatcher, Tensor } from './support/product.js'
import { interleave, type Side } from './support/rounds.js'
import { median, ratios, spread } from './support/statistics.js'
import { figure, table } from './support/table.js'

/** One row of four floats: to copy it is nothing. */
const columns = 4
const batch = 16
const depths = { shallow: 1000, deep: 100_000 } as const

/** Answers with tensors made beforehand: at once, or, once it has been held, in the next turn of the event loop, as a device would. */
class Nothing {
  readonly inputs = [describe('x')]
  readonly outputs = [describe('y')]
  readonly lanes = 1
  #mode: 'at once' | 'held' | 'next turn' = 'at once'
  #held: (() => void) | null = null
  readonly #answers = new Map<number, { y: InstanceType<typeof Tensor> }>()

  alloc(_name: string, shape: readonly number[]) {
    return rows(shape[0]!)
  }

  run({ x }: Inputs): Promise<{ y: InstanceType<typeof Tensor> }> {
    const count = (x as InstanceType<typeof Tensor>).shape[0]!
    let answer = this.#answers.get(count)
    if (answer === undefined) {
      answer = { y: rows(count) }
      this.#answers.set(count, answer)
    }
    const given = answer
    if (this.#mode === 'at once') return Promise.resolve(given)
    return new Promise((resolve) => {
      if (this.#mode === 'next turn') setImmediate(resolve, given)
      else this.#held = () => resolve(given)
    })
  }

  hold(): void {
    this.#mode = 'held'
  }

  release(): void {
    this.#mode = 'next turn'
    this.#held!()
  }
}

const describe = (name: string) => ({ name, type: 'float32', shape: [-1, columns], dimNames: ['N', ''], ranges: [] }) as const
const rows = (count: number) => new Tensor('float32', [count, columns], new Float32Array(count * columns))

interface Cost {
  requests: number
  /** Microseconds of the process for each request: the callers' own promises and the collector included. */
  cpu: number
}

async function timed(requests: number, body: () => Promise<unknown>): Promise<Cost> {
  const before = processCpu()
  await body()
  return { requests, cpu: (processCpu() - before) / requests }
}

const inputs = { x: new Float32Array(columns) }

/** So many callers, each of which asks anew as soon as it is answered. */
async function callers(inFlight: number, requests: number, ask: () => Promise<unknown>): Promise<void> {
  let left = requests
  const caller = async () => {
    while (left-- > 0) await ask()
  }
  await Promise.all(Array.from({ length: inFlight }, caller))
}

/** Full batches: sixteen in flight, sixteen in a batch. */
function fullBatches(name: 'batches of 16', perTurn: number): Side<Cost> & { name: typeof name } {
  const batcher = new MicroBatcher(new Nothing(), { maxBatch: batch, slo: 1000 })
  return {
    name,
    async measure() {
      const before = batcher.stats()
      const cost = await timed(perTurn, () => callers(batch, perTurn, () => batcher.run(inputs)))
      const { batchSize, answered } = batcher.stats()
      const mean = (batchSize.rows - before.batchSize.rows) / (batchSize.batches - before.batchSize.batches)
      if (mean < batch - 1 || answered - before.answered !== perTurn)
        throw new Error(`mean batch ${mean}: this does not measure full batches`)
      return cost
    },
  }
}

/** What the callers themselves cost: the same loop without a batcher. */
function bare(name: 'without a batcher', perTurn: number): Side<Cost> & { name: typeof name } {
  const runner = new Nothing()
  const given = { x: rows(1) }
  return { name, measure: async () => await timed(perTurn, () => callers(batch, perTurn, () => runner.run(given))) }
}

/** So many callers with deadlines in no order, each of which asks anew until `requests` have been asked. */
class Crowd {
  #left: number
  #state = 1
  readonly #batcher: InstanceType<typeof MicroBatcher>
  /** Resolves when the last has been answered. */
  readonly done: Promise<unknown>

  constructor(batcher: InstanceType<typeof MicroBatcher>, size: number, requests: number) {
    this.#batcher = batcher
    this.#left = requests
    this.done = Promise.all(Array.from({ length: size }, () => this.#caller()))
  }

  async #caller(): Promise<void> {
    while (this.#left-- > 0) {
      this.#state = (this.#state * 48_271) % 2_147_483_647
      await this.#batcher.run(inputs, { deadline: performance.now() + 1e6 + this.#state / 1e3 })
    }
  }

  async asked(): Promise<void> {
    while (this.#left > 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

/** As many wait as there are callers but one batch, and each answered one is replaced: the queue stays deep. */
function deepQueue(name: string, depth: number, perTurn: number): Side<Cost> & { name: string } {
  return {
    name,
    async measure() {
      const runner = new Nothing()
      const batcher = new MicroBatcher(runner, { maxBatch: batch, maxQueue: 2 * depth })
      runner.hold()
      const crowd = new Crowd(batcher, depth, depth + perTurn)
      await new Promise((resolve) => setImmediate(resolve))
      const { queueDepth } = batcher.stats()
      if (queueDepth < depth - batch) throw new Error(`${queueDepth} queued: this does not measure a deep queue`)
      const cost = await timed(perTurn, async () => {
        runner.release()
        await crowd.asked()
      })
      await crowd.done
      return cost
    },
  }
}

/** Entering, deciding and leaving alone: no promises, no copies, and a clock that stands where it is told to. */
function ruleAlone(name: string, depth: number, perTurn: number): Side<Cost> & { name: string } {
  const cost = learnedRule.cost()
  for (const rows of [1, 2, 4, 8, batch]) cost.seed(0, rows, 4 + rows / 2)
  const scheduler = learnedRule.scheduler({ maxBatch: batch, lanes: 1, maxQueue: 2 * depth, maxQueueDelay: 5 }, [cost])
  let [id, state, now] = [0, 1, 0]
  const enqueue = () => {
    state = (state * 48_271) % 2_147_483_647
    scheduler.enqueue({ id: id++, rows: 1, bucket: 0, enqueued: now, deadline: now + 1e6 + state / 1e3, priority: 0 }, now)
  }
  for (let i = 0; i < depth; i++) enqueue()
  const turn = () => {
    const decision = scheduler.decide(now)
    if (decision.kind !== 'dispatch') throw new Error(`${decision.kind}: this does not measure a deep queue`)
    now += decision.predicted
    scheduler.finished(0, now, { bucket: 0, rows: decision.rows, ms: decision.predicted })
    for (let i = 0; i < decision.rows; i++) enqueue()
  }
  const turns = async () => {
    for (let i = 0; i < perTurn / batch; i++) turn()
  }
  return { name, measure: async () => await timed(perTurn, turns) }
}

function report(results: Readonly<Record<string, readonly Cost[]>>): Report {
  const cpu = (name: string) => results[name]!.map((cost) => cost.cpu)
  const us = (name: string) => Number(median(cpu(name)).toPrecision(3))
  const lines = Object.keys(results).map((name) => {
    const { min, max } = spread(cpu(name))
    return [name, figure(us(name)), `${figure(min)} – ${figure(max)}`]
  })
  const growth = median(ratios(cpu('rule alone, 100,000 queued'), cpu('rule alone, 1,000 queued')))
  const summary = { usPerRequest: us('batches of 16'), us100k: us('100,000 queued'), us1k: us('1,000 queued') }
  return {
    tables: [table(['CPU of the process, µs a request', 'median', 'rounds'], lines)],
    targets: [
      { name: 'usPerRequest: batches of 16, everything included', value: summary.usPerRequest, bound: 'at most', limit: 3 },
      // log2 of the one is 17, of the other 10, and caches are smaller than a queue of 100,000. Through the batcher most of the
      // difference is the collector's, which has a hundred times as many promises to walk.
      { name: 'rule alone: 100,000 queued against 1,000', value: growth, bound: 'at most', limit: 3 },
    ],
    summary,
    details: results,
  }
}

await runBench({
  name: 'batcher-cost',
  question: 'What does the batcher itself cost a request? (rows of four floats, over a Runner that costs nothing)',
  defaults: { rounds: 7, durationMs: 200 },
  method: ({ rounds, durationMs }) => `${rounds} rounds of ${durationMs}000 requests a side, sides in random order; medians over rounds`,
  async measure({ durationMs }, plan) {
    const perTurn = durationMs * 1000
    const few = Math.max(20_000, perTurn / 8)
    const sides = [
      fullBatches('batches of 16', perTurn),
      bare('without a batcher', perTurn),
      deepQueue('1,000 queued', depths.shallow, few),
      deepQueue('100,000 queued', depths.deep, few),
      ruleAlone('rule alone, 1,000 queued', depths.shallow, few),
      ruleAlone('rule alone, 100,000 queued', depths.deep, few),
    ]
    return report(await interleave<string, Cost>(sides, plan))
  },
})
