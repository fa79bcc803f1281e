/**
 * Checks tensorrt-node on the GPU of this machine and writes a report, Markdown and JSON, into one folder. It needs Node, a copy
 * of the repository with node_modules and the built addon, and NVIDIA's libraries; no network, no compiler, no npm.
 * See docs/verify-gpu.md, and scripts/verify-gpu/options.ts for the flags.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { killChildren, runChild } from './support/child.js'
import { repository } from './support/report.js'
import { parseOptions, usage, type VerifyOptions } from './verify-gpu/options.js'
import { renderReport } from './verify-gpu/report.js'
import { type Runner, runSteps } from './verify-gpu/run-steps.js'
import { type Machine, type Report, reportSchema, type StepResult } from './verify-gpu/schema.js'
import { stepNames, Steps } from './verify-gpu/steps.js'

function packageFacts(): Report['package'] {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string }
  const asked = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: repository, encoding: 'utf8' })
  return { version, commit: asked.status === 0 ? asked.stdout.trim() : null }
}

/** What every program is started with: the loader finds the given libraries, and the dependencies between them, first. */
function environmentOf({ libraries, onnxruntime }: VerifyOptions): NodeJS.ProcessEnv {
  const path = [...libraries, process.env['LD_LIBRARY_PATH'] ?? ''].filter((each) => each !== '').join(delimiter)
  return {
    ...process.env,
    ...(path !== '' && { LD_LIBRARY_PATH: path }),
    ...(onnxruntime !== null && { TENSORRT_NODE_ONNXRUNTIME: onnxruntime }),
  }
}

/** `NVIDIA H200` → `nvidia-h200`; a simulated device keeps its name, which says that it is one. */
function folderFor(machine: Machine | null, created: string): string {
  const device = machine?.where === 'hardware' ? (machine.device?.name ?? 'gpu') : (machine?.where ?? 'unknown')
  const slug = device.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return join(repository, 'docs', 'verified', `${slug}-${created.slice(0, 10)}`)
}

function write(report: Report, out: string): void {
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(join(out, 'README.md'), renderReport(report))
}

function telling(result: StepResult): void {
  console.log(`${result.status.padEnd(9)} ${result.name}: ${result.summary}  (${(result.ms / 1000).toFixed(1)} s)`)
}

async function verify(options: VerifyOptions): Promise<Report> {
  const begun = performance.now()
  const work = mkdtempSync(join(tmpdir(), 'verify-gpu-'))
  const env = environmentOf(options)
  const runner: Runner = {
    now: () => performance.now(),
    child: (args, own, timeoutMs) => runChild(process.execPath, args, { cwd: repository, env: { ...env, ...own }, timeoutMs }),
    onStep: telling,
  }
  try {
    const steps = new Steps(options, work)
    const results = await runSteps(steps.all, options.budgetMs, runner)
    return {
      schema: reportSchema,
      created: new Date().toISOString(),
      package: packageFacts(),
      machine: steps.machine,
      steps: results,
      verdict: results.every(({ status }) => status === 'passed') ? 'passed' : 'failed',
      ms: performance.now() - begun,
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function main(): Promise<void> {
  let options: VerifyOptions | null
  try {
    options = parseOptions(process.argv.slice(2), stepNames)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    process.exitCode = 2
    return
  }
  if (options === null) return console.log(usage)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      killChildren()
      process.exit(130)
    })
  }
  const report = await verify(options)
  const out = options.out ?? folderFor(report.machine, report.created)
  write(report, out)
  console.log(`${report.verdict}: ${join(out, 'README.md')}`)
  process.exitCode = report.verdict === 'passed' ? 0 : 1
}

await main()
