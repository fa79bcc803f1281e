import type { CapacityPlan } from '../../bench/capacity/plan.js'
import type { CapacityPrediction } from '../../bench/capacity/prediction.js'
import { formatNumber, plural } from '../../core/text-format.js'
import { renderTable } from '../../core/text-table.js'

const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`
/** Cut, not rounded: what misses a target must not look as if it met it. */
const goodputText = (share: number) => percent(Math.floor(share * 1e4 + 1e-6) / 1e4, 2)

/** The table that `plan` prints. */
export function renderPlan(plan: CapacityPlan): string {
  const { rate, arrivals, maxBatch, laneCapacity, prediction, tried } = plan
  const head = `${formatNumber(rate)} requests/s, ${arrivals}${plan.slo === null ? '' : `, to be answered within ${formatNumber(plan.slo)} ms`}`
  const machine = `batches of up to ${maxBatch}; at best ${formatNumber(Math.floor(laneCapacity))} rows/s in one lane`
  return [
    `${head}: ${plural(prediction.offered, 'simulated request')}\n${machine}\n\n`,
    renderLanes(tried, prediction),
    prediction.classes.length > 1 ? `\n${renderClasses(prediction)}` : '',
    `\n${verdict(plan)}\n`,
  ].join('')
}

function renderLanes(tried: readonly CapacityPrediction[], chosen: CapacityPrediction): string {
  const head = ['lanes', 'goodput', '±', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'refused', 'mean batch', 'lanes busy', '']
  const rows = tried.map((each) => {
    const { lanes, goodput, goodputMargin, latency, offered, answered, meanBatch, laneUtilization } = each
    const times = [...percentilesOf(each, [50, 95, 99]), formatNumber(latency.max)]
    const refused = offered - answered
    const shares = [percent(refused / offered), meanBatch.toFixed(1), percent(laneUtilization)]
    return [
      String(lanes),
      percent(goodput),
      (100 * goodputMargin).toFixed(1),
      ...times,
      ...shares,
      each === chosen && tried.length > 1 ? '←' : '',
    ]
  })
  return renderTable([head, ...rows], { left: [head.length - 1] })
}

function renderClasses({ classes }: CapacityPrediction): string {
  const rows = classes.map((each) => [each.name, String(each.offered), goodputText(each.goodput), ...percentilesOf(each, [50, 99])])
  return renderTable([['class', 'requests', 'goodput', 'p50 ms', 'p99 ms'], ...rows])
}

function percentilesOf({ latency }: Pick<CapacityPrediction, 'latency'>, wanted: readonly number[]): string[] {
  return wanted.map((each) => formatNumber(latency.percentiles.find(({ percentile }) => percentile === each)!.value))
}

function verdict({ lanes, lanesNeeded, target, prediction, slo }: CapacityPlan): string {
  const goal = `${percent(target)} ${slo === null ? 'answered' : 'in time'}`
  if (lanesNeeded !== null) return `${plural(lanesNeeded, 'lane')} needed for ${goal}.`
  const reached = goodputText(prediction.goodput)
  if (lanes !== 'auto') {
    const relation = prediction.goodput >= target ? 'which reaches' : 'below'
    return `${plural(lanes, 'lane')}: ${reached}, ${relation} ${goal}.`
  }
  const remedy = 'More would not help: the deadline leaves no room for an execution, or the queue none for the bursts.'
  return `No number of lanes reaches ${goal}; ${plural(prediction.lanes, 'lane')} reach ${reached}. ${remedy}`
}
