import { LearnedCost } from './cost/learned-cost.js'
import { Scheduler } from './rule/scheduler.js'
import type { CostModel, SchedulerLike, SchedulerOptions } from './rule/types.js'

/** What decides when which requests form a batch, and from which costs. */
export interface Rule {
  /** For one session. */
  cost(): CostModel
  /** @param costs By lane. */
  scheduler(options: SchedulerOptions, costs: readonly CostModel[]): SchedulerLike
}

export const learnedRule: Rule = {
  cost: () => new LearnedCost(),
  scheduler: (options, costs) => new Scheduler(options, costs),
}
