import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { renderHtml } from '../../../lib/bench/html/page.js'
import { linearScale, logScale, short, spanScale } from '../../../lib/core/html/scale.js'
import { spread } from '../../../lib/core/html/frame.js'
import { checkReport } from '../../../lib/bench/report/check.js'
import { renderCsv } from '../../../lib/bench/report/csv.js'
import type { BenchmarkReport } from '../../../lib/bench/report/schema.js'
import { renderComparison, renderReport } from '../../../lib/bench/report/text.js'
import { failure } from '../../support/failure.js'
import { sampleReport } from '../../support/sample-report.js'

const test = suite('report')
const reports = { open: await sampleReport(), one: await sampleReport({ rate: 400, slo: undefined as never }) }

test('the report of a batcher has batches and stages that fit each other', () => {
  const last = reports.open.steps.at(-1)!
  const { batches, stages, answered, refused, offered, goodput } = last
  assert.is(answered + refused['TRT_ERR_DEADLINE deadline']!, offered)
  assert.is(
    Object.values(batches!.rows).reduce((sum, count) => sum + count, 0),
    batches!.count,
  )
  assert.ok(goodput! < 0.7 && batches!.meanRows > 5 && batches!.utilisation > 0.5 && batches!.utilisation <= 1)
  assert.ok(Math.abs(batches!.costError!.p50) < 0.05)
  const sum = ['queue', 'compute'].reduce((total, stage) => total + stages![stage]!.mean, 0)
  assert.ok(Math.abs(stages!['total']!.mean - sum) < 0.01)
})

test('text: a line for each load, the batches and the budget of the last one', () => {
  const text = renderReport(reports.open)
  assert.match(
    text,
    /^open loop, bursty arrivals, seed 1, SLO 30 ms; windows of 500 ms after 200 ms of warm-up\nrate\/s +offered\/s +answers\/s +p50/,
  )
  assert.is(text.match(/^(133|400|667|933|1200|1600)\*? .* %/gm)?.length, 6)
  assert.match(text, /^TRT_ERR_DEADLINE deadline: \d+\n\d+ batches, mean [\d.]+ rows; sent because: full \d+, idle \d+$/m)
  assert.match(text, /^Attack first: queue/m)
  assert.not.match(renderReport(reports.one), 'goodput')
})

test('csv: a head, a line for each step, names quoted where they must be', () => {
  const lines = renderCsv({ ...reports.open, name: 'a "b", c' }).split('\r\n')
  assert.equal([lines.length, lines.at(-1)], [8, ''])
  assert.ok(lines[1]!.startsWith('"a ""b"", c",open,bursty,133,'))
  const columns = lines[0]!.split(',').length
  assert.ok(lines.slice(1, -1).every((line) => line.replace(/^"a ""b"", c"/, 'name').split(',').length === columns))
})

test('html: all drawings, nothing from elsewhere, text escaped', () => {
  const page = renderHtml(reports.open)
  for (const title of [
    'Latency against load',
    'Answers against load',
    'What became',
    'How latencies',
    'Batch sizes',
    'Latency budget',
    'All steps',
  ])
    assert.match(page, `<h2>${title}`)
  assert.equal([page.match(/<svg /g)!.length, page.match(/<svg/g)!.length], [3 + 6 + 6 + 1, 3 + 6 + 6 + 1])
  assert.match(page, '<h1>Sample &lt;batcher&gt; &amp; co</h1>')
  assert.not.match(page, /<script|https?:|src=|url\(|@import|NaN|undefined|Infinity/)
  assert.match(page, "default-src 'none'")
  assert.match(page, 'prefers-color-scheme: dark')
})

test('html: one load needs no lines between loads; no batcher, no batches', () => {
  const bare: BenchmarkReport = { ...reports.one, steps: reports.one.steps.map((step) => ({ ...step, batches: null, stages: null })) }
  const page = renderHtml(bare)
  for (const title of ['Latency against load', 'Batch sizes', 'Latency budget', 'What became']) assert.not.match(page, `<h2>${title}`)
  assert.match(page, '<h2>How latencies')
})

test('html: a number that is none is an error, not a hole in a drawing', () => {
  const broken = structuredClone(reports.open)
  broken.steps[0]!.latency.p99 = Number.NaN
  assert.is(failure(() => renderHtml(broken)).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('html: nothing answered draws all the same', () => {
  const none = structuredClone(reports.open)
  for (const step of none.steps) {
    step.histogram = { edges: [], counts: [] }
    for (const key of Object.keys(step.latency) as (keyof typeof step.latency)[]) step.latency[key] = 0
  }
  assert.match(renderHtml(none), '</html>')
})

test('scales end on round numbers, and labels are short', () => {
  const range = { from: 0, to: 100 }
  assert.equal([linearScale(47, range).ticks, linearScale(47, range).at(25)], [[0, 10, 20, 30, 40, 50], 50])
  assert.equal(linearScale(0, range).ticks, [0, 0.2, 0.4, 0.6, 0.8, 1])
  assert.equal(spanScale({ from: 11.4, to: 12.6 }, range).ticks, [11.25, 11.5, 11.75, 12, 12.25, 12.5, 12.75])
  assert.equal(logScale({ from: 3, to: 40 }, range).ticks, [2, 5, 10, 20, 50])
  assert.equal([logScale({ from: 1, to: 100 }, range).at(10), logScale({ from: 5, to: 5 }, range).at(5)], [50, 0])
  assert.equal([0.25, 1234.5, 40_000, 2.5e6].map(short), ['0.25', '1235', '40k', '2.5M'])
})

test('labels that would cover each other are pushed apart', () => {
  assert.equal(spread([10, 11, 50], 15, 100), [10, 25, 50])
  assert.equal(spread([95, 90], 15, 100), [100, 85])
})

test('a report from a file is checked', () => {
  const json = JSON.parse(JSON.stringify(reports.open)) as BenchmarkReport
  assert.equal(checkReport(json, 'a.json'), reports.open)
  for (const wrong of [null, 3, {}, { schema: 'other/1' }]) assert.match(failure(() => checkReport(wrong, 'a.json')).message, 'schema')
  delete (json.steps[2] as Partial<(typeof json.steps)[0]>).slices
  assert.match(failure(() => checkReport(json, 'a.json')).message, 'steps[2].slices')
})

test('comparison: a table and a conclusion', () => {
  const metric = { unit: 'ms', relative: true }
  const base = { schema: 'tensorrt-node/comparison/1' as const, a: 'one', b: 'two', interleaved: true, load: 100, values: 10 }
  const text = renderComparison({
    ...base,
    metrics: [
      { ...metric, metric: 'p50', a: 10, b: 9, change: -0.1, low: -0.12, high: -0.08, verdict: 'better' },
      { ...metric, metric: 'p99', a: 20, b: 20.2, change: 0.01, low: -0.05, high: 0.07, verdict: 'noise' },
    ],
  })
  assert.match(text, /^p50 +ms +10 +9 +-10\.0 % +-12\.0 % … -8\.0 % +B better$/m)
  assert.match(text, /B is better in p50\. The rest is noise/)
  assert.match(renderComparison({ ...base, metrics: [] }), 'No difference that is more than noise')
})

test.run()
