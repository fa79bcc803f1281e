/**
 * Writes docs/cli.md from the help of each command, so that there is one place for a flag. A test fails when it is stale.
 * Usage: node --import tsx scripts/make-cli-docs.ts
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Context, processContext } from '../lib/cli/context.js'
import { runCommandLine } from '../lib/cli/program.js'
import { isMain, repository } from './support/report.js'

const commands = ['build', 'optimize', 'calibrate', 'run', 'inspect', 'bench', 'plan', 'diff', 'serve', 'types', 'doctor', 'rebuild']

const head = `# Command line

Written by \`npm run make:cli-docs\` from the help of each command; edit that.
`

async function helpOf(args: readonly string[]): Promise<string> {
  let text = ''
  const context: Context = { ...processContext(new AbortController().signal), out: (piece) => void (text += piece) }
  await runCommandLine([...args, '--help'], context)
  return text.trimEnd()
}

/** The whole page. */
export async function cliDocs(): Promise<string> {
  // Not as wide as the terminal of whoever writes it.
  process.stdout.columns = 80
  const sections = [head, '```', await helpOf([]), '```']
  for (const command of commands) sections.push('', `## ${command}`, '', '```', await helpOf([command]), '```')
  return `${sections.join('\n')}\n`
}

if (isMain(import.meta.url)) writeFileSync(join(repository, 'docs/cli.md'), await cliDocs())
