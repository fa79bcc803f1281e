import type { Context } from '../../lib/cli/context.js'
import { runCommandLine } from '../../lib/cli/program.js'

export interface CommandResult {
  code: number
  out: string
  err: string
}

/** Runs a command line in this process, as from a pipe. */
export async function cli(argv: readonly string[], change: Partial<Context> = {}): Promise<CommandResult> {
  const result = { code: -1, out: '', err: '' }
  const context: Context = {
    out: (text) => (result.out += text),
    err: (text) => (result.err += text),
    terminal: false,
    columns: 80,
    clock: { now: () => performance.now() },
    signal: new AbortController().signal,
    ...change,
  }
  result.code = await runCommandLine(argv, context)
  return result
}
