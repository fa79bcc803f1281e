import { randomBytes, type Hash } from 'node:crypto'
import { open, rename, unlink, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { TrtError } from './errors.js'

/** About 1 ms of hashing: what the event loop may be held for at a time. */
export const chunkBytes = 1 << 20

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
  /** Bytes to read at a time. Default: what hashing wants. */
  piece?: number
}

/** `length` bytes from `position` on. Fewer where the file ends before. In pieces: the event loop never waits for all. */
export async function readBytes(
  handle: FileHandle,
  position: number,
  length: number,
  { hash, signal, piece = chunkBytes }: ReadOptions = {},
): Promise<Uint8Array> {
  const bytes = allocate(length)
  let at = 0
  while (at < length) {
    signal?.throwIfAborted()
    const { bytesRead } = await handle.read(bytes, at, Math.min(piece, length - at), position + at)
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

export function isSystemError(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number'
}

export type Chunks = Uint8Array | readonly Uint8Array[]

/**
 * Writes a file so that others see the old one or the whole new one, whatever happens meanwhile, loss of power included:
 * into a temporary file beside it, synced, then renamed; then the directory is synced.
 *
 * @param chunks A list of many is written by few calls, without being joined.
 * @throws {TrtError} `TRT_ERR_FILE`; then nothing is left behind.
 */
export async function writeAtomically(file: string, chunks: AsyncIterable<Chunks> | Iterable<Chunks>): Promise<void> {
  const directory = path.dirname(path.resolve(file))
  const temporary = path.join(directory, `.${path.basename(file)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`)
  let handle: FileHandle | undefined
  try {
    handle = await open(temporary, 'wx')
    for await (const chunk of chunks) await writeChunk(handle, chunk)
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

/** Buffers that `writev` takes in one call: what Linux allows. */
const mostBuffers = 1024

async function writeChunk(handle: FileHandle, chunk: Chunks): Promise<void> {
  if (chunk instanceof Uint8Array) return handle.writeFile(chunk)
  for (let at = 0; at < chunk.length; at += mostBuffers) {
    const batch = chunk.slice(at, at + mostBuffers)
    let { bytesWritten } = await handle.writev(batch)
    // A call may stop anywhere, at 2 GiB for one: what is left goes piece by piece.
    for (const piece of batch) {
      if (bytesWritten < piece.length) await handle.writeFile(piece.subarray(bytesWritten))
      bytesWritten = Math.max(0, bytesWritten - piece.length)
    }
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
