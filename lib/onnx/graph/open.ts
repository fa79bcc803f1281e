import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import path from 'node:path'
import { TrtError } from '../../core/errors.js'
import { fileError, isSystemError, openFile, readBytes } from '../../core/files.js'
import { type ResolvedFile, resolveExternalFiles } from '../external-data.js'
import { mapWeights } from './map-weights.js'
import { readOnnx } from './read.js'
import type { OnnxModel } from './types.js'
import type { ExternalReference, ExternalSource } from './weights.js'
import { maxModelBytes } from './write.js'

export interface OpenOnnxOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * A model from a file. Weights in files beside it are found and checked now (none may lie outside of the model's folder), and
 * read when somebody asks for their values, each time again: 2 GB of weights cost no memory until then.
 *
 * @throws {TrtError} `TRT_ERR_FILE`: the file, or one that it refers to, cannot be read. `TRT_ERR_MODEL`: not an ONNX model, a
 *   damaged one, one that refers to files elsewhere, or 2 GiB and more in one file.
 */
export async function openOnnx(file: string, { signal }: OpenOnnxOptions = {}): Promise<OnnxModel> {
  const bytes = await readModelFile(file, signal)
  const files = await resolveExternalFiles(bytes, path.dirname(file))
  return readOnnx(bytes, files.length === 0 ? {} : { source: new Folder(files) })
}

async function readModelFile(file: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { handle, size } = await openFile(file)
  try {
    if (size > maxModelBytes) {
      const message = `"${file}" has ${size} bytes; an ONNX file has at most ${maxModelBytes} (protobuf's limit). Larger models keep their weights in files beside: export it so.`
      throw new TrtError('TRT_ERR_MODEL', message, { path: file, bytes: size, limit: maxModelBytes })
    }
    return await readBytes(handle, 0, size, { signal, piece: largePiece })
  } catch (error) {
    throw isSystemError(error) ? fileError('read', file, error) : error
  } finally {
    await handle.close()
  }
}

/** Nothing hashes these bytes on the way: fewer turns of the event loop. */
const largePiece = 2 ** 25

/** What tells a file from one that has taken its place, or that somebody has written to. */
function identity({ dev, ino, size, mtimeMs }: { dev: number; ino: number; size: number; mtimeMs: number }): string {
  return `${dev} ${ino} ${size} ${mtimeMs}`
}

/** The external files of one model, found and checked. */
class Folder implements ExternalSource {
  readonly #files: ReadonlyMap<string, { path: string; identity: string }>

  constructor(files: readonly ResolvedFile[]) {
    this.#files = new Map(files.map((file) => [file.location, { path: file.path, identity: identity(statSync(file.path)) }]))
  }

  read({ location, offset, length }: ExternalReference, name: string): Uint8Array {
    const file = this.#files.get(location)
    // Every reference of the model was resolved when it was opened.
    if (file === undefined)
      throw new TrtError('TRT_ERR_INTERNAL', `External data "${location}" of ${JSON.stringify(name)} was not resolved.`)
    const data = allocate(length, name)
    try {
      const descriptor = openSync(file.path, 'r')
      try {
        if (identity(fstatSync(descriptor)) !== file.identity || !readFully(descriptor, data, offset)) throw changed(location, name)
      } finally {
        closeSync(descriptor)
      }
    } catch (error) {
      throw isSystemError(error) ? fileError('read', file.path, error) : error
    }
    return data
  }
}

/** `read` gives at most 2 GiB at once. */
const piece = 2 ** 30

function readFully(descriptor: number, data: Uint8Array, offset: number): boolean {
  for (let at = 0; at < data.length; ) {
    const read = readSync(descriptor, data, at, Math.min(piece, data.length - at), offset + at)
    if (read === 0) return false
    at += read
  }
  return true
}

function allocate(length: number, name: string): Uint8Array {
  try {
    return new Uint8Array(length)
  } catch (cause) {
    const message = `JavaScript could not allocate the ${length} bytes of ${JSON.stringify(name)}.`
    throw new TrtError('TRT_ERR_OUT_OF_MEMORY', message, { bytes: length }, { cause })
  }
}

function changed(location: string, name: string): TrtError {
  const message = `The file "${location}", which holds ${JSON.stringify(name)}, has changed since the model was opened. Open the model again.`
  return new TrtError('TRT_ERR_FILE', message, { location, name })
}

/**
 * The model with all external data read in: for what takes a model as one piece.
 *
 * @throws {TrtError} `TRT_ERR_UNSUPPORTED`: together 2 GiB or more, or not opened from a path. `TRT_ERR_FILE`.
 */
export function withWeightsInside(model: OnnxModel): OnnxModel {
  let total = 0
  mapWeights(model, (weights) => {
    total += weights.byteLength
    return weights
  })
  if (total > maxModelBytes) {
    const message = `The weights take ${total} bytes, and a model in one piece at most ${maxModelBytes} (protobuf's limit). Leave them in a file beside it.`
    throw new TrtError('TRT_ERR_UNSUPPORTED', message, { bytes: total, limit: maxModelBytes })
  }
  return mapWeights(model, (weights) => weights.inside())
}
