import { LearnedCost } from '../../batching/cost/learned-cost.js'
import { Scheduler } from '../../batching/rule/scheduler.js'
import type { CapacityOptions } from './options.js'
import { type CapacityPlan, planWith, type SchedulerFactory } from './plan.js'

/** The batcher's rule as it is after a warm-up. */
const warmScheduler: SchedulerFactory = (options, costs) => {
  const cost = new LearnedCost()
  for (const { rows, ms } of costs) cost.seed(0, rows, ms)
  return new Scheduler(options, cost)
}

/**
 * Predicts percentiles, goodput and the lanes needed for a load, by running the batcher's own rule on a trace of arrivals in
 * simulated time. The same options give the same plan.
 *
 * @throws {TrtError} By rejecting: `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_ABORTED`
 * @example await planCapacity({ slo: 30, rate: 800, cost: costSeeds(await session.warmUp()) })
 */
export function planCapacity(options: CapacityOptions): Promise<CapacityPlan> {
  return planWith(warmScheduler, options)
}
