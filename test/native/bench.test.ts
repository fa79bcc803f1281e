import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import type { Comparison } from '../../lib/bench/compare/compare.js'
import { checkReport } from '../../lib/bench/report/check.js'
import type { BenchmarkReport } from '../../lib/bench/report/schema.js'
import { cli } from '../support/cli.js'
import { scriptedLibrary, scriptedModel } from '../support/scripted.js'

/** `bench` on the scripted backend, whose runs take 2 ms: the whole path from flags to files. */
const test = suite('bench command')
let folder = ''
let model = ''
const file = (name: string) => join(folder, name)
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-'))
  model = file('model.txt')
  writeFileSync(model, scriptedModel(['input x float32 N,4', 'output y float32 N,4', 'delayUs 2000']))
})
test.after.each(() => rmSync(folder, { recursive: true }))

const quick = ['--warmUp=20', '--duration=0.15', '--stability=0']

async function bench(...argv: string[]): Promise<{ out: string; err: string }> {
  const { code, out, err } = await cli(['bench', ...argv, `--backend=${scriptedLibrary}`])
  assert.is(code, 0, err)
  return { out, err }
}

async function report(...argv: string[]): Promise<BenchmarkReport & { lanes: number; engine: { backend: { name: string } } }> {
  const { out } = await bench(...argv, '--json')
  return checkReport(JSON.parse(out), 'the output') as never
}

test('as many requests as asked, their times, and one JSON object', async () => {
  const flags = ['--shapes=x:2x4', '--warmUp=0', '--duration=0', '--iterations=25', '--lanes=2', '--concurrency=5']
  const measured = await report(model, ...flags, `--exportTimes=${file('times.json')}`, '--percentile=75,99')
  const [step] = measured.steps
  assert.equal([measured.lanes, measured.settings.mode, step!.load, step!.answered], [2, 'closed', 5, step!.offered])
  assert.ok(step!.offered >= 25 && step!.offered < 31, `${step!.offered} requests`)
  assert.equal(
    step!.percentiles.map(({ percentile }) => percentile),
    [75],
  )
  assert.ok(step!.latency.min >= 2 && step!.percentiles[0]!.value >= step!.latency.p50)
  const times = JSON.parse(readFileSync(file('times.json'), 'utf8')) as { startMs: number; endMs: number; latencyMs: number }[]
  assert.is(times.length, step!.offered)
  assert.ok(times.every(({ startMs, endMs, latencyMs }) => Math.abs(endMs - startMs - latencyMs) < 1e-6))
})

test('a table for people', async () => {
  const { out } = await bench(model, '--warmUp=0', '--duration=0', '--percentile=75')
  assert.match(out, /^in flight +answers\/s +p50 +p75 +p90 +p95 +p99 +p99\.9 +max +refused +failed +CPU us +loop p99\n1( +[\d.]+){12}\n/m)
  assert.match(out, /^1[01] requests in .*\nevent-loop delay \(ms\): mean /m)
})

test('an open loop in steps, with every kind of report', async () => {
  const outputs = [`--html=${file('report.html')}`, `--csv=${file('report.csv')}`]
  const flags = ['--rate=400', '--steps=2', '--slo=20ms', '--arrivals=bursty', '--seed=3', '--name=two steps']
  const { settings, steps, name } = await report(model, ...quick, ...flags, ...outputs)
  assert.equal(
    [name, settings.mode, settings.slo, settings.seed, settings.arrivals],
    ['two steps', 'open', 20, 3, { kind: 'bursty', peak: 1.8, phase: 100 }],
  )
  assert.equal(
    steps.map(({ load }) => load),
    [200, 400],
  )
  for (const step of steps) {
    const refused = Object.values(step.refused).reduce((sum, count) => sum + count, 0)
    assert.equal([step.answered + refused, step.failed], [step.offered, {}])
    assert.ok(step.goodput! >= 0 && step.goodput! <= 1)
  }
  assert.match(readFileSync(file('report.html'), 'utf8'), '<h1>two steps</h1>')
  assert.is(readFileSync(file('report.csv'), 'utf8').split('\r\n').length, 4)
  assert.equal(readdirSync(folder).sort(), ['model.txt', 'report.csv', 'report.html'])
})

test('overload of a session: late requests are refused, goodput falls', async () => {
  const { steps } = await report(model, ...quick, '--rate=1500', '--arrivals=constant', '--slo=15')
  assert.ok(steps[0]!.goodput! < 0.8, `${steps[0]!.goodput}`)
  assert.ok(steps[0]!.refused['TRT_ERR_DEADLINE']! > 0)
})

test('loads are shares of what a closed loop gets through', async () => {
  const { out, err } = await bench(model, ...quick, '--load=0.5', '--json', '--verbose')
  assert.is(err, '')
  const { steps } = JSON.parse(out) as BenchmarkReport
  // At most 500 per second on one lane of 2 ms.
  assert.ok(steps[0]!.load > 40 && steps[0]!.load <= 250, `${steps[0]!.load}`)
})

