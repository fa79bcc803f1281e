import type { LayerProfile } from '../../engine/controls/layers.js'
import type { DeviceMeasurement } from '../../engine/controls/measure.js'
import { type DeviceSummary, type Metric, traceAverages } from './summary.js'

/** Of a run that computes longer than it is enqueued, by a fifth. */
const enqueueBound = 0.8
const unstablePercent = 2.5

/** The lines that trtexec prints, which tools look for; without its time and level before each. */
export function renderTrtexec(measured: DeviceMeasurement, summary: DeviceSummary, averageOf: number): string {
  const metric = (name: string, value: Metric) => `${name}: ${metricText(value)}`
  return [
    `Warmup completed ${summary.warmUpRuns} queries`,
    `Timing trace has ${summary.runs} queries over ${six(summary.hostWalltime)} s`,
    '',
    '=== Trace details ===',
    `Trace averages of ${averageOf} runs:`,
    ...traceAverages(measured.runs, averageOf).map(
      ({ compute, latency, enqueue }) =>
        `Average on ${averageOf} runs - GPU latency: ${six(compute)} ms - Host latency: ${six(latency)} ms (enqueue ${six(enqueue)} ms)`,
    ),
    '',
    '=== Performance summary ===',
    `Throughput: ${six(summary.throughput)} qps`,
    metric('Latency', summary.latency),
    metric('Enqueue Time', summary.enqueue),
    metric('H2D Latency', summary.h2d),
    metric('GPU Compute Time', summary.compute),
    metric('D2H Latency', summary.d2h),
    `Total Host Walltime: ${six(summary.hostWalltime)} s`,
    `Total GPU Compute Time: ${six(summary.computeTime)} s`,
    ...warnings(summary),
    '',
  ].join('\n')
}

function metricText({ min, max, mean, median, percentiles }: Metric): string {
  const shares = percentiles.map(({ percentile, value }) => `, percentile(${percentile}%) = ${six(value)} ms`)
  return `min = ${six(min)} ms, max = ${six(max)} ms, mean = ${six(mean)} ms, median = ${six(median)} ms${shares.join('')}`
}

function warnings({ enqueue, h2d, compute, d2h }: DeviceSummary): string[] {
  const bound = (what: string) => `* Throughput may be bound by ${what} rather than GPU Compute and the GPU may be under-utilized.`
  const unstable = compute.coefficientOfVariance > unstablePercent
  return [
    ...(enqueue.median > enqueueBound * compute.median
      ? [bound('Enqueue Time'), '  If not already in use, --useCudaGraph (utilize CUDA graphs where possible) may increase the throughput.']
      : []),
    ...(h2d.median >= compute.median && h2d.median > 0
      ? [bound('host-to-device transfers for the inputs'), '  Add --noDataTransfers flag to disable data transfers.']
      : []),
    ...(d2h.median >= compute.median && d2h.median > 0
      ? [bound('device-to-host transfers for the outputs'), '  Add --noDataTransfers flag to disable data transfers.']
      : []),
    ...(unstable
      ? [
          `* GPU compute time is unstable, with coefficient of variance = ${six(compute.coefficientOfVariance)}%.`,
          '  If not already in use, locking GPU clock frequency or adding --useSpinWait may improve the stability.',
        ]
      : []),
  ]
}

/** As C++ streams print a float: six significant digits, no zeros behind. */
function six(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  return size >= 1e-4 && size < 1e6 ? String(Number(value.toPrecision(6))) : value.toExponential(5).replace(/\.?0+e/, 'e')
}

/** The form of trtexec's --exportProfile. */
export function exportProfile({ layers, runs, totalMs }: LayerProfile): object[] {
  const layer = ({ name, meanMs, medianMs }: LayerProfile['layers'][number]) => ({
    name,
    timeMs: meanMs * runs,
    averageMs: meanMs,
    medianMs,
    percentage: totalMs === 0 ? 0 : (100 * meanMs) / totalMs,
  })
  return [{ count: runs }, ...layers.map(layer)]
}
