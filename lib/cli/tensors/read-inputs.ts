import { readWhole } from '../../engine/files.js'
import { type NpyArray, readNpy } from '../../core/npy.js'
import { readNpz } from '../../core/npz.js'
import type { InputFlags } from '../flags/inputs.js'
import { UsageError } from '../usage.js'

/** What the flags give for one input: an array with its own shape and type, bytes without, or a rule to make one. */
export type GivenInput =
  | { kind: 'array'; array: NpyArray; file: string }
  | { kind: 'bytes'; bytes: Uint8Array; file: string }
  | { kind: 'random' | 'zeros' }

/** Reads the files that the flags name; by input name. */
export async function readInputs(flags: InputFlags, signal: AbortSignal): Promise<Map<string, GivenInput>> {
  const given = new Map<string, GivenInput>()
  for (const file of flags.archives) {
    const { bytes } = await readWhole(file, signal)
    for (const [name, array] of readNpz(bytes, { name: file })) add(given, name, { kind: 'array', array, file })
  }
  for (const [name, source] of flags.sources) {
    if (!('file' in source)) add(given, name, source)
    else {
      const { file } = source
      const { bytes } = await readWhole(file, signal)
      add(given, name, source.kind === 'npy' ? { kind: 'array', array: readNpy(bytes, file), file } : { kind: 'bytes', bytes, file })
    }
  }
  return given
}

function add(given: Map<string, GivenInput>, name: string, input: GivenInput): void {
  if (given.has(name)) throw new UsageError(`--loadInputs gives the input "${name}" twice.`, { name })
  given.set(name, input)
}
