import { type Clock, systemClock } from '../core/clock.js'
import { type Progress, silentProgress, startProgress } from './view/progress.js'

/** The world around a command: tests give their own. */
export interface Context {
  /** Results: standard output. */
  out(text: string): void
  /** Notes, progress and errors: standard error. */
  err(text: string): void
  /** Whether `err` can redraw a line. */
  readonly terminal: boolean
  readonly columns: number
  readonly clock: Clock
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
}

/** Flags that every command has. */
export interface CommonFlags {
  json?: boolean
  quiet?: boolean
  verbose?: boolean
}

export function processContext(signal: AbortSignal): Context {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    terminal: process.stderr.isTTY === true,
    // A pseudo-terminal without a size says 0.
    columns: process.stderr.columns || 80,
    clock: systemClock,
    signal,
  }
}

/** A remark for people, on standard error; none with --json or --quiet. */
export function note(context: Context, flags: CommonFlags, text: string): void {
  if (!flags.json && !flags.quiet) context.err(`${text}\n`)
}

/** Runs long work under a progress display; the display is gone when it settles. */
export async function withProgress<T>(
  context: Context,
  flags: CommonFlags,
  label: string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const { terminal, columns, clock } = context
  const target = { terminal, columns, write: (text: string) => context.err(text), now: () => clock.now() }
  const progress = flags.json || flags.quiet ? silentProgress : startProgress(target, label)
  try {
    return await work(progress)
  } finally {
    progress.close()
  }
}

export function printJson(context: Context, value: unknown): void {
  context.out(`${JSON.stringify(value, null, 2)}\n`)
}

/** A command calls it to finish with another exit code than 0 without an error. */
export type End = (exitCode: number) => void
