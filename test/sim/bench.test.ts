// @serial
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { RunTimes } from '../../lib/index.js'
import { parseTrtexec } from '../../scripts/verify-gpu/trtexec.js'
import { cli } from '../support/cli.js'
import { add, matmul, nonZero } from '../support/models.js'
import { simulator, useSimulator } from '../support/simulator.js'
import { suite } from '../support/suite.js'

const backend = useSimulator('trt11')
const test = suite('bench on the simulated device')
const folder = mkdtempSync(join(tmpdir(), 'sim-bench-'))
const file = (name: string) => join(folder, name)
const stages = { copyInNs: 2, computeNs: 4, copyOutNs: 3 } as const

async function succeed(...argv: string[]): Promise<string> {
  const { code, out, err } = await cli(argv)
  assert.is(code, 0, err)
  return out
}

const quick = ['--warmUp=30', '--duration=0.15', '--quiet']
const bench = (...flags: string[]) => succeed('bench', file('product.engine'), ...quick, ...flags)

interface Report {
  runs: number
  throughput: number
  latency: { mean: number; median: number }
  h2d: { max: number }
  compute: { median: number }
  cudaGraph: { used: boolean; reason: string | null }
}
const report = async (...flags: string[]) => JSON.parse(await bench('--json', ...flags)) as Report
const times = (name: string) => JSON.parse(readFileSync(file(name), 'utf8')) as RunTimes[]
/** A busy machine may be late, the simulated device's own clock is not. */
const about = (value: number, ms: number) => assert.ok(Math.abs(value - ms) < ms * 0.05, `${value} ms for ${ms}`)

test.before(async () => {
  for (const [name, model] of Object.entries({ product: matmul(), sum: add(), some: nonZero() })) {
    writeFileSync(file(`${name}.onnx`), model)
    const to = name === 'sum' ? ['--backend=cpu'] : [`--backend=${backend}`, '--inProcess', '--batch=1:4:8']
    await succeed('build', file(`${name}.onnx`), '-o', file(`${name}.engine`), '--quiet', ...to)
  }
  for (const [key, ms] of Object.entries(stages)) simulator.set(key, ms * 1_000_000)
})
test.after(() => rmSync(folder, { recursive: true }))

test("trtexec's lines, which its readers understand", async () => {
  const text = await bench('--avgRuns=5', '--percentile=50,99')
  assert.match(text, /^Measured: 1 stream, CUDA graph, data transfers that overlap, waiting asleep\.$/m)
  for (const line of ['Throughput', 'Latency', 'Enqueue Time', 'H2D Latency', 'GPU Compute Time', 'D2H Latency', 'Total Host Walltime'])
    assert.match(text, new RegExp(`^${line}: `, 'm'))
  assert.match(text, /^Average on 5 runs - GPU latency: [\d.]+ ms - Host latency: [\d.]+ ms \(enqueue [\d.e-]+ ms\)$/m)
  assert.match(text, /^Latency: min = .*, percentile\(50%\) = [\d.]+ ms, percentile\(99%\) = [\d.]+ ms$/m)
  const { throughput, latencyMean, computeMean } = parseTrtexec(text)
  about(latencyMean!, 9)
  about(computeMean!, 4)
  // Copies overlap: 4 ms of computing are the bound.
  assert.ok(throughput! > 150 && throughput! <= 250, `${throughput}`)
})

test('exported times: the keys of trtexec, warm-up excluded, stages as the device has them', async () => {
  await bench(`--exportTimes=${file('times.json')}`)
  const all = times('times.json')
  assert.equal(Object.keys(all[0]!), [
    'startEnqMs',
    'endEnqMs',
    'startH2dMs',
    'endH2dMs',
    'startComputeMs',
    'endComputeMs',
    'startD2hMs',
    'endD2hMs',
    'h2dMs',
    'computeMs',
    'd2hMs',
    'latencyMs',
  ])
  assert.ok(all.length >= 20 && all[0]!.startComputeMs >= 30, `${all.length} from ${all[0]!.startComputeMs}`)
  for (const [i, each] of all.entries()) {
    assert.ok(each.endH2dMs <= each.startComputeMs && each.endComputeMs <= each.startD2hMs, JSON.stringify(each))
    assert.ok(i === 0 || each.startComputeMs >= all[i - 1]!.endComputeMs - 1e-3, 'one stream computes one run after another')
    about(each.latencyMs, each.h2dMs + each.computeMs + each.d2hMs)
    about(each.computeMs, 4)
  }
  assert.ok(
    all.some((each, i) => i > 0 && each.startH2dMs < all[i - 1]!.endComputeMs),
    'no copy overlapped computing',
  )
})

test('--exposeDMA: nothing overlaps', async () => {
  assert.ok((await report('--exposeDMA')).runs > 0)
  await bench('--exposeDMA', '--noCudaGraph', `--exportTimes=${file('exposed.json')}`)
  for (const [i, each] of times('exposed.json').entries())
    assert.ok(i === 0 || each.startH2dMs >= times('exposed.json')[i - 1]!.endD2hMs - 1e-3)
})

