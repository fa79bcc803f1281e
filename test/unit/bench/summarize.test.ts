import fc from 'fast-check'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { resolveClasses } from '../../../lib/bench/load/classes.js'
import { answered, Samples } from '../../../lib/bench/measure/samples.js'
import { isStable } from '../../../lib/bench/measure/stability.js'
import { histogram, summarizeSamples } from '../../../lib/bench/report/summarize.js'

const test = suite('summarize')

/** One request each millisecond from 0, with the latencies given; null: refused. */
function recorded(latencies: readonly (number | null)[]): Samples {
  const samples = new Samples()
  latencies.forEach((latency, at) => {
    const position = samples.begin(at, at + 0.5, at % 2)
    if (latency === null) samples.end(position, at + 0.5, samples.outcomeOf('TRT_ERR_DEADLINE expired'))
    else samples.end(position, at + latency, answered)
  })
  return samples
}

test('goodput is the share of what was due, refusals included; sent late is told', () => {
  const classes = resolveClasses([{ name: 'a' }, { name: 'b', deadline: 3 }], 10)
  const report = summarizeSamples(recorded([1, 5, 2, null, 20, 2]), classes, { from: 0, to: 6 })
  assert.equal([report.offered, report.answered, report.inTime, report.goodput], [6, 5, 3, 0.5])
  assert.equal(report.refused, { 'TRT_ERR_DEADLINE expired': 1 })
  assert.equal(
    report.classes.map(({ name, offered, answered, inTime }) => [name, offered, answered, inTime]),
    [
      ['a', 3, 3, 2],
      ['b', 3, 2, 1],
    ],
  )
  assert.equal(report.sendDelay, { mean: 0.5, p99: 0.5, max: 0.5 })
})

test('only what was due in the range counts; throughput is what ended in it', () => {
  const report = summarizeSamples(recorded([3, 3, 3, 3, 3, 3, 3, 3]), resolveClasses([{}, {}], undefined), { from: 2, to: 6 })
  // Due at 2, 3, 4 and 5; ended at 3 (from 0), 4, 5 and 6.
  assert.equal([report.offered, report.answered, report.throughput, report.goodput], [4, 4, 1000, null])
})

test('slices divide the range evenly', () => {
  const samples = recorded(Array.from({ length: 40 }, (_, i) => (i < 20 ? 1 : 2)))
  const { slices } = summarizeSamples(samples, resolveClasses([{}, {}], 1), { from: 0, to: 40 })
  assert.is(slices.length, 20)
  assert.equal(
    slices.map(({ offered, p50, goodput }) => [offered, p50, goodput]),
    slices.map((_, i) => [2, i < 10 ? 1 : 2, i < 10 ? 1 : 0]),
  )
})

test('samples grow beyond their first size', () => {
  const samples = recorded(Array.from({ length: 5000 }, () => 1))
  assert.equal([samples.count, samples.intended[4999], samples.ended[4999]], [5000, 4999, 5000])
  assert.is(summarizeSamples(samples, resolveClasses([{}, {}], undefined), { from: 0, to: 5000 }).latency.count, 5000)
})

test('histogram: round widths, and an outlier in the last bin', () => {
  const values = [...Array.from({ length: 2000 }, (_, i) => 10 + (i % 48) / 10), 500]
  const { edges, counts } = histogram(values)
  assert.equal([edges[0], edges[1], edges.at(-1)], [10, 10.1, 500])
  assert.is(
    counts.reduce((sum, count) => sum + count, 0),
    2001,
  )
})

test('histogram: nothing, and only one value', () => {
  assert.equal(histogram([]), { edges: [], counts: [] })
  assert.equal(histogram([5, 5]).counts, [2])
})

test('property: a histogram loses nothing and puts each value between its edges', () => {
  const values = fc.array(fc.double({ min: 1e-6, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(values, (latencies) => {
      const { edges, counts } = histogram(latencies)
      assert.is(edges.length, counts.length + 1)
      assert.ok(counts.length <= 60, `${counts.length} bins`)
      edges.forEach((edge, i) => assert.ok(i === 0 || edge > edges[i - 1]!))
      const slack = 1e-9 * Math.max(...latencies)
      counts.forEach((count, i) => {
        const inside = latencies.filter((value) => value >= edges[i]! - slack && value <= edges[i + 1]! + slack)
        assert.ok(count <= inside.length)
      })
      assert.is(
        counts.reduce((sum, count) => sum + count, 0),
        latencies.length,
      )
    }),
  )
})

test('stable: the last three agree in throughput and in latency', () => {
  const windows = (...pairs: [number, number][]) => pairs.map(([throughput, latency]) => ({ throughput, latency }))
  assert.is(isStable(windows([100, 1], [100, 1]), 0.1), false)
  assert.is(isStable(windows([5, 9], [100, 1], [109, 1], [91, 1]), 0.1), true)
  assert.is(isStable(windows([100, 1], [100, 1], [100, 1.4]), 0.1), false)
  assert.is(isStable(windows([100, 1], [100, 1], [70, 1]), 0.1), false)
  assert.is(isStable(windows([0, 0], [0, 0], [0, 0]), 0.1), false)
})

test.run()
