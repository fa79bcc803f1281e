import { TrtError } from '../core/errors.js'
import type { NativeTask } from './native.js'

/** Milliseconds that a backend on a GPU may take to say whether it can be used; 0: for ever. */
export const patienceVariable = 'TENSORRT_NODE_PROBE_TIMEOUT'
/** A driver that wakes eight GPUs takes some 20 s. */
const usualMs = 60_000
/** For a driver that did not answer before: CUDA is asked once for a process, and whoever asks again waits for the same answer. */
const impatientMs = 500

let gaveUp = false

/**
 * What a backend says of this machine. Nothing can stop a driver that does not answer: its thread is left to itself.
 *
 * @throws {TrtError} By rejecting. `TRT_ERR_UNAVAILABLE`: no answer in time. `TRT_ERR_INVALID_ARGUMENT`: the variable is no time.
 * @throws What the task rejects with; at once when `signal` says so.
 */
export async function answerOf(name: string, task: NativeTask<string>, signal: AbortSignal | undefined): Promise<string> {
  const cancel = () => task.cancel()
  // The others ask no driver.
  const limitMs = name.startsWith('tensorrt') ? limit() : Infinity
  let late = false
  const expire = () => {
    late = true
    cancel()
  }
  const timer = limitMs === Infinity ? undefined : setTimeout(expire, limitMs)
  signal?.addEventListener('abort', cancel)
  if (signal?.aborted === true) cancel()
  try {
    const text = await task.promise
    gaveUp = false
    return text
  } catch (error) {
    if (!late || signal?.aborted === true) throw error
    gaveUp = true
    throw noAnswer(limitMs)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', cancel)
  }
}

function limit(): number {
  const text = process.env[patienceVariable]
  const given = text === undefined || text === '' ? usualMs : Number(text)
  if (!Number.isInteger(given) || given < 0 || given > 2 ** 31 - 1) {
    const message = `Expected whole milliseconds, or 0 for no limit, for the environment variable ${patienceVariable} but received "${text}".`
    throw new TrtError('TRT_ERR_INVALID_ARGUMENT', message, { variable: patienceVariable, received: text })
  }
  if (given === 0) return Infinity
  return gaveUp ? Math.min(given, impatientMs) : given
}

function noAnswer(limitMs: number): TrtError {
  const remedy = `Look at nvidia-smi, which will hang too, and into the kernel's log (dmesg) for a GPU that fell off the bus; restart the machine or the container. If the driver is only slow, set ${patienceVariable} to more milliseconds.`
  const message = `the NVIDIA driver does not answer: no answer within ${limitMs / 1000} s`
  return new TrtError('TRT_ERR_UNAVAILABLE', message, { limitMs, remedy })
}
