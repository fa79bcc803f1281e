import { createHash } from 'node:crypto'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { TrtError } from '../core/errors.js'
import { invalid, plainObject, received, rejectUnknown } from '../core/options.js'
import { externalFiles, resolveExternalFiles } from '../onnx/external-data.js'
import { inspectModel, type ModelSummary } from '../onnx/inspect.js'
import { hashInto } from './checksum.js'
import { hashFile, readWhole } from './files.js'
import type { ModelInput } from './profiles.js'

/** A file by path or `file:` URL, or its bytes. */
export type FileOrBytes = string | URL | Uint8Array | ArrayBuffer

/** An ONNX model; weights that it keeps in other files are found beside it, or given by the names the model has for them. */
export type ModelInputSource = FileOrBytes | { model: FileOrBytes; externalData?: Readonly<Record<string, Uint8Array | ArrayBuffer>> }

export interface External {
  readonly location: string
  readonly data: Uint8Array
}

export interface ModelSource {
  readonly bytes: Uint8Array
  /** Absolute; null: given as bytes. */
  readonly path: string | null
  readonly name: string | null
  readonly externals: readonly External[]
  /** Of the model and, where it has any, of its external data. */
  readonly sha256: string
  /** Null: not looked into. */
  readonly inputs: readonly ModelInput[] | null
  /** What the model says of itself; null: not looked into. */
  readonly summary: ModelSummary | null
}

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveFileOrBytes(name: string, given: unknown): { path: string } | { bytes: Uint8Array } {
  if (typeof given === 'string' && given !== '') return { path: given }
  if (given instanceof URL) {
    if (given.protocol !== 'file:')
      throw invalid(`Expected a file: URL for ${name} but received ${given.href}. Download it first.`, { received: given.href })
    return { path: fileURLToPath(given) }
  }
  if (given instanceof Uint8Array) return { bytes: given }
  if (given instanceof ArrayBuffer) return { bytes: new Uint8Array(given) }
  throw invalid(`Expected a path, a file: URL or bytes (Uint8Array, ArrayBuffer) for ${name} but received ${received(given)}.`, {
    received: received(given),
  })
}

/** Path or bytes of a model, and its external data, as they were given. */
export interface ModelParts {
  readonly file: { path: string } | { bytes: Uint8Array }
  readonly externals: readonly External[]
}

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveModelParts(given: ModelInputSource): ModelParts {
  const wrapped = typeof given === 'object' && given !== null && 'model' in given
  if (!wrapped) return { file: resolveFileOrBytes('model', given), externals: [] }
  rejectUnknown(given, ['model', 'externalData'], 'the model')
  const externals = Object.entries(plainObject('externalData', given.externalData ?? {})).map(([location, data]) => {
    const resolved = resolveFileOrBytes(`externalData[${JSON.stringify(location)}]`, data)
    if ('path' in resolved)
      throw invalid(
        `Expected bytes for externalData[${JSON.stringify(location)}] but received a path. Read the file, or give the model by its path.`,
      )
    return { location, data: resolved.bytes }
  })
  return { file: resolveFileOrBytes('model', given.model), externals }
}

/**
 * Reads a model and checks what native code must not be trusted with: that it is one, and where its weights lie.
 *
 * @param inspect False: a backend of its own kind, whose models may be anything.
 * @throws {TrtError} `TRT_ERR_FILE`, `TRT_ERR_MODEL`, `TRT_ERR_OUT_OF_MEMORY`
 */
export async function readModel({ file, externals }: ModelParts, inspect: boolean, signal: AbortSignal | undefined): Promise<ModelSource> {
  const location = 'path' in file ? path.resolve(file.path) : null
  const hash = createHash('sha256')
  const bytes = 'bytes' in file ? file.bytes : (await readWhole(file.path, signal, hash)).bytes
  if ('bytes' in file) await hashInto(hash, bytes, signal)
  if (bytes.byteLength === 0) {
    const what = location === null ? 'The model' : `The model "${path.basename(location)}"`
    throw new TrtError('TRT_ERR_MODEL', `${what} is empty: expected an ONNX model, received 0 bytes. Fetch or export it again.`, {
      received: 0,
    })
  }
  if (inspect) await hashExternals(hash, { bytes, model: location, given: externals }, signal)
  const summary = inspect ? inspectModel(bytes) : null
  return {
    bytes,
    path: location,
    name: location === null ? null : path.basename(location),
    externals,
    sha256: hash.digest('hex'),
    inputs: summary?.inputs.map(({ name, type, dims, dimNames }) => ({ name, type, shape: dims, dimNames, ranges: [] })) ?? null,
    summary,
  }
}

type Sha256 = ReturnType<typeof createHash>

interface Weights {
  /** The model that names them. */
  readonly bytes: Uint8Array
  /** Its path; null: given as bytes. */
  readonly model: string | null
  readonly given: readonly External[]
}

/** Adds each external file, by the model's name for it: another weight is another model. */
async function hashExternals(hash: Sha256, { bytes, model, given }: Weights, signal: AbortSignal | undefined): Promise<void> {
  const missing = externalFiles(bytes).filter(({ location }) => !given.some((external) => external.location === location))
  for (const { location, data } of given) {
    hash.update(`\0${location}\0`)
    await hashInto(hash, data, signal)
  }
  if (missing.length === 0) return
  if (model === null) {
    const names = missing.map(({ location }) => `"${location}"`).join(', ')
    const message = `The model keeps weights in other files, which bytes alone do not lead to: ${names}. Give its path, or { model, externalData } with their contents.`
    throw new TrtError('TRT_ERR_MODEL', message, { missing: missing.map(({ location }) => location) })
  }
  const files = (await resolveExternalFiles(bytes, path.dirname(model))).filter(({ location }) =>
    missing.some((file) => file.location === location),
  )
  for (const file of files) {
    hash.update(`\0${file.location}\0`)
    await hashFile(hash, file.path, signal)
  }
}
