import * as assert from 'uvu/assert'
import { summarizeDevice, traceAverages } from '../../../../lib/bench/device/summary.js'
import { exportProfile, renderTrtexec } from '../../../../lib/bench/device/text.js'
import type { RunTimes } from '../../../../lib/index.js'
import { suite } from '../../../support/suite.js'

const test = suite('summary of a loop on the device')

/** Begins at `at`: copy in 1 ms, compute `compute`, copy out 2 ms, enqueued within 0.5 ms. */
function times(at: number, compute: number): RunTimes {
  const [inE, computeE] = [at + 1, at + 1 + compute]
  return {
    startEnqMs: at,
    endEnqMs: at + 0.5,
    startH2dMs: at,
    endH2dMs: inE,
    startComputeMs: inE,
    endComputeMs: computeE,
    startD2hMs: computeE,
    endD2hMs: computeE + 2,
    h2dMs: 1,
    computeMs: compute,
    d2hMs: 2,
    latencyMs: compute + 3,
  }
}

const measured = (runs: readonly RunTimes[]) => ({ warmUpRuns: 7, runs, cudaGraph: { used: true, reason: null } })
const four = [times(100, 4), times(200, 6), times(300, 5), times(393, 4)]

test('throughput is runs over the time from the first copy in to the last copy out', () => {
  const summary = summarizeDevice(measured(four), [50])!
  // From 100 to 393 + 1 + 4 + 2.
  assert.equal([summary.runs, summary.warmUpRuns, summary.hostWalltime], [4, 7, 0.3])
  assert.is(summary.throughput, (4 / 300) * 1000)
  assert.is(summary.computeTime, 0.019)
})

test('latency is the sum of the stages, and a median lies between the two in the middle', () => {
  const { latency, compute, enqueue, h2d, d2h } = summarizeDevice(measured(four), [])!
  assert.equal([latency.min, latency.max, latency.mean, latency.median], [7, 9, 7.75, 7.5])
  assert.equal([compute.mean, compute.median, enqueue.mean, h2d.mean, d2h.mean], [4.75, 4.5, 0.5, 1, 2])
})

test('percentiles are those of trtexec: the 99th of 100 values is the largest, in its single precision', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => times(i * 1000, i + 1))
  const { compute } = summarizeDevice(measured(hundred), [90, 95, 99, 100])!
  assert.equal(
    compute.percentiles.map(({ value }) => value),
    [90, 95, 100, 100],
  )
})

test('the coefficient of variance is in percent of the mean', () => {
  // 3 and 5: mean 4, deviation 1.
  assert.is(summarizeDevice(measured([times(0, 3), times(10, 5)]), [])!.compute.coefficientOfVariance, 25)
})

test('averages leave an incomplete rest out', () => {
  assert.equal(traceAverages(four.slice(0, 3), 2), [{ compute: 5, latency: 8, enqueue: 0.5 }])
})

test('nothing was counted: no summary', () => assert.is(summarizeDevice(measured([]), []), null))

test('the lines are those of trtexec', () => {
  const steady = Array.from({ length: 20 }, (_, i) => times(i * 10, 4))
  const run = measured(steady)
  const text = renderTrtexec(run, summarizeDevice(run, [90, 99])!, 10)
  const lines = [
    'Trace averages of 10 runs:',
    'Average on 10 runs - GPU latency: 4 ms - Host latency: 7 ms (enqueue 0.5 ms)',
    '=== Performance summary ===',
    'Throughput: 101.523 qps',
    'Latency: min = 7 ms, max = 7 ms, mean = 7 ms, median = 7 ms, percentile(90%) = 7 ms, percentile(99%) = 7 ms',
    'Enqueue Time: min = 0.5 ms, max = 0.5 ms, mean = 0.5 ms, median = 0.5 ms, percentile(90%) = 0.5 ms, percentile(99%) = 0.5 ms',
    'Total Host Walltime: 0.197 s',
    'Total GPU Compute Time: 0.08 s',
  ]
  for (const line of lines) assert.ok(text.split('\n').includes(line), `${line}\nis not in\n${text}`)
  assert.not.match(text, /^\*/m)
})

test('what bounds throughput is warned of, in the words of trtexec', () => {
  const slow = (h2dMs: number, endEnqMs: number): RunTimes => ({ ...times(0, 1), h2dMs, endEnqMs, d2hMs: 0 })
  const warn = (run: RunTimes) => renderTrtexec(measured([run]), summarizeDevice(measured([run]), [])!, 10)
  assert.match(warn(slow(0, 0.9)), '* Throughput may be bound by Enqueue Time rather than GPU Compute')
  assert.match(warn(slow(1, 0)), '* Throughput may be bound by host-to-device transfers for the inputs rather than GPU Compute')
})

test('the profile has a count, then layers with shares of the whole', () => {
  const layers = [
    { name: 'a', meanMs: 3, medianMs: 2 },
    { name: 'b', meanMs: 1, medianMs: 1 },
  ]
  assert.equal(exportProfile({ profile: 0, runs: 10, totalMs: 4, layers }), [
    { count: 10 },
    { name: 'a', timeMs: 30, averageMs: 3, medianMs: 2, percentage: 75 },
    { name: 'b', timeMs: 10, averageMs: 1, medianMs: 1, percentage: 25 },
  ])
})

test.run()
