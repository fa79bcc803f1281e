import { createHash, type Hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { chunkBytes } from '../core/files.js'

/** Adds `bytes` to `hash`, in pieces between which the event loop turns. */
export async function hashInto(hash: Hash, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
    signal?.throwIfAborted()
    hash.update(bytes.subarray(at, at + chunkBytes))
    if (at + chunkBytes < bytes.byteLength) await setImmediate()
  }
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await hashInto(hash, bytes, signal)
  return hash.digest('hex')
}
