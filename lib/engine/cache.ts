import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { isTrtError } from '../core/errors.js'
import type { Choice } from '../backend/registry.js'
import { formatHead } from './engine-file.js'
import { type EngineHeader, formatVersion } from './engine-header.js'
import { type EngineContents, readEngineFile } from './engine-reader.js'
import { fileError, isSystemError, writeAtomically } from './files.js'
import type { Profiles } from './io-info.js'
import { withLock } from './lock.js'

/** What decides an engine's bytes. Labels do not. */
export interface CacheKey {
  readonly source: string
  /** `target`: the GPU, where the engine is built for the one that is there. */
  readonly choice: Pick<Choice, 'name' | 'version'> & { readonly target?: string | null }
  readonly buildInfo: string
  readonly precision: string
  readonly profiles: Profiles
  readonly options: Readonly<Record<string, string>>
}

/** Equal keys, equal engines: independent of the order in which options were given. */
export function cacheKey({ source, choice, buildInfo, precision, profiles, options }: CacheKey): string {
  const facts = [formatVersion, source, choice.name, choice.version, choice.target ?? null, buildInfo, precision, profiles, options]
  return createHash('sha256').update(canonical(facts)).digest('hex')
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}

/** An engine from the cache, or one just built and put there. */
export interface Cached {
  readonly contents: EngineContents
  readonly file: string
  readonly hit: boolean
}

/**
 * The engine under `key`; built where there is none, or only a damaged one. Of several processes that want the same at
 * once, one builds and the others wait for it.
 *
 * @throws {TrtError} `TRT_ERR_FILE`: the directory cannot be written; and whatever `build` throws.
 */
export async function throughCache(
  directory: string,
  key: string,
  build: () => Promise<{ header: EngineHeader; payload: Uint8Array }>,
  signal: AbortSignal | undefined,
): Promise<Cached> {
  const file = path.join(path.resolve(directory), `${key}.engine`)
  const found = await lookUp(file, signal)
  if (found !== null) return { contents: found, file, hit: true }
  try {
    await mkdir(path.dirname(file), { recursive: true })
    return await withLock(`${file}.lock`, signal, async () => {
      const made = await lookUp(file, signal)
      if (made !== null) return { contents: made, file, hit: true }
      const { header, payload } = await build()
      const head = formatHead(header)
      await writeAtomically(file, [head, payload])
      return { contents: { header, payload, payloadOffset: head.byteLength }, file, hit: false }
    })
  } catch (error) {
    throw isSystemError(error) ? fileError('write', file, error) : error
  }
}

/** Null: not there, or damaged: then it is built again. */
async function lookUp(file: string, signal: AbortSignal | undefined): Promise<EngineContents | null> {
  try {
    return await readEngineFile(file, signal)
  } catch (error) {
    if (isTrtError(error) && (error.code === 'TRT_ERR_FILE' || error.code === 'TRT_ERR_ENGINE')) return null
    throw error
  }
}
