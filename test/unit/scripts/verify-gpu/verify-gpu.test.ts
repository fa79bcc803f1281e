import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import type { ChildResult } from '../../../../scripts/support/child.js'
import { parseOptions } from '../../../../scripts/verify-gpu/options.js'
import { renderReport } from '../../../../scripts/verify-gpu/report.js'
import { outcomeOf, type Runner, runSteps, type Step } from '../../../../scripts/verify-gpu/run-steps.js'
import { type Machine, type Report, reportSchema } from '../../../../scripts/verify-gpu/schema.js'
import { simulatorSettings, stepNames, testOutcome } from '../../../../scripts/verify-gpu/steps.js'
import { findTrtexec, parseTrtexec, trtexecArguments } from '../../../../scripts/verify-gpu/trtexec.js'
import { whereOf } from '../../../../scripts/verify-gpu/where.js'

const test = suite('verify-gpu')

const ended = (rest: Partial<ChildResult>): ChildResult => ({
  code: 0,
  signal: null,
  stdout: '',
  stderr: '',
  timedOut: false,
  elapsedMs: 1,
  ...rest,
})

/** A program takes `ms` of a clock that only moves with programs. */
function fakeRunner(programs: Record<string, { ms: number } & Partial<ChildResult>>): Runner & { started: [string, number][] } {
  let now = 0
  const started: [string, number][] = []
  return {
    started,
    now: () => now,
    child: async ([name = ''], _env, timeoutMs) => {
      const { ms, ...rest } = programs[name]!
      started.push([name, timeoutMs])
      now += Math.min(ms, timeoutMs)
      return ended({ ...rest, timedOut: ms > timeoutMs })
    },
  }
}

const passed = '{"status":"passed","summary":"fine"}'
const step = (name: string, budgetMs = 10_000, rest: Partial<Step> = {}): Step => ({
  name,
  question: `${name}?`,
  budgetMs,
  command: () => ({ args: [name] }),
  read: outcomeOf,
  ...rest,
})

test('a step that fails, crashes, hangs or throws does not stop the others', async () => {
  const thrown = step('e', 10_000, {
    command: () => {
      throw new Error('no such file')
    },
  })
  const runner = fakeRunner({
    a: { ms: 100, stdout: '{"status":"failed","summary":"wrong"}', code: 1 },
    b: { ms: 100, code: null, signal: 'SIGSEGV', stderr: 'some words' },
    c: { ms: 99_000 },
    d: { ms: 100, stdout: passed },
  })
  const results = await runSteps([step('a'), step('b'), step('c'), thrown, step('d')], 100_000, runner)
  assert.equal(
    results.map(({ status, summary }) => [status, summary]),
    [
      ['failed', 'wrong'],
      ['failed', 'ended by SIGSEGV before it had a result: some words'],
      ['timed out', 'ended after 10 s'],
      ['failed', 'the step itself failed: no such file'],
      ['passed', 'fine'],
    ],
  )
})

test('no step outlives the total budget, and one without time is not started', async () => {
  const runner = fakeRunner({ a: { ms: 8000, stdout: passed }, b: { ms: 9000 }, c: { ms: 1 } })
  const results = await runSteps([step('a'), step('b'), step('c')], 12_000, runner)
  assert.equal(runner.started, [
    ['a', 10_000],
    ['b', 4000],
  ])
  assert.equal(
    results.map(({ status }) => status),
    ['passed', 'timed out', 'not run'],
  )
})

test('a program that passes and then crashes has not passed', () => {
  assert.is(outcomeOf(ended({ stdout: `log\n${passed}\n` })).status, 'passed')
  const crashed = outcomeOf(ended({ stdout: passed, code: null, signal: 'SIGABRT' }))
  assert.equal([crashed.status, crashed.summary], ['failed', 'fine; then ended by SIGABRT'])
})

test('tests pass by their closing line and exit code together', () => {
  const lines = 'ok   test/contract/run.test.ts  14 passed  (1.5 s)\n14 passed, 0 failed\n'
  const good = testOutcome(ended({ stdout: lines }))
  assert.equal(
    [good.status, good.summary, good.tables?.[0]?.rows],
    ['passed', '14 passed, 0 failed', [['test/contract/run.test.ts', '14 passed', '1.5']]],
  )
  assert.is(testOutcome(ended({ stdout: lines, code: 1 })).status, 'failed')
  assert.is(testOutcome(ended({ stdout: '0 passed, 0 failed\n' })).status, 'failed')
  assert.match(testOutcome(ended({ stdout: 'ok', code: null, signal: 'SIGKILL' })).summary, /SIGKILL without a closing line/)
})

test("hardware is claimed only with the kernel's device nodes, and never over the simulator", () => {
  const nodes = { deviceNodes: ['/dev/nvidia0'], kernelDriver: '580.1' }
  assert.equal(whereOf({ simulated: false, ...nodes }), { where: 'hardware', because: '/dev/nvidia0, kernel module 580.1' })
  assert.is(whereOf({ simulated: true, ...nodes }).where, 'simulator')
  assert.is(whereOf({ simulated: false, deviceNodes: [], kernelDriver: '580.1' }).where, 'unproven')
})

