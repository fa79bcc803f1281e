/**
 * Builds with sanitizers and runs what they can see.
 *   address: AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer on the native tests, then on the suites that
 *            load the addon, inside a stock Node with the sanitizer's runtime preloaded.
 *   thread:  ThreadSanitizer on the native tests alone: Node's own synchronisation is not instrumented, and every hand-over
 *            through it would look like a race.
 * Usage: node --import tsx scripts/sanitize.ts address|thread [FILTER…]   (filters choose suites, as in run-tests.ts)
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { testFiles } from './check-tests.js'
import { repository } from './support/report.js'

const suites = ['test/native/', 'test/contract/', 'test/unit/engine/', 'test/unit/backend/']

/** Suites that end processes abruptly: a stock Node frees nothing then, and LeakSanitizer cannot tell its memory from ours. */
const withoutLeaks: ReadonlySet<string> = new Set(['test/native/exit.test.ts'])

/** Suites that a sanitizer cannot judge, with the reason. */
const leftOut: Readonly<Record<string, string>> = {
  'test/native/bench.test.ts': 'it measures times, which the sanitizer multiplies',
  'test/native/memory.test.ts': 'it measures resident memory, which the quarantine of freed blocks fills',
  'test/native/rebuild.test.ts': 'it runs compilers, which leak',
}

// Of a process in which a sanitizer found something.
const exitCode = 99

interface Plan {
  sanitize: string
  folder: string
  env: NodeJS.ProcessEnv
}

const plans: Readonly<Record<string, Plan>> = {
  address: {
    sanitize: 'address,undefined',
    folder: 'build-asan',
    // No suppressions: `leak:node` would silence the addon as well, because every stack of it passes through Node.
    env: { ASAN_OPTIONS: `detect_leaks=1:abort_on_error=0:exitcode=${exitCode}`, UBSAN_OPTIONS: 'print_stacktrace=1' },
  },
  thread: {
    sanitize: 'thread',
    folder: 'build-tsan',
    env: { TSAN_OPTIONS: `halt_on_error=1:second_deadlock_stack=1:exitcode=${exitCode}` },
  },
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const { status, error } = spawnSync(program, args, { cwd: repository, stdio: 'inherit', env: { ...process.env, ...env } })
  if (error !== undefined)
    throw new Error(`Expected "${program}" on the PATH: install it (the sanitizers need cmake and g++)`, { cause: error })
  if (status !== 0) process.exit(status ?? 1)
}

function build({ sanitize, folder }: Plan, target: string): void {
  run('cmake', ['-S', '.', '-B', folder, `-DSANITIZE=${sanitize}`, '-DCMAKE_CXX_COMPILER=g++', '--log-level=WARNING'])
  run('cmake', ['--build', folder, '--parallel', '2', '--target', target, '--', '--no-print-directory', '--silent'])
}

/** The sanitizer's runtime has to come first in a Node that was built without it. */
function runtime(): string {
  const path = spawnSync('g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout.trim()
  if (!existsSync(path)) throw new Error(`Expected g++ to have libasan.so but it answered "${path}": install libasan of its version`)
  return path
}

/** A check that cannot fail proves nothing: an addon that leaks must be reported. */
function proveThatLeaksAreSeen(canary: string, env: NodeJS.ProcessEnv): void {
  const { status, stderr } = spawnSync(process.execPath, ['--eval', `require(${JSON.stringify(canary)})`], { env, encoding: 'utf8' })
  if (status !== exitCode || !stderr.includes('1234 byte(s) leaked'))
    throw new Error(`Expected a report of the leak in ${canary} but got exit code ${status}:\n${stderr}`)
  console.log('a leaking addon is reported')
}

function runSuites(paths: readonly string[], env: NodeJS.ProcessEnv): void {
  if (paths.length > 0) run(process.execPath, ['--import', 'tsx', 'scripts/run-tests.ts', '--slower', '4', ...paths], env)
}

const [name = '', ...filters] = process.argv.slice(2)
const plan = plans[name]
if (plan === undefined) throw new Error(`Expected one of ${Object.keys(plans).join(', ')} but received "${name}"`)
// ThreadSanitizer cannot judge what ONNX Runtime does, nor the addon in Node: nobody instrumented either.
const [target, left] = name === 'thread' ? ['plain_tests', ['--label-exclude', 'foreign']] : ['all', []]
build(plan, target)
run('ctest', ['--test-dir', plan.folder, '--output-on-failure', '--no-tests=error', ...left], plan.env)
if (name === 'address') {
  const folder = join(repository, plan.folder)
  const env: NodeJS.ProcessEnv = {
    ...plan.env,
    LD_PRELOAD: runtime(),
    TENSORRT_NODE_ADDON: join(folder, 'tensorrt_node.node'),
  }
  proveThatLeaksAreSeen(join(folder, 'leak_canary.node'), { ...process.env, ...env })
  const chosen = testFiles(repository).filter((path) => (filters.length > 0 ? filters : suites).some((filter) => path.includes(filter)))
  for (const path of chosen.filter((each) => each in leftOut)) console.log(`left out: ${path}: ${leftOut[path]}`)
  const judged = chosen.filter((path) => !(path in leftOut))
  runSuites(
    judged.filter((path) => !withoutLeaks.has(path)),
    env,
  )
  const ending = judged.filter((path) => withoutLeaks.has(path))
  runSuites(ending, { ...env, ASAN_OPTIONS: env.ASAN_OPTIONS?.replace('detect_leaks=1', 'detect_leaks=0') })
}
