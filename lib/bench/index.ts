/** `tensorrt-node/bench`: load that can be trusted, and reports of it. */
export { benchmark } from './benchmark.js'
export { type CostPoint, costPoints } from './capacity/cost-table.js'
export type { CapacityOptions } from './capacity/options.js'
export { planCapacity } from './capacity/index.js'
export type { CapacityPlan } from './capacity/plan.js'
export type { CapacityPrediction, ClassPrediction } from './capacity/prediction.js'
export { compare, type CompareOptions, type Side } from './compare/interleave.js'
export { compareReports, type Comparison, type MetricDifference, type MetricName } from './compare/compare.js'
export type { EventLoopDelay } from './event-loop-delay.js'
export { findMax, type FindMaxOptions, measureCapacity } from './find-max.js'
export { renderHtml } from './html/page.js'
export { type ArrivalKind, type ArrivalPlan, type Arrivals, arrivalTimes } from './load/arrivals.js'
export type { RequestClass } from './load/classes.js'
export type { Range, Window } from './measure/control.js'
export type { RequestFacts, Target } from './measure/loop.js'
export { type Pacer, spinPacer, timerPacer } from './measure/pacer.js'
export { answered, Samples } from './measure/samples.js'
export type { BenchmarkOptions, MeasuredSamples, Probes, StepProgress } from './options.js'
export { checkReport } from './report/check.js'
export { renderCsv } from './report/csv.js'
export type {
  BatchReport,
  BenchmarkReport,
  ClassReport,
  ClassSettings,
  Environment,
  FindMaxReport,
  Histogram,
  Latency,
  Settings,
  Slice,
  StageReport,
  StepReport,
} from './report/schema.js'
export { renderComparison, renderReport } from './report/text.js'
export { latencyBudget, type LatencyBudget, type LatencyBudgetOptions } from '../core/latency-budget.js'