const machine: Machine = {
  where: 'simulator',
  because: 'it says so',
  backend: 'tensorrt',
  version: '10.16.1',
  device: { name: 'Simulated GPU', capability: '8.9', memoryBytes: 2 ** 33 },
  driver: null,
  libraries: [{ name: 'CUDA runtime', path: '/sim/libcudart.so.12', version: '12.8' }],
  environment: { node: 'v20' },
}
const report: Report = {
  schema: reportSchema,
  created: '2030-01-02T03:04:05.000Z',
  package: { version: '1.0.0', commit: 'abc' },
  machine,
  steps: [{ name: 'a', question: 'a?', status: 'failed', summary: 'x | y\nz', ms: 5, limitMs: 9, output: 'has ``` in it' }],
  verdict: 'failed',
  ms: 1000,
}

test('the report says in its title and first sentence that it comes from the simulator', () => {
  const text = renderReport(report)
  assert.match(text, /^# tensorrt-node on the SIMULATOR \(Simulated GPU\): failed\n\n\*\*This report was made on the simulator/)
  assert.match(renderReport({ ...report, machine: { ...machine, where: 'hardware' } }), /^# tensorrt-node on Simulated GPU: failed\n\n\|/)
  assert.match(renderReport({ ...report, machine: { ...machine, where: 'unproven' } }), /UNPROVEN.*\n\n\*\*This report proves nothing/)
  assert.match(renderReport({ ...report, machine: null }), /unknown machine/)
})

test('what programs print cannot break the Markdown', () => {
  const text = renderReport(report)
  assert.match(text, /x \\\| y z/)
  assert.match(text, /\n````\nhas ``` in it\n````/)
})

test('trtexec is told every default that changed between majors, and only flags that it knows', () => {
  const limits = { durationS: 3, graph: false, device: 1 }
  assert.equal(trtexecArguments('/p', 11, limits).slice(-3), ['--includeDataTransfers', '--noSpinWait', '--noCudaGraph'])
  assert.not.ok(trtexecArguments('/p', 10, limits).some((flag) => /CudaGraph|Spin|Transfers/.test(flag)))
  assert.is(trtexecArguments('/p', 10, { ...limits, graph: true }).at(-1), '--useCudaGraph')
})

test('the figures of trtexec are read, and what it does not say is null', () => {
  const output = `[01/02/2030-03:04:05] [I] Throughput: 1234.5 qps
[01/02/2030-03:04:05] [I] Latency: min = 0.7 ms, max = 1.2 ms, mean = 0.81 ms, median = 0.8 ms, percentile(99%) = 1.1 ms
[01/02/2030-03:04:05] [I] Enqueue Time: min = 0.1 ms, max = 0.2 ms, mean = 0.15 ms, median = 0.1 ms
[01/02/2030-03:04:05] [I] GPU Compute Time: min = 0.5 ms, max = 0.9 ms, mean = 0.6 ms, median = 0.6 ms`
  assert.equal(parseTrtexec(output), { throughput: 1234.5, latencyMean: 0.81, latencyP99: 1.1, computeMean: 0.6, enqueueMean: 0.15 })
  assert.is(parseTrtexec('Error').throughput, null)
  assert.is(findTrtexec('/no/such/trtexec', [], ''), null)
  assert.is(findTrtexec(null, ['/no/such/lib'], '/nowhere'), null)
})

test('options that are not understood are refused with what is known', () => {
  const options = parseOptions(['--libraries', '/a', '--libraries', '/b:/c', '--only', 'numeric', '--budget', '60'], stepNames)
  assert.equal(
    [options?.libraries, options?.only, options?.budgetMs, options?.backend],
    [['/a', '/b', '/c'], ['numeric'], 60_000, 'tensorrt'],
  )
  assert.is(parseOptions(['--help'], stepNames), null)
  assert.throws(() => parseOptions(['--backend', 'cpu'], stepNames), /--backend takes one of tensorrt, tensorrt-rtx; received "cpu"/)
  assert.throws(() => parseOptions(['--only', 'all'], stepNames), /machine, contract/)
  assert.throws(() => parseOptions(['--budget', 'soon'], stepNames), /whole number/)
  assert.throws(() => parseOptions(['--libary', 'x'], stepNames), /libary/)
})

test('a simulator that was found among the libraries is told to take its time, unless somebody has told it', () => {
  const machine = (where: Machine['where']) => ({ where }) as Machine
  assert.equal(simulatorSettings(machine('simulator'), {}), { TENSORRT_SIM: 'bytesPerUs=1' })
  assert.equal(simulatorSettings(machine('simulator'), { TENSORRT_SIM: 'sm=75' }), {})
  assert.equal([simulatorSettings(machine('hardware'), {}), simulatorSettings(null, {})], [{}, {}])
})

test.run()
