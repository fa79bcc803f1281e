/**
 * Runs test files, each in a process of its own: a native crash costs one file, and a hang is ended by a watchdog.
 * A file fails when a test fails, when it crashes or outlives its limit, and when it executed no test.
 *
 * Usage: node --import tsx scripts/run-tests.ts [--root FOLDER] [--jobs N] [--slower FACTOR] [FILTER…]
 * --slower multiplies the time limits: sanitizers are slow. A filter is a part of a path (`unit/core`). See support/uvu.ts for what a file may ask for in its first lines.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fileProblems, testFiles } from './check-tests.js'
import { type ChildResult, killChildren, runChild } from './support/child.js'
import { isMain, repository } from './support/report.js'
import { type Directives, directivesOf, type Summary, summaryOf } from './support/uvu.js'

interface TestFile extends Directives {
  path: string
  problems: readonly string[]
}

interface Verdict extends Summary {
  /** Why the file fails although no test of it did. */
  problem: string | null
  output: string
  elapsedMs: number
}

function readTestFile(root: string, path: string, slower: number): TestFile {
  const source = readFileSync(join(root, path), 'utf8')
  const directives = directivesOf(source)
  return { ...directives, path, problems: fileProblems(path, source), timeoutMs: directives.timeoutMs * slower }
}

async function runFile(root: string, file: TestFile): Promise<Verdict> {
  const args = [...(file.gc ? ['--expose-gc'] : []), '--import', 'tsx', file.path]
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' }
  return judge(file, await runChild(process.execPath, args, { cwd: root, env, timeoutMs: file.timeoutMs }))
}

/** Pure: what a finished process means. */
function judge(file: TestFile, result: ChildResult): Verdict {
  const summary = summaryOf(result.stdout) ?? { passed: 0, failed: 0, skipped: 0 }
  const problem = result.timedOut ? `killed after ${file.timeoutMs / 1000} s` : (file.problems[0] ?? exitProblem(summary, result))
  return {
    ...summary,
    // Whatever went wrong beside the tests counts as one failure: the closing line must not look clean.
    failed: summary.failed + (problem === null ? 0 : 1),
    problem,
    output: `${result.stdout}${result.stderr}`.trim(),
    elapsedMs: result.elapsedMs,
  }
}

function exitProblem(summary: Summary, { code, signal }: ChildResult): string | null {
  if (summary.passed + summary.failed === 0) return `executed no test (${signal ?? `exit code ${code}`})`
  if (signal !== null) return `ended by ${signal}`
  return code !== 0 && summary.failed === 0 ? `exit code ${code} although no test failed` : null
}

/** Runs `files` with at most `jobs` at a time, a serial one alone and last; reports each as it ends. */
async function runAll(root: string, files: readonly TestFile[], jobs: number): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  const report = (file: TestFile, verdict: Verdict) => {
    verdicts.push(verdict)
    printVerdict(file, verdict)
  }
  const queue = files.filter((file) => !file.serial)
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) report(file, await runFile(root, file))
  }
  await Promise.all(Array.from({ length: jobs }, worker))
  for (const file of files.filter(({ serial }) => serial)) report(file, await runFile(root, file))
  return verdicts
}

function printVerdict(file: TestFile, verdict: Verdict): void {
  const counts = [`${verdict.passed} passed`, verdict.failed && `${verdict.failed} failed`, verdict.skipped && `${verdict.skipped} skipped`]
  const mark = verdict.failed === 0 ? 'ok  ' : 'FAIL'
  console.log(`${mark} ${file.path}  ${counts.filter(Boolean).join(', ')}  (${(verdict.elapsedMs / 1000).toFixed(1)} s)`)
  if (verdict.failed === 0) return
  if (verdict.problem !== null) console.log(`     ${verdict.problem}`)
  console.log(verdict.output.replace(/^/gm, '     '))
}

function printTotal(verdicts: readonly Verdict[]): void {
  const sum = (key: keyof Summary) => verdicts.reduce((total, verdict) => total + verdict[key], 0)
  const skipped = sum('skipped')
  // Alone on its line and last: continuous integration reads it.
  console.log(`${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  if (sum('failed') > 0 || sum('passed') === 0) process.exitCode = 1
}

function atLeastOne(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`Expected a whole number of at least 1 for ${name} but received "${text}"`)
  return value
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      root: { type: 'string', default: repository },
      jobs: { type: 'string', default: '2' },
      slower: { type: 'string', default: '1' },
    },
  })
  const [jobs, slower] = [atLeastOne('--jobs', values.jobs), atLeastOne('--slower', values.slower)]
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      killChildren()
      process.exit(130)
    })
  }
  const wanted = (path: string) => positionals.some((filter) => path.includes(filter))
  const paths = testFiles(values.root).filter((path) => (positionals.length === 0 ? !needsDownloads.test(path) : wanted(path)))
  if (paths.length === 0) console.error(`No test file${positionals.length > 0 ? ` matches ${positionals.join(' ')}` : ''}`)
  const files = paths.map((path) => readTestFile(values.root, path, slower))
  printTotal(await runAll(values.root, files, jobs))
}

/** Runs when it is asked for alone: npm run test:nvidia, npm run test:clients. */
const needsDownloads = /^test\/(nvidia|clients)\//

if (isMain(import.meta.url)) await main()
