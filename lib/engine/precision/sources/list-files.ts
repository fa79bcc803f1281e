import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { TrtError } from '../../../core/errors.js'
import { invalid, received } from '../../../core/options.js'
import { fileError } from '../../files.js'

/**
 * The files with one of these endings that are meant: those of a folder by their names, in an order that is the same everywhere, or
 * the ones given.
 *
 * @throws {TrtError} `TRT_ERR_FILE`, `TRT_ERR_INVALID_ARGUMENT`
 */
export async function listFiles(
  from: string | URL | readonly string[],
  endings: readonly string[],
  { what, recursive = false }: { what: string; recursive?: boolean },
): Promise<string[]> {
  if (Array.isArray(from)) {
    const wrong = from.findIndex((file) => typeof file !== 'string' || file === '')
    if (wrong >= 0) throw invalid(`Expected paths but received ${received(from[wrong])} at ${wrong}.`)
    return [...(from as readonly string[])]
  }
  const place = from instanceof URL ? fileURLToPath(from) : from
  if (typeof place !== 'string' || place === '') throw invalid(`Expected a folder or paths but received ${received(from)}.`)
  if (!(await isFolder(place))) return [place]
  const names = (await readdir(place, { recursive, encoding: 'utf8' })).filter((name) => endings.includes(path.extname(name).toLowerCase()))
  if (names.length === 0) {
    const message = `The folder "${place}" has no ${what}: expected files ending in ${endings.join(', ')}.`
    throw new TrtError('TRT_ERR_FILE', message, { path: place, endings })
  }
  // By code units, not by the language of the machine.
  return names.sort((a, b) => (a < b ? -1 : 1)).map((name) => path.join(place, name))
}

async function isFolder(place: string): Promise<boolean> {
  try {
    return (await stat(place)).isDirectory()
  } catch (cause) {
    throw fileError('read', place, cause)
  }
}
