// @timeout 400
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../lib/backend/addon.js'
import { runChild } from '../../scripts/support/child.js'
import type { Report } from '../../scripts/verify-gpu/schema.js'
import { stepNames } from '../../scripts/verify-gpu/steps.js'
import { simulatorEnvironment } from '../support/simulator.js'

const test = suite<{ out: string }>('verify:gpu on the simulator')

test.before.each((context) => {
  context.out = mkdtempSync(join(tmpdir(), 'verify-gpu-'))
})
test.after.each(({ out }) => rmSync(out, { recursive: true }))

async function verify(
  out: string,
  env: NodeJS.ProcessEnv,
  ...flags: string[]
): Promise<{ report: Report; text: string; code: number | null }> {
  const args = ['--import', 'tsx', 'scripts/verify-gpu.ts', '--out', out, '--models', 'small', '--quick', ...flags]
  const { code, stdout, stderr } = await runChild(process.execPath, args, {
    cwd: packageRoot,
    env: { ...process.env, ...env },
    timeoutMs: 380_000,
  })
  try {
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report
    return { report, text: readFileSync(join(out, 'README.md'), 'utf8'), code }
  } catch (cause) {
    throw new Error(`no report: exit code ${code}\n${stdout}${stderr}`, { cause })
  }
}

test('every step runs and passes, and the report claims no hardware', async ({ out }) => {
  const { report, text, code } = await verify(out, simulatorEnvironment('trt10', { bytesPerUs: 1 }))
  const seen = report.steps.map(({ name, status, summary, output = '' }) => [
    name,
    status,
    status === 'passed' ? '' : `${summary}\n${output}`,
  ])
  assert.equal(
    seen,
    stepNames.map((name) => [name, 'passed', '']),
  )
  assert.equal([code, report.verdict, report.machine?.where], [0, 'passed', 'simulator'])
  assert.match(text, /^# tensorrt-node on the SIMULATOR/)
  assert.match(text, /It says nothing about any GPU/)
  assert.not.match(text, /hardware: /)
  assert.ok(report.ms < 480_000)
})

test('without a driver the first step says so, the others say why they did not run, and it is no pass', async ({ out }) => {
  const { report, code } = await verify(out, simulatorEnvironment('trt10', { driver: 35 }))
  const [machine, ...others] = report.steps
  assert.is(machine?.status, 'failed')
  assert.match(machine?.summary ?? '', /driver/i)
  assert.ok(others.length > 0 && others.every(({ status }) => status === 'not run'))
  assert.equal([code, report.verdict], [1, 'failed'])
})

test.run()
