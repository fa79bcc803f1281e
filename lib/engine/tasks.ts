import type { NativeTask } from '../backend/native.js'
import { toTrtError } from '../backend/status.js'
import { isTrtError, TrtError } from '../core/errors.js'

/** The error for work that its caller's signal stopped; the signal's reason is its cause. */
export function aborted(what: string, signal: AbortSignal): TrtError {
  return new TrtError('TRT_ERR_ABORTED', `The ${what} was aborted by its signal.`, {}, { cause: signal.reason })
}

/** Waits for a long native call; `signal` asks it to stop. Settles only when the native side has let go. */
export async function finish<T>(task: NativeTask<T>, what: string, signal: AbortSignal | undefined): Promise<T> {
  const cancel = () => task.cancel()
  signal?.addEventListener('abort', cancel)
  if (signal?.aborted === true) cancel()
  try {
    return await task.promise
  } catch (thrown) {
    const error = toTrtError(thrown)
    const byCaller = stopped(signal) && isTrtError(error) && error.code === 'TRT_ERR_ABORTED'
    throw byCaller ? aborted(what, signal!) : error
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

/** What `throwIfAborted` threw on the way becomes the error of the whole. */
export async function guardAbort<T>(what: string, signal: AbortSignal | undefined, body: () => Promise<T>): Promise<T> {
  if (stopped(signal)) throw aborted(what, signal!)
  try {
    return await body()
  } catch (error) {
    throw stopped(signal) && error === signal!.reason ? aborted(what, signal!) : error
  }
}

// A function, because the type checker takes `aborted` for constant across an await.
const stopped = (signal: AbortSignal | undefined): boolean => signal?.aborted === true
