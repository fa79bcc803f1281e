/**
 * Builds with sanitizers and runs what they can see.
 *   address: AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer on the native tests, then on the suites that
 *            load the addon, inside a stock Node with the sanitizer's runtime preloaded.
 *   thread:  ThreadSanitizer on the native tests alone: Node's own synchronisation is not instrumented, and every hand-over
 *            through it would look like a race.
 *   undefined: UndefinedBehaviorSanitizer alone, natively and in Node; part of `address` too, here without what that costs.
 * Usage: node --import tsx scripts/sanitize.ts address|thread|undefined [--sim] [FILTER…]   (filters choose suites, as in run-tests.ts)
 * --sim: only what drives the simulated GPU.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { testFiles } from './check-tests.js'
import { repository } from './support/report.js'

const simulatorSuites = ['test/sim/', 'test/device/', 'test/contract/sim-']
const suites = ['test/native/', 'test/contract/', 'test/unit/engine/', 'test/unit/backend/', ...simulatorSuites]
/** Native tests that drive the simulator, by name. */
const simulatorTests = '^(sim|device|run|shapes|trtbuild)_test'

/** Suites that end processes abruptly: a stock Node frees nothing then, and LeakSanitizer cannot tell its memory from ours. */
const withoutLeaks: ReadonlySet<string> = new Set(['test/native/exit.test.ts', 'test/device/exit.test.ts', 'test/sim/machine.test.ts'])

const typeScript = 'what it tests is TypeScript'

/** Suites that a sanitizer cannot judge, with the reason. */
const leftOut: Readonly<Record<string, string>> = {
  'test/native/bench.test.ts': 'it measures times, which the sanitizer multiplies',
  'test/native/memory.test.ts': 'it measures resident memory, which the quarantine of freed blocks fills',
  'test/sim/memory.test.ts': 'it measures resident memory, which the quarantine of freed blocks fills',
  'test/native/rebuild.test.ts': 'it runs compilers, which leak',
  'test/sim/verify-gpu.test.ts': 'it runs suites that run here by themselves',
  'test/contract/capacity.test.ts': 'it measures times, which the sanitizer multiplies',
  // Sessions on the CPU, as others run them; what is tested is TypeScript, and nobody instrumented ONNX Runtime.
  'test/contract/fp32.test.ts': typeScript,
  'test/contract/onnx-passes.test.ts': typeScript,
  'test/contract/place-tensorrt.test.ts': typeScript,
  'test/contract/precision.test.ts': typeScript,
  'test/contract/server.test.ts': typeScript,
  'test/native/autocast.test.ts': typeScript,
  'test/native/int8-census.test.ts': typeScript,
}

// Of a process in which a sanitizer found something.
const exitCode = 99

interface Plan {
  sanitize: string
  folder: string
  env: NodeJS.ProcessEnv
  /** Whether the addon is tested in Node too. ThreadSanitizer cannot judge it there: nobody instrumented Node or ONNX Runtime. */
  inNode: boolean
}

const plans: Readonly<Record<string, Plan>> = {
  address: {
    sanitize: 'address,undefined',
    folder: 'build-asan',
    // No suppressions: `leak:node` would silence the addon as well, because every stack of it passes through Node.
    env: { ASAN_OPTIONS: `detect_leaks=1:abort_on_error=0:exitcode=${exitCode}`, UBSAN_OPTIONS: 'print_stacktrace=1' },
    inNode: true,
  },
  thread: {
    sanitize: 'thread',
    folder: 'build-tsan',
    env: { TSAN_OPTIONS: `halt_on_error=1:second_deadlock_stack=1:exitcode=${exitCode}` },
    inNode: false,
  },
  undefined: {
    sanitize: 'undefined',
    folder: 'build-ubsan',
    env: { UBSAN_OPTIONS: `print_stacktrace=1:halt_on_error=1:exitcode=${exitCode}` },
    inNode: true,
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

function runInNode(name: string, { folder, env }: Plan, wanted: readonly string[]): void {
  const addon = join(repository, folder)
  const node: NodeJS.ProcessEnv = {
    ...env,
    ...(name === 'address' && { LD_PRELOAD: runtime() }),
    TENSORRT_NODE_ADDON: join(addon, 'tensorrt_node.node'),
  }
  if (name === 'address') proveThatLeaksAreSeen(join(addon, 'leak_canary.node'), { ...process.env, ...node })
  const chosen = testFiles(repository).filter((path) => wanted.some((filter) => path.includes(filter)))
  for (const path of chosen.filter((each) => each in leftOut)) console.log(`left out: ${path}: ${leftOut[path]}`)
  const judged = chosen.filter((path) => !(path in leftOut))
  runSuites(
    judged.filter((path) => !withoutLeaks.has(path)),
    node,
  )
  const ending = judged.filter((path) => withoutLeaks.has(path))
  runSuites(ending, { ...node, ASAN_OPTIONS: node['ASAN_OPTIONS']?.replace('detect_leaks=1', 'detect_leaks=0') })
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { sim: { type: 'boolean', default: false } } })
const [name = '', ...filters] = positionals
const plan = plans[name]
if (plan === undefined) throw new Error(`Expected one of ${Object.keys(plans).join(', ')} but received "${name}"`)
build(plan, plan.inNode ? 'all' : 'plain_tests')
const left = [...(plan.inNode ? [] : ['--label-exclude', 'foreign']), ...(values.sim ? ['--tests-regex', simulatorTests] : [])]
run('ctest', ['--test-dir', plan.folder, '--output-on-failure', '--no-tests=error', ...left], plan.env)
if (plan.inNode) runInNode(name, plan, filters.length > 0 ? filters : values.sim ? simulatorSuites : suites)
