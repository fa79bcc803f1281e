import { createHash, randomBytes, type Hash } from 'node:crypto'
import { open, rename, unlink, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { TrtError } from '../core/errors.js'
import { chunkBytes } from './checksum.js'

/** The user's words for what went wrong with a file, with the system's own code. */
export function fileError(verb: 'read' | 'write', file: string, cause: unknown): TrtError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  const reasons: Readonly<Record<string, string>> = {
    ENOENT:
      verb === 'read'
        ? 'there is no such file. Check the path; a relative one starts at the current directory'
        : 'its folder does not exist. Create it first',
    EISDIR: 'it is a directory. Give the path of a file',
    ENOTDIR: 'a part of its path is a file, not a directory',
    EACCES: 'permission is denied',
    EPERM: 'permission is denied',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
  }
  const reason = reasons[code] ?? `the system says ${code}`
  return new TrtError('TRT_ERR_FILE', `Cannot ${verb} "${file}": ${reason}.`, { path: file, cause: code }, { cause })
}

/** A regular file, open for reading. `close` it. @throws {TrtError} `TRT_ERR_FILE` */
export async function openFile(file: string): Promise<{ handle: FileHandle; size: number }> {
  let handle: FileHandle
  try {
    handle = await open(file, 'r')
  } catch (cause) {
    throw fileError('read', file, cause)
  }
  try {
    const info = await handle.stat()
    if (info.isDirectory()) throw fileError('read', file, { code: 'EISDIR' })
    // A pipe or device has no size, and could never be checked against one.
    if (!info.isFile())
      throw new TrtError('TRT_ERR_FILE', `Cannot read "${file}": expected a regular file, received a device, pipe or socket.`, {
        path: file,
      })
    return { handle, size: info.size }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** What a reader wants on the way: a hash of the bytes, a signal to stop. */
export interface ReadOptions {
  hash?: Hash
  signal?: AbortSignal | undefined
}

/** `length` bytes from `position` on. Fewer where the file ends before. In pieces: the event loop never waits for all. */
export async function readBytes(
  handle: FileHandle,
  position: number,
  length: number,
  { hash, signal }: ReadOptions = {},
): Promise<Uint8Array> {
  const bytes = allocate(length)
  let at = 0
  while (at < length) {
    signal?.throwIfAborted()
    const { bytesRead } = await handle.read(bytes, at, Math.min(chunkBytes, length - at), position + at)
    if (bytesRead === 0) break
    hash?.update(bytes.subarray(at, at + bytesRead))
    at += bytesRead
  }
  return at === length ? bytes : bytes.subarray(0, at)
}

function allocate(length: number): Uint8Array {
  try {
    return new Uint8Array(length)
  } catch (cause) {
    throw new TrtError(
      'TRT_ERR_OUT_OF_MEMORY',
      `JavaScript could not allocate ${length} bytes to read a file.`,
      { bytes: length },
      { cause },
    )
  }
}

/**
 * A whole file and its SHA-256.
 *
 * @param hash Gets the bytes; may go on afterwards.
 * @throws {TrtError} `TRT_ERR_FILE`, `TRT_ERR_OUT_OF_MEMORY`
 */
export async function readWhole(
  file: string,
  signal?: AbortSignal,
  hash = createHash('sha256'),
): Promise<{ bytes: Uint8Array; sha256: string }> {
  const { handle, size } = await openFile(file)
  try {
    const bytes = await readBytes(handle, 0, size, { hash, signal })
    return { bytes, sha256: hash.copy().digest('hex') }
  } catch (error) {
    throw isSystemError(error) ? fileError('read', file, error) : error
  } finally {
    await handle.close()
  }
}

export function isSystemError(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number'
}

/** Adds a file's content to `hash`. @throws {TrtError} `TRT_ERR_FILE` */
export async function hashFile(hash: Hash, file: string, signal?: AbortSignal): Promise<void> {
  const { handle, size } = await openFile(file)
  try {
    const chunk = new Uint8Array(chunkBytes)
    for (let at = 0; at < size; ) {
      signal?.throwIfAborted()
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, at)
      if (bytesRead === 0) break
      hash.update(chunk.subarray(0, bytesRead))
      at += bytesRead
    }
  } catch (error) {
    throw isSystemError(error) ? fileError('read', file, error) : error
  } finally {
    await handle.close()
  }
}

/**
 * Writes a file so that others see the old one or the whole new one, whatever happens meanwhile, loss of power included:
 * into a temporary file beside it, synced, then renamed; then the directory is synced.
 *
 * @throws {TrtError} `TRT_ERR_FILE`; then nothing is left behind.
 */
export async function writeAtomically(file: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  const directory = path.dirname(path.resolve(file))
  const temporary = path.join(directory, `.${path.basename(file)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`)
  let handle: FileHandle | undefined
  try {
    handle = await open(temporary, 'wx')
    for await (const chunk of chunks) await handle.writeFile(chunk)
    await handle.sync()
    await handle.close()
    handle = undefined
    await rename(temporary, file)
    await syncDirectory(directory)
  } catch (error) {
    await handle?.close().catch(() => {})
    await unlink(temporary).catch(() => {})
    throw isSystemError(error) ? fileError('write', file, error) : error
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
