import { join } from 'node:path'
import { simulatedBytesPerUs } from '../../test/support/device.js'
import type { ChildResult } from '../support/child.js'
import type { StepContext } from './context.js'
import type { VerifyOptions } from './options.js'
import { outcomeOf, type Step } from './run-steps.js'
import type { Machine, Outcome } from './schema.js'
import { findTrtexec } from './trtexec.js'

/** The last of a step's time is left to finish in: a program that begins nothing new then still tells what it has. */
const finishing = 0.7

/** What each step runs, and for how long. Together they fit into eight minutes; the total budget cuts whatever is late. */
const plan = {
  machine: { budgetMs: 40_000, question: 'What is here: device, driver, libraries?' },
  contract: { budgetMs: 120_000, question: 'Do sessions behave as on every other backend, with the same error codes?' },
  faults: { budgetMs: 60_000, question: 'Does what goes wrong reject with the right code, and the next run work?' },
  endings: { budgetMs: 60_000, question: 'Does the process end in time, whatever is in flight on the device?' },
  numeric: { budgetMs: 120_000, question: 'Are the numbers those of the CPU backend?' },
  benchmark: { budgetMs: 90_000, question: 'How fast is it, beside trtexec?' },
} as const

export type StepName = keyof typeof plan
export const stepNames = Object.keys(plan) as StepName[]

/** Test files by step, as filters of scripts/run-tests.ts: what holds on any device, and needs no simulator. */
const testFilters: Readonly<Record<'contract' | 'faults' | 'endings', readonly string[]>> = {
  contract: ['run', 'abort', 'controls', 'lifecycle', 'warm-up'].map((name) => `test/contract/${name}.test.ts`),
  faults: ['test/device/faults.test.ts'],
  endings: ['test/device/exit.test.ts'],
}

export class Steps {
  /** Null until the first step has told. */
  machine: Machine | null = null
  readonly all: readonly Step[]
  readonly #options: VerifyOptions
  readonly #work: string

  constructor(options: VerifyOptions, work: string) {
    this.#options = options
    this.#work = work
    const wanted = stepNames.filter((name) => name === 'machine' || options.only.length === 0 || options.only.includes(name))
    this.all = wanted.map((name) => this.#step(name))
  }

  #step(name: StepName): Step {
    const step = { name, ...plan[name] }
    if (name === 'machine') return { ...step, command: () => this.#program('machine'), read: (result) => this.#readMachine(result) }
    if (name === 'numeric' || name === 'benchmark')
      return { ...step, command: () => this.#onDevice(() => this.#program(name)), read: outcomeOf }
    return { ...step, command: () => this.#onDevice(() => this.#tests(name)), read: testOutcome }
  }

  /** Without a device, what needs one is not run, and the report says why: it is no failure of the step. */
  #onDevice(command: () => ReturnType<Step['command']>): ReturnType<Step['command']> {
    return (this.machine?.device ?? null) === null ? { reason: 'no device can be used: see the step "machine"' } : command()
  }

  #program(name: 'machine' | 'numeric' | 'benchmark'): ReturnType<Step['command']> {
    return { args: ['--import', 'tsx', `scripts/verify-gpu/${name}.ts`, JSON.stringify(this.#context(plan[name].budgetMs))] }
  }

  #context(budgetMs: number): StepContext {
    const { backend, device, models, quick, libraries, trtexec } = this.#options
    return {
      backend,
      device,
      models,
      quick,
      cacheDir: join(this.#work, 'engines'),
      softLimitMs: budgetMs * finishing,
      trtexec: findTrtexec(trtexec, libraries),
      major: Number.parseInt(this.machine?.version ?? '', 10) || 0,
    }
  }

  #tests(name: keyof typeof testFilters): ReturnType<Step['command']> {
    const { backend, device, quick } = this.#options
    const env = {
      TENSORRT_NODE_TEST_SUBJECTS: backend,
      TENSORRT_NODE_TEST_DEVICE: String(device),
      ...(quick && { TENSORRT_NODE_TEST_QUICK: '1' }),
      ...simulatorSettings(this.machine, process.env),
    }
    const filters = quick ? testFilters[name].slice(0, 1) : testFilters[name]
    return { args: ['--import', 'tsx', 'scripts/run-tests.ts', '--jobs', '1', ...filters], env }
  }

  #readMachine(result: ChildResult): Outcome {
    const outcome = outcomeOf(result)
    this.machine = (outcome.details as Machine | undefined) ?? null
    return outcome
  }
}

/**
 * Tests that need a run of half a second know what takes it: on the simulator, whose operators are few, the copies. Whoever has set
 * the simulator up is left to it; one that was found among the libraries has to be told.
 */
export function simulatorSettings(machine: Machine | null, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (machine?.where !== 'simulator' || env['TENSORRT_SIM'] !== undefined) return {}
  return { TENSORRT_SIM: `bytesPerUs=${simulatedBytesPerUs}` }
}

/** Pure: from what scripts/run-tests.ts prints. Its closing line counts only together with its exit code. */
export function testOutcome({ stdout, stderr, code, signal }: ChildResult): Outcome {
  const closing = [...stdout.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1)
  if (closing === undefined)
    return { status: 'failed', summary: `ended by ${signal ?? `exit code ${code}`} without a closing line: ${stderr.trim().slice(-300)}` }
  const [passed, failed, skipped] = closing.slice(1).map((count) => Number(count ?? 0)) as [number, number, number]
  const files = [...stdout.matchAll(/^(ok {2}|FAIL) (\S+) {2}(.+?) {2}\(([\d.]+) s\)$/gm)]
  return {
    status: code === 0 && failed === 0 && passed > 0 ? 'passed' : 'failed',
    summary: closing[0],
    tables: [
      {
        title: 'Test files',
        columns: ['file', '', 's'],
        rows: files.map(([, mark, file, counts, seconds]) => [file ?? '', `${mark === 'FAIL' ? 'FAIL: ' : ''}${counts}`, seconds ?? '']),
      },
    ],
    details: { passed, failed, skipped },
  }
}
