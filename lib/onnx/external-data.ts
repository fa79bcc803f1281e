import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { TrtError } from '../core/errors.js'
import { malformed } from './errors.js'
import { walkModel } from './model.js'
import type { TensorHeader } from './tensor.js'

/** A file beside the model that holds weights of it. */
export interface ExternalFile {
  /** As the model names it, relative to the model's folder. */
  readonly location: string
  readonly tensors: readonly string[]
  /** The least size the file must have: the largest offset + length. */
  readonly bytes: number
}

export interface ResolvedFile extends ExternalFile {
  /** Real and absolute, inside of the model's real folder. */
  readonly path: string
}

/**
 * Every external file that a model refers to, from initializers and attributes, in subgraphs and functions too; in the order
 * of first mention. Opens none of them.
 *
 * @throws {TrtError} `TRT_ERR_MODEL`: no ONNX model, or a reference without a sound location, offset or length.
 */
export function externalFiles(bytes: Uint8Array): ExternalFile[] {
  const files = new Map<string, { location: string; tensors: string[]; bytes: number }>()
  walkModel(bytes, {
    tensor: (tensor, _place, label) => {
      if (tensor.external === null) return
      const { location, end } = externalReference(tensor, label)
      const file = files.get(location) ?? { location, tensors: [], bytes: 0 }
      file.tensors.push(label)
      file.bytes = Math.max(file.bytes, end)
      files.set(location, file)
    },
  })
  return [...files.values()]
}

/** `externalFiles`, each found in `modelDir` and long enough: what must hold before native code opens them. */
export function resolveExternalFiles(bytes: Uint8Array, modelDir: string): Promise<ResolvedFile[]> {
  const resolved = async (file: ExternalFile) => ({ ...file, path: await resolveExternal(file.location, modelDir, file.bytes) })
  return Promise.all(externalFiles(bytes).map(resolved))
}

/**
 * The real path of an external file. A model is data from elsewhere: it must not make us read anything outside of its
 * folder, by name or through a symbolic link. The answer holds for the moment: a folder that others may write to meanwhile
 * is not made safe by it.
 *
 * @param bytes The least size the file must have.
 * @throws {TrtError} `TRT_ERR_MODEL`: the location leaves the folder. `TRT_ERR_FILE`: no such file, not a file, or too short.
 */
export async function resolveExternal(location: string, modelDir: string, bytes = 0): Promise<string> {
  checkLocation(location)
  const facts = { location, modelDir }
  const [folder, file] = await Promise.all([real(modelDir, facts), real(path.join(modelDir, location), facts)])
  if (!file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep)) {
    throw refused(location, 'a symbolic link that leaves the folder of the model', 'Put a copy of the file there instead (`cp -L`).')
  }
  const found = await stat(file)
  if (!found.isFile())
    throw new TrtError(
      'TRT_ERR_FILE',
      `External data "${show(location)}" of the model: expected a file, received a folder or device.`,
      facts,
    )
  if (found.size >= bytes) return file
  const message = `External data "${show(location)}" of the model: expected at least ${bytes} bytes, received ${found.size}. The file is cut short, or belongs to another model: fetch both again.`
  throw new TrtError('TRT_ERR_FILE', message, { ...facts, expected: bytes, received: found.size })
}

async function real(file: string, facts: { location: string; modelDir: string }): Promise<string> {
  try {
    return await realpath(file)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    const message = `External data "${show(facts.location)}" of the model cannot be opened (${code}). Expected it beside the model: put it there under that name, or load the model from the folder it came in.`
    throw new TrtError('TRT_ERR_FILE', message, { ...facts, cause: code }, { cause })
  }
}

/** By name alone, the same on every system: a model made on Windows must not mean something else here. */
function checkLocation(location: string): void {
  const relative = 'Export the model again with a plain relative file name.'
  if (location === '' || location.includes('\0')) throw refused(location, 'empty, or has a NUL inside', relative)
  // ONNX Runtime takes such a location for an address in memory, and the offset for the pointer.
  if (location.startsWith('*')) throw refused(location, 'a memory address, which only a model built in memory may have', relative)
  if (location.includes('\\')) throw refused(location, 'a path with a backslash', relative)
  if (location.startsWith('/') || /^[A-Za-z]:/.test(location)) throw refused(location, 'an absolute path', relative)
  if (/^[./]+$/.test(location) && !location.includes('..')) throw refused(location, 'the folder itself', relative)
  if (location.split('/').includes('..')) throw refused(location, 'a path with ".."', relative)
}

function refused(location: string, received: string, remedy: string): TrtError {
  const message = `External data of a model must lie in the model's own folder; received "${show(location)}": ${received}. ${remedy}`
  return new TrtError('TRT_ERR_MODEL', message, { location, received })
}

/**
 * Where an external tensor says that its values are, checked by name alone.
 *
 * @throws {TrtError} `TRT_ERR_MODEL`: without a sound location, offset or length, or not external at all.
 */
export function externalReference(tensor: TensorHeader, label: string): { location: string; offset: number; length: number; end: number } {
  const entries = tensor.external ?? new Map<string, string>()
  const what = `of tensor "${show(label)}"`
  const location = entries.get('location')
  if (location === undefined) throw malformed(tensor.at, `a location in the external data ${what}`, 'none')
  checkLocation(location)
  if (tensor.type === 'string') throw malformed(tensor.at, `a type of fixed size for the external data ${what}`, 'string')
  const offset = count(entries.get('offset') ?? '0', tensor.at, `an offset ${what}`)
  const given = entries.get('length')
  const length = given === undefined ? tensor.bytes : count(given, tensor.at, `a length ${what}`)
  if (length === null) throw malformed(tensor.at, `a length in the external data ${what}`, 'none, and an element type unknown here')
  if (tensor.bytes !== null && length !== tensor.bytes) {
    throw malformed(tensor.at, `${tensor.bytes} bytes of external data ${what}, by its type and shape`, `a length of ${length}`)
  }
  return { location, offset, length, end: count(`${offset + length}`, tensor.at, `an end ${what}`) }
}

function count(text: string, at: number, what: string): number {
  const value = Number(text)
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(value)) return value
  throw malformed(at, `${what} from 0 to 2^53`, `"${show(text)}"`)
}

/** What a model says may be long or unprintable; a message stays one line. */
function show(text: string): string {
  const cut = text.length > 120 ? `${text.slice(0, 120)}…` : text
  return JSON.stringify(cut).slice(1, -1)
}