test('--noDataTransfers: no copies, and throughput is that of computing', async () => {
  simulator.resetCounters()
  const { latency, h2d, throughput } = await report('--noDataTransfers')
  assert.is(simulator.calls()['cudaMemcpyAsync'] ?? 0, 0)
  about(latency.mean, 4)
  assert.ok(h2d.max === 0 && throughput > 200, `${h2d.max}, ${throughput}`)
})

test('a CUDA graph is launched, or each run enqueued; which of the two is told', async () => {
  simulator.resetCounters()
  assert.equal((await report('--useCudaGraph')).cudaGraph, { used: true, reason: null })
  const graph = simulator.calls()
  simulator.resetCounters()
  const { cudaGraph, runs } = await report('--noCudaGraph')
  assert.equal(cudaGraph, { used: false, reason: 'not asked for' })
  const plain = simulator.calls()
  assert.ok(graph['cudaGraphLaunch']! > 10 && graph['IExecutionContext::enqueueV3']! <= 4, JSON.stringify(graph))
  assert.ok((plain['cudaGraphLaunch'] ?? 0) === 0 && plain['IExecutionContext::enqueueV3']! >= runs)
})

test('an engine that cannot be captured runs without a graph', async () => {
  simulator.fail('cudaStreamEndCapture', -1, 901)
  const { cudaGraph, runs } = await report()
  simulator.clearFaults()
  assert.ok(!cudaGraph.used && runs > 0)
  assert.match(cudaGraph.reason ?? '', 'cudaStreamEndCapture')
})

test('several streams, under each name', async () => {
  for (const flag of ['--streams=2', '--infStreams=2', '--lanes=2']) {
    simulator.resetCounters()
    const { runs } = await report(flag, '--useSpinWait')
    assert.ok(runs > 20 && simulator.calls()['ICudaEngine::createExecutionContext'] === 2, flag)
  }
})

test('iterations are the least number of runs, whatever the duration', async () => {
  const { runs } = JSON.parse(
    await succeed('bench', file('product.engine'), '--warmUp=0', '--duration=0', '--iterations=7', '--json'),
  ) as Report
  assert.ok(runs >= 7 && runs <= 9, `${runs}`)
})

test('pauses: of the host between rounds, of the device before the first', async () => {
  const busy = await report('--exposeDMA')
  const idle = await report('--exposeDMA', '--idleTime=20')
  assert.ok(idle.throughput < busy.throughput / 2, `${idle.throughput} and ${busy.throughput}`)
  const { runs } = await report('--sleepTime=50')
  assert.ok(runs > 0)
})

test('layers and their times, on the terminal and as files in the form of trtexec', async () => {
  const text = await bench('--dumpProfile', '--dumpLayerInfo', `--exportProfile=${file('p.json')}`, `--exportLayerInfo=${file('l.json')}`)
  assert.match(text, /layer +mean ms +median ms +time\n/)
  const [count, layer] = JSON.parse(readFileSync(file('p.json'), 'utf8')) as [{ count: number }, object]
  assert.is(count.count, 10)
  assert.equal(Object.keys(layer), ['name', 'timeMs', 'averageMs', 'medianMs', 'percentage'])
  assert.is((JSON.parse(readFileSync(file('l.json'), 'utf8')) as { Layers: unknown[] }).Layers.length, 1)
})

test('shapes and profiles are those of the engine', async () => {
  assert.ok((await report('--shapes=x:8x2', '--useProfile=0')).runs > 0)
  assert.match((await cli(['bench', file('product.engine'), '--shapes=x:9x2'])).err, 'TRT_ERR_SHAPE')
  assert.match((await cli(['bench', file('product.engine'), '--useProfile=3'])).err, 'TRT_ERR_INVALID_ARGUMENT')
  assert.match((await cli(['bench', file('some.engine'), ...quick])).err, 'depends on data')
})

test('flags of requests measure what callers get', async () => {
  const { steps } = JSON.parse(await bench('--concurrency=2', '--json')) as { steps: { answered: number }[] }
  assert.ok(steps[0]!.answered > 0)
})

test('wrong use is told', async () => {
  const both = await cli(['bench', file('product.engine'), '--rate=5', '--noDataTransfers'])
  assert.is(both.code, 2)
  assert.match(both.err, '--noDataTransfers is for the loop on the device, --rate for requests')
  const cpu = await cli(['bench', file('sum.engine'), '--avgRuns=3'])
  assert.is(cpu.code, 2)
  assert.match(cpu.err, "this one is for 'cpu'")
  const none = await cli(['bench', file('product.engine'), '--warmUp=100000', '--duration=0', '--iterations=1', '--noSpinWait', '--help'])
  assert.is(none.code, 0)
  assert.not(existsSync(file('none.json')))
})

test('no rule of the hardware was broken meanwhile', () => {
  assert.equal(simulator.violations(), {})
})

test.run()
