// @timeout 400
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../lib/backend/addon.js'
import { runChild } from '../../scripts/support/child.js'
import type { Report } from '../../scripts/verify-gpu/schema.js'
import { stepNames } from '../../scripts/verify-gpu/steps.js'
import { simLibraries } from '../support/sim.js'
import { simulatorEnvironment } from '../support/simulator.js'

const test = suite<{ out: string }>('verify:gpu on the simulator')

test.before.each((context) => {
  context.out = mkdtempSync(join(tmpdir(), 'verify-gpu-'))
})
test.after.each(({ out }) => rmSync(out, { recursive: true }))

interface Verified {
  report: Report
  text: string
  code: number | null
}

const verify = (out: string, env: NodeJS.ProcessEnv) => verifyIn(packageRoot, out, { ...process.env, ...env })

async function verifyIn(cwd: string, out: string, env: NodeJS.ProcessEnv, ...flags: string[]): Promise<Verified> {
  const args = ['--import', 'tsx', 'scripts/verify-gpu.ts', '--out', out, '--models', 'small', '--quick', ...flags]
  const { code, stdout, stderr } = await runChild(process.execPath, args, { cwd, env, timeoutMs: 380_000 })
  try {
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report
    return { report, text: readFileSync(join(out, 'README.md'), 'utf8'), code }
  } catch (cause) {
    throw new Error(`no report: exit code ${code}\n${stdout}${stderr}`, { cause })
  }
}

/** What docs/verify-gpu.md says to copy; the addon and the simulator as they were built here. @returns the simulator's folder there */
function copyTo(folder: string): string {
  for (const name of ['lib', 'scripts', 'test', 'package.json', 'tsconfig.json'])
    cpSync(join(packageRoot, name), join(folder, name), { recursive: true })
  const built = join(simLibraries('trt11').folder, '../..')
  for (const name of readdirSync(built).filter((each) => /^sim$|\.(so|node)$/.test(each)))
    cpSync(join(built, name), join(folder, 'build/Release', name), { recursive: true, verbatimSymlinks: true })
  // Hundreds of megabytes: they are the same files anywhere.
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, 'build/Release/sim/trt11')
}

function assertAllPassed(report: Report): void {
  const seen = report.steps.map(({ name, status, summary, output = '' }) => [
    name,
    status,
    status === 'passed' ? '' : `${summary}\n${output}`,
  ])
  assert.equal(
    seen,
    stepNames.map((name) => [name, 'passed', '']),
  )
}

test('every step runs and passes, and the report claims no hardware', async ({ out }) => {
  const { report, text, code } = await verify(out, simulatorEnvironment('trt10', { bytesPerUs: 1 }))
  assertAllPassed(report)
  assert.equal([code, report.verdict, report.machine?.where], [0, 'passed', 'simulator'])
  assert.match(text, /^# tensorrt-node on the SIMULATOR/)
  assert.match(text, /It says nothing about any GPU/)
  assert.not.match(text, /hardware: /)
  assert.ok(report.ms < 480_000)
})

/** A sanitizer's runtime must be the first library of each process. */
function sanitizer(): NodeJS.ProcessEnv {
  const names = ['LD_PRELOAD', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}

test('from a copied folder: Node and the libraries by their paths, no other program, no word of the simulator', async ({ out }) => {
  const folder = join(out, 'copy')
  const libraries = copyTo(folder)
  const env = { PATH: join(out, 'empty'), HOME: out, ...sanitizer() }
  const { report, code } = await verifyIn(folder, join(out, 'report'), env, '--libraries', libraries)
  assertAllPassed(report)
  assert.equal([code, report.machine?.where, report.package.commit], [0, 'simulator', null])
  const loaded = report.machine?.libraries.flatMap(({ path }) => path ?? []) ?? []
  assert.ok(loaded.length >= 3 && loaded.every((path) => path.startsWith(folder)), loaded.join())
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
