import { TrtError, type ErrorDetails } from './errors.js'

/** Why native code may not use this memory: each would let it change or vanish while a run reads it. */
function complaint(buffer: ArrayBufferLike): { is: string; remedy: string } | undefined {
  if (typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer) {
    return {
      is: 'is backed by a SharedArrayBuffer, which another thread may write meanwhile',
      remedy: 'Copy it (array.slice()), or use memory from session.alloc().',
    }
  }
  if ((buffer as ArrayBuffer & { resizable?: boolean }).resizable === true) {
    return {
      is: 'is backed by a resizable ArrayBuffer, which may shrink meanwhile',
      remedy: 'Copy it (array.slice()) into one of fixed size.',
    }
  }
  if (isDetached(buffer as ArrayBuffer)) {
    return {
      is: 'is detached: its memory was transferred, or came from session.alloc() of a session that has been closed',
      remedy: 'Keep a copy of what you transfer, and allocate anew from a session that is open.',
    }
  }
  return undefined
}

function isDetached(buffer: ArrayBuffer): boolean {
  const known = (buffer as ArrayBuffer & { detached?: boolean }).detached
  if (known !== undefined) return known
  if (buffer.byteLength !== 0) return false
  try {
    void new Uint8Array(buffer) // throws on a detached one; Node 20 has no other way to ask
    return false
  } catch {
    return true
  }
}

/** Whether native code may use this memory without further questions; detached buffers show in their length. */
export function isPlainBuffer(buffer: ArrayBufferLike): boolean {
  return buffer instanceof ArrayBuffer && (buffer as ArrayBuffer & { resizable?: boolean }).resizable !== true
}

/**
 * Refuses memory that may change or vanish while native code uses it.
 *
 * @param what Begins the message: `Input "x"`.
 * @throws {TrtError} `TRT_ERR_BUFFER`
 */
export function requireUsable(what: string, view: ArrayBufferView, details: ErrorDetails): void {
  const found = complaint(view.buffer)
  if (found !== undefined) throw new TrtError('TRT_ERR_BUFFER', `${what} ${found.is}. ${found.remedy}`, details)
}
