import { learnedRule, type Rule } from '../../../lib/batching/learned-rule.js'
import type { CostModel } from '../../../lib/batching/rule/types.js'
import { cost, msOf, type Scenario } from '../scenarios.js'
import { BentoRule } from './bento.js'
import { EdfRule } from './edf.js'
import { FifoRule } from './fifo.js'

export const contenders = ['ours', 'fifo', 'fifoDelay', 'triton', 'bento', 'edf'] as const
export type Contender = (typeof contenders)[number]

/** How the tables name them. All but the first are our reading of what is published about them. */
export const labels: Readonly<Record<Contender, string>> = {
  ours: 'ours',
  fifo: 'FIFO',
  fifoDelay: 'FIFO 5 ms',
  triton: 'Triton tuned',
  bento: 'BentoML',
  edf: 'EDF',
}

/** 95 % of executions are not longer. */
export const highQuantile = Math.exp((1.645 * cost.noisePercent) / 100)

/** A cost model that knows the truth, as of now. */
export class KnownCost implements CostModel {
  readonly #msOf: (rows: number) => number

  constructor(msOf: (rows: number) => number) {
    this.#msOf = msOf
  }

  predict(_bucket: number, rows: number): { mean: number; high: number } {
    const mean = this.#msOf(rows)
    return { mean, high: mean * highQuantile }
  }
  observe(): void {}
  seed(): void {}
}

const ignorant = (): CostModel => new KnownCost(() => 0)

/** BentoML has one latency for all; of those that the callers may wish, the one with which it does best. */
const bentoLatency = ({ classes }: Scenario): number => Math.max(...classes.map(({ deadline }) => deadline))

/** Triton's time-out is tuned by hand with what our rule has to find out: who waits longer is late in a full batch. */
const triton: Rule = {
  cost: ignorant,
  scheduler: (options) =>
    new FifoRule(options, { delay: 0, timeout: ({ deadline, enqueued }) => deadline - enqueued - msOf(cost.maxBatch) }),
}

const fifo = (delay: number): Rule => ({
  cost: ignorant,
  scheduler: (options) => new FifoRule(options, { delay, timeout: () => Infinity }),
})

/** Batches that BentoML trains its line with. */
const trainingSizes = [1, 2, 3]

const bento = (maxLatency: number): Rule => ({
  cost: ignorant,
  scheduler: (options) => {
    const rule = new BentoRule(options, maxLatency)
    for (const rows of trainingSizes) rule.train(rows, msOf(rows))
    return rule
  },
})

const edf: Rule = { cost: () => new KnownCost(msOf), scheduler: (options, [known]) => new EdfRule(options, known!) }

export function ruleOf(contender: Contender, scenario: Scenario): Rule {
  switch (contender) {
    case 'ours':
      return learnedRule
    case 'fifo':
      return fifo(0)
    case 'fifoDelay':
      return fifo(5)
    case 'triton':
      return triton
    case 'bento':
      return bento(bentoLatency(scenario))
    case 'edf':
      return edf
  }
}