test('classes with rows of their own, and recorded arrivals', async () => {
  writeFileSync(
    file('classes.json'),
    JSON.stringify([
      { name: 'one', deadline: 50 },
      { name: 'many', rows: 3 },
    ]),
  )
  writeFileSync(file('trace.txt'), Array.from({ length: 50 }, (_, i) => i * 5).join('\n'))
  const { steps, settings } = await report(
    model,
    ...quick,
    '--minShapes=x:1x4',
    '--maxShapes=x:8x4',
    `--classes=${file('classes.json')}`,
    `--trace=${file('trace.txt')}`,
  )
  assert.equal([steps[0]!.load, settings.arrivals], [200, { kind: 'trace', recorded: 50 }])
  assert.equal(
    steps[0]!.classes.map(({ name, goodput }) => [name, goodput === null]),
    [
      ['one', false],
      ['many', true],
    ],
  )
})

test('through a batcher: batches, stages and a budget', async () => {
  const flags = ['--batcher', '--maxBatch=8', '--minShapes=x:1x4', '--maxShapes=x:8x4', '--rate=800', '--slo=30ms']
  const { steps, name } = await report(model, ...quick, ...flags)
  const { batches, stages, answered } = steps[0]!
  assert.is(name, 'model.txt, 1 lane, batcher')
  // How many depends on the machine; a loaded one answers few in time.
  assert.ok(answered > 0 && batches!.meanRows >= 1 && batches!.meanRows <= 8, `${answered}, ${batches!.meanRows}`)
  assert.ok(stages!['compute']!.p50 >= 2 && stages!['queue']!.count > 0)
  assert.match((await bench(model, ...quick, ...flags)).out, /Attack first: /)
})

test('what batches took before is in the JSON, and plan reads it', async () => {
  const { out } = await bench(model, ...quick, '--batcher', '--maxBatch=6', '--rate=200', '--json')
  writeFileSync(file('bench.json'), out)
  const { costs } = JSON.parse(out) as { costs: { rows: number; ms: number }[] }
  assert.equal(
    costs.map(({ rows, ms }) => [rows, ms >= 2]),
    [1, 2, 4, 6].map((rows) => [rows, true]),
  )
  const plan = await cli(['plan', `--cost=${file('bench.json')}`, '--rate=100', '--slo=1s', '--requests=500', '--json'])
  assert.is(plan.code, 0, plan.err)
  assert.is((JSON.parse(plan.out) as { maxBatch: number }).maxBatch, 6)
})

test('find-max ends with a load that holds', async () => {
  const { findMax, steps } = await report(model, ...quick, '--find-max', '--slo=40ms', '--goodput=90')
  assert.equal([findMax!.goodput, findMax!.slo], [0.9, 40])
  assert.ok(findMax!.load! > 0, `${findMax!.load}`)
  assert.ok(findMax!.tried.length >= 1 && steps.some(({ load }) => load === findMax!.load))
})

test('compare: two sides in turn, with a verdict', async () => {
  const flags = ['--concurrency=4', '--warmUp=20', '--duration=0.3', '--rounds=4', '--json', '--compare', 'lanes=1', 'lanes=2']
  const { metrics, interleaved, values } = JSON.parse((await bench(model, ...flags)).out) as Comparison
  const throughput = metrics.find(({ metric }) => metric === 'throughput')!
  assert.equal([interleaved, values], [true, 4])
  assert.ok(['better', 'worse', 'noise'].includes(throughput.verdict), throughput.verdict)
  assert.ok(Number.isFinite(throughput.change), `${throughput.change}`)
})

test('compare: two reports that were written before, with the model or without', async () => {
  const { out } = await bench(model, '--warmUp=20', '--duration=0.6', '--stability=0', '--rate=200', '--json')
  writeFileSync(file('a.json'), out)
  const { out: text } = await bench('--compare', file('a.json'), file('a.json'))
  assert.match(text, 'No difference that is more than noise')
})

test('wrong use is told, and nothing is measured', async () => {
  const wrong: [string[], RegExp][] = [
    [[model, '--rate=3', '--concurrency=2'], /An open loop has no --concurrency/],
    [[model, '--find-max'], /needs an slo/],
    [[model, '--find-max', '--slo=3', '--rate=4'], /chooses the rates itself/],
    [[model, '--maxBatch=4'], /give --batcher too/],
    [[model, '--rate=0'], /--rate/],
    [[model, '--arrivals=poison'], /poison/],
    [[model, '--compare', 'lanes=1'], /Expected two sides/],
    [[model, '--compare', 'lanes=1', 'lines=2'], /lines=2|No such|ENOENT|Expected/],
    [[model, '--compare', 'a.json', 'lanes=2'], /not one of each/],
  ]
  for (const [argv, message] of wrong) {
    const { code, err, out } = await cli(['bench', ...argv, `--backend=${scriptedLibrary}`])
    assert.ok(code === 1 || code === 2, `${argv.join(' ')}: ${code}`)
    assert.match(err, message)
    assert.is(out, '')
  }
})

test('a stop leaves no file', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 300)
  const { code, err } = await cli(['bench', model, '--duration=30', `--html=${file('x.html')}`, `--backend=${scriptedLibrary}`], {
    signal: controller.signal,
  })
  assert.is(code, 1)
  assert.match(err, /TRT_ERR_ABORTED|AbortError/)
  assert.equal(readdirSync(folder), ['model.txt'])
})

test.run()
