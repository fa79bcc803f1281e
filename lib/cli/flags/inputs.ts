import { extname } from 'node:path'
import { UsageError } from '../usage.js'
import { splitPairs } from './pairs.js'

/** Where the data of one input comes from. */
export type InputSource = { kind: 'random' | 'zeros' } | { kind: 'npy' | 'raw'; file: string }

export interface InputFlags {
  /** By input name. */
  sources: Map<string, InputSource>
  /** Archives whose members are named as the inputs. */
  archives: string[]
}

/**
 * `--loadInputs=x:x.npy,y:y.bin,z:random` or `--loadInputs=inputs.npz`. The kind follows the file's ending; what is
 * neither .npy nor .npz is raw little-endian bytes. `./random` is a file, `random` is not.
 */
export function parseInputs(flag: string, text: string): InputFlags {
  const flags: InputFlags = { sources: new Map(), archives: [] }
  for (const { name, value } of splitPairs(flag, text)) {
    if (name === undefined && extname(value) === '.npz') flags.archives.push(value)
    else if (name === undefined || value === '') throw wrongInput(flag, value)
    else if (flags.sources.has(name)) throw new UsageError(`${flag} gives the input "${name}" twice.`, { flag, name })
    else flags.sources.set(name, sourceOf(flag, value))
  }
  return flags
}

function sourceOf(flag: string, value: string): InputSource {
  if (value === 'random' || value === 'zeros') return { kind: value }
  const ending = extname(value)
  if (ending === '.npz')
    throw new UsageError(`A .npz file names its inputs itself: give ${flag} ${value} without a name before it.`, { flag, value })
  return { kind: ending === '.npy' ? 'npy' : 'raw', file: value }
}

function wrongInput(flag: string, received: string): UsageError {
  return new UsageError(
    `Expected name:file.npy, name:file.bin, name:random, name:zeros or file.npz for ${flag} but received "${received}".`,
    { flag, received },
  )
}
