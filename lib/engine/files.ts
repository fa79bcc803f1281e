import { createHash, type Hash } from 'node:crypto'
import { chunkBytes, fileError, isSystemError, openFile, readBytes } from '../core/files.js'

export { fileError, isSystemError, openFile, readBytes, writeAtomically } from '../core/files.js'

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
