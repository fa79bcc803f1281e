import type { Command } from 'commander'

/** The flags that every command has. */
export function addCommonFlags(command: Command): Command {
  return command
    .option('--json', 'print one JSON object on standard output; an error is one too')
    .option('--quiet', 'no progress and no notes')
    .option('--verbose', 'more detail; errors with their stack')
}
