import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { type ErrorCode, type ErrorDetails, isTrtError } from '../core/errors.js'
import { addBench } from './commands/bench.js'
import { addBuild } from './commands/build.js'
import { addCalibrate } from './commands/calibrate.js'
import { addDiff } from './commands/diff.js'
import { addDoctor } from './commands/doctor.js'
import { addInspect } from './commands/inspect.js'
import { addOptimize } from './commands/optimize.js'
import { addPlan } from './commands/plan.js'
import { addRebuild } from './commands/rebuild.js'
import { addRun } from './commands/run.js'
import { addServe } from './commands/serve.js'
import { addTypes } from './commands/types.js'
import { type Context, printJson } from './context.js'
import { exitCodes, UsageError } from './usage.js'

const afterHelp = `
Results go to standard output; notes, progress and errors to standard error. Progress is a bar on a terminal, plain lines
elsewhere, and shows only for what takes longer than a second.
Flag names are those of trtexec where it has one, case-sensitive; --flag=value and --flag value are the same.

Exit codes:
  0    done
  1    failed: the message begins with its TRT_ERR_* code (docs/errors.md)
  2    wrong use: an unknown flag or command, a value that is not understood
  130  interrupted by Ctrl-C (143: by SIGTERM); stopped cleanly, no half file is left. A second one ends it at once

Example:
  $ tensorrt-node build model.onnx -o model.engine
  $ tensorrt-node run model.engine --loadInputs=x:x.npy --saveOutput=out`

/** Runs one command line (without node and script) and tells the exit code. Never throws, never exits. */
export async function runCommandLine(argv: readonly string[], context: Context): Promise<number> {
  try {
    return await dispatch(argv, context)
  } catch (error) {
    // commander has printed its message and, where one is near, a suggestion; its codes 0 are --help and --version.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done
    // What a stop made fail, failed by the stop: an AbortError of Node says less than the reason.
    report(context.signal.aborted && !isTrtError(error) ? context.signal.reason : error, argv, context)
    return error instanceof UsageError || error instanceof CommanderError ? exitCodes.usage : exitCodes.failed
  }
}

async function dispatch(argv: readonly string[], context: Context): Promise<number> {
  let code: number = exitCodes.done
  const program = new Command('tensorrt-node')
    .description('Inference with NVIDIA TensorRT on a GPU and ONNX Runtime on any CPU.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.out(text), writeErr: (text) => context.err(text) })
    .addHelpText('after', afterHelp)
  for (const add of [addBuild, addOptimize, addCalibrate, addRun, addInspect, addBench, addServe, addTypes, addRebuild])
    add(program, context)
  const end = (exitCode: number) => (code = exitCode)
  addDiff(program, context, end)
  addPlan(program, context, end)
  addDoctor(program, context, end)
  await program.parseAsync(argv, { from: 'user' })
  return code
}

function report(error: unknown, argv: readonly string[], context: Context): void {
  const { code, message, details } = facts(error)
  if (argv.includes('--json')) printJson(context, { error: { code, message, details } })
  if (error instanceof CommanderError) return
  context.err(`${message}\n`)
  // A bug of ours has no message that helps: show where.
  if (argv.includes('--verbose') || !isTrtError(error)) context.err(`${stackOf(error)}\n`)
}

function facts(error: unknown): { code: ErrorCode; message: string; details: ErrorDetails } {
  if (isTrtError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  return { code: error instanceof CommanderError ? 'TRT_ERR_INVALID_ARGUMENT' : 'TRT_ERR_INTERNAL', message, details: {} }
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const cause = error.cause === undefined ? '' : `\nCaused by: ${stackOf(error.cause)}`
  return `${error.stack ?? ''}${cause}`
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
