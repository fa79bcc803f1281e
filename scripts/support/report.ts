import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Whether the module of this URL is the program being run, rather than imported. */
export function isMain(url: string): boolean {
  const program = process.argv[1]
  return program !== undefined && realpathSync(resolve(program)) === realpathSync(fileURLToPath(url))
}

/** The repository's root: the folder above scripts/. */
export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Prints one line for a check that found nothing, the problems otherwise, and sets the exit code. */
export function reportProblems(check: string, counted: string, problems: readonly string[]): void {
  if (problems.length === 0) {
    console.log(`${check}: ${counted}, no problem`)
    return
  }
  for (const problem of problems) console.error(problem)
  console.error(`${check}: ${counted}, ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`)
  process.exitCode = 1
}
