import { createHash } from 'node:crypto'
import { TrtError } from '../core/errors.js'
import { sha256 } from './checksum.js'
import { parseHeaderSection, parsePrefix, prefixBytes, readHeader, requireIntact } from './engine-file.js'
import type { EngineHeader } from './engine-header.js'
import { fileError, isSystemError, openFile, readBytes } from './files.js'

/** An engine file read and found whole. */
export interface EngineContents {
  readonly header: EngineHeader
  readonly payload: Uint8Array
  /** Where the payload begins in the file. */
  readonly payloadOffset: number
}

async function withFile<T>(file: string, body: (opened: Awaited<ReturnType<typeof openFile>>) => Promise<T>): Promise<T> {
  const opened = await openFile(file)
  try {
    return await body(opened)
  } catch (error) {
    throw isSystemError(error) ? fileError('read', file, error) : error
  } finally {
    await opened.handle.close()
  }
}

type Opened = Awaited<ReturnType<typeof openFile>>

async function readHead({ handle, size }: Opened): Promise<{ header: EngineHeader; payloadOffset: number; payloadBytes: number }> {
  const prefix = parsePrefix(await readBytes(handle, 0, Math.min(prefixBytes, size)), size)
  const section = await readBytes(handle, prefixBytes, prefix.payloadOffset - prefixBytes)
  return { header: parseHeaderSection(prefix, section), payloadOffset: prefix.payloadOffset, payloadBytes: prefix.payloadBytes }
}

/**
 * What an engine file says of itself; the payload is not read.
 *
 * @throws {TrtError} `TRT_ERR_FILE`, `TRT_ERR_ENGINE`
 */
export function readEngineHeader(file: string): Promise<EngineHeader> {
  return withFile(file, async (opened) => (await readHead(opened)).header)
}

/** First bytes of a file, to tell what it is. */
export function readStart(file: string): Promise<{ bytes: Uint8Array; size: number }> {
  return withFile(file, async ({ handle, size }) => ({ bytes: await readBytes(handle, 0, Math.min(prefixBytes, size)), size }))
}

/** Reads and checks a whole engine file. @throws {TrtError} `TRT_ERR_FILE`, `TRT_ERR_ENGINE`, `TRT_ERR_OUT_OF_MEMORY` */
export function readEngineFile(file: string, signal: AbortSignal | undefined): Promise<EngineContents> {
  return withFile(file, async (opened) => {
    const { header, payloadOffset, payloadBytes } = await readHead(opened)
    const hash = createHash('sha256')
    const payload = await readBytes(opened.handle, payloadOffset, payloadBytes, { hash, signal })
    requireIntact(header, hash.digest('hex'))
    return { header, payload, payloadOffset }
  })
}

/** The same over bytes in memory. */
export async function readEngineBytes(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<EngineContents> {
  const { header, payload } = readHeader(bytes)
  requireIntact(header, await sha256(payload, signal))
  return { header, payload, payloadOffset: bytes.byteLength - payload.byteLength }
}

/** The payload of an engine file in pieces; fails at the end if they are not what `header` says. */
export async function* streamPayload(file: string, offset: number, header: EngineHeader): AsyncGenerator<Uint8Array> {
  const { handle } = await openFile(file)
  try {
    const hash = createHash('sha256')
    const piece = 1 << 20
    for (let at = 0; at < header.payload.bytes; at += piece) {
      const bytes = await readBytes(handle, offset + at, Math.min(piece, header.payload.bytes - at), { hash })
      if (bytes.byteLength === 0) break
      yield bytes
    }
    requireUnchanged(file, header, hash.digest('hex'))
  } finally {
    await handle.close()
  }
}

function requireUnchanged(file: string, header: EngineHeader, digest: string): void {
  if (digest === header.payload.sha256) return
  const message = `The engine file "${file}" has changed since it was loaded, so it cannot be saved again. Load it anew.`
  throw new TrtError('TRT_ERR_ENGINE', message, { path: file, expected: header.payload.sha256, received: digest })
}
