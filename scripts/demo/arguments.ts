import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export const USAGE = `Reads a line of text out of a picture.

  npm run demo                        the picture that comes with the demo
  npm run demo -- --image FILE.png    a picture of yours: one line of text, cut close around it
  npm run demo -- --runs 500          how many runs are timed (100)`

export interface Arguments {
  /** Absolute path of the picture. */
  readonly image: string
  readonly runs: number
  readonly help: boolean
}

/** @throws {Error} An option that does not exist, or a value that makes no sense. */
export function parseArguments(given: readonly string[]): Arguments {
  const { values, positionals } = parse(given)
  const runs = Number(values.runs)
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`expected a whole number of at least 1 for --runs but received "${values.runs}"`)
  // Without the `--`, npm keeps `--image` for itself and passes the bare file name on.
  const [image = fileURLToPath(new URL('line.png', import.meta.url)), ...rest] = [values.image ?? [], positionals].flat()
  if (rest.length > 0) throw new Error(`one picture at a time: what about ${rest.join(', ')}?`)
  return { image: resolve(image), runs, help: values.help }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { image: { type: 'string' }, runs: { type: 'string', default: '100' }, help: { type: 'boolean', default: false } },
      allowPositionals: true,
    })
  } catch (cause) {
    const [reason] = cause instanceof Error ? cause.message.split('. ') : [String(cause)]
    throw new Error(`${reason}; \`npm run demo -- --help\` tells what there is`, { cause })
  }
}
