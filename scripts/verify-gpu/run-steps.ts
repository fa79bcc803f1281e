import type { ChildResult } from '../support/child.js'
import type { Outcome, StepResult, StepStatus } from './schema.js'

/** One program that answers one question. It runs in a process of its own: a crash or a hang costs one step. */
export interface Step {
  name: string
  question: string
  /** At most so long; less when the total budget is nearly spent. */
  budgetMs: number
  /** Null: there is nothing to run, and why. */
  command(): { args: readonly string[]; env?: NodeJS.ProcessEnv } | { reason: string }
  /** What a program that ended by itself has found. */
  read(result: ChildResult): Outcome
}

export interface Runner {
  now(): number
  child(args: readonly string[], env: NodeJS.ProcessEnv, timeoutMs: number): Promise<ChildResult>
  onStep?(result: StepResult): void
}

const keptOutput = 6000
/** Less than this is no time to start a process in. */
const leastMs = 1000

/** Runs the steps in order within the total budget. None stops the others, whatever becomes of it. */
export async function runSteps(steps: readonly Step[], budgetMs: number, runner: Runner): Promise<StepResult[]> {
  const end = runner.now() + budgetMs
  const results: StepResult[] = []
  for (const step of steps) {
    const limitMs = Math.min(step.budgetMs, end - runner.now())
    const result = await runStep(step, limitMs, runner)
    results.push(result)
    runner.onStep?.(result)
  }
  return results
}

async function runStep(step: Step, limitMs: number, runner: Runner): Promise<StepResult> {
  const { name, question } = step
  const begun = runner.now()
  const told = (outcome: Outcome, output?: string): StepResult => ({
    name,
    question,
    ms: runner.now() - begun,
    limitMs: Math.max(0, limitMs),
    ...outcome,
    ...(output !== undefined && { output }),
  })
  if (limitMs < leastMs) return told(without('not run', 'the budget for all steps was spent'))
  try {
    const command = step.command()
    if ('reason' in command) return told(without('not run', command.reason))
    const result = await runner.child(command.args, command.env ?? {}, limitMs)
    const outcome = result.timedOut ? without('timed out', `ended after ${(limitMs / 1000).toFixed(0)} s`) : step.read(result)
    return told(outcome, outcome.status === 'passed' ? undefined : lastOutput(result))
  } catch (error) {
    return told(without('failed', `the step itself failed: ${(error as Error).message}`))
  }
}

const without = (status: StepStatus, summary: string): Outcome => ({ status, summary })

const resultStart = '{"status"'

/** What it printed besides its result. */
function lastOutput({ stdout, stderr }: ChildResult): string | undefined {
  const lines = stdout.split('\n').filter((line) => !line.startsWith(resultStart))
  return `${lines.join('\n')}\n${stderr}`.trim().slice(-keptOutput) || undefined
}

/** The outcome that a program of ours prints as its last line, as JSON. One that dies before has none. */
export function outcomeOf({ stdout, stderr, code, signal }: ChildResult): Outcome {
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  if (last.startsWith(resultStart)) {
    const outcome = JSON.parse(last) as Outcome
    const ended = signal ?? (code === 0 ? null : `exit code ${code}`)
    // A finding is only as good as the process that made it: one that crashed on its way out has not passed.
    return outcome.status === 'passed' && ended !== null
      ? { ...outcome, status: 'failed', summary: `${outcome.summary}; then ended by ${ended}` }
      : outcome
  }
  const why = stderr.trim().split('\n').at(-1) ?? ''
  return without('failed', `ended by ${signal ?? `exit code ${code}`} before it had a result${why === '' ? '' : `: ${why}`}`)
}
