import { TrtError } from '../../core/errors.js'
import { invalid, received } from '../../core/options.js'

/**
 * The items of an iterable or async iterable until the signal aborts: then it ends at once, also while the source is waited for,
 * and the source is told to end.
 *
 * @param what Names the data in messages.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_ABORTED`; and what the source throws.
 */
export async function* iterate<T>(
  what: string,
  source: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  requireRunning(signal)
  const iterator = iteratorOf(what, source)
  const watch = new AbortWatch(signal)
  let open = true
  try {
    for (;;) {
      const result = await watch.race(Promise.resolve(iterator.next()))
      if (result.done === true) {
        open = false
        return
      }
      yield result.value
      requireRunning(signal)
    }
  } finally {
    watch.close()
    if (open) void end(iterator)
  }
}

/** @throws {TrtError} `TRT_ERR_ABORTED` */
export function requireRunning(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw aborted(signal)
}

function iteratorOf<T>(what: string, source: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  const { [Symbol.asyncIterator]: asynchronous, [Symbol.iterator]: synchronous } = Object(source) as Partial<AsyncIterable<T> & Iterable<T>>
  if (typeof source !== 'string' && !ArrayBuffer.isView(source)) {
    if (typeof asynchronous === 'function') return asynchronous.call(source)
    if (typeof synchronous === 'function') return synchronous.call(source)
  }
  const expected = 'an iterable or async iterable of samples: an array, a generator, images(folder) …'
  throw invalid(`Expected ${expected} for ${what} but received ${received(source)}.`, { name: what, received: received(source) })
}

/** Not to be waited for: a source that hangs would hang its end, too. */
async function end(iterator: Iterator<unknown> | AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.()
  } catch {
    // It was left for an error of its own or ours, which is the one to tell.
  }
}

/** One listener for all the promises that are waited for one after the other. */
class AbortWatch {
  #reject: ((error: TrtError) => void) | null = null

  constructor(private readonly signal: AbortSignal | undefined) {
    signal?.addEventListener('abort', this)
  }

  handleEvent(): void {
    this.#reject?.(aborted(this.signal!))
  }

  race<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject
      promise.then(resolve, reject)
    })
  }

  close(): void {
    this.signal?.removeEventListener('abort', this)
  }
}

function aborted(signal: AbortSignal): TrtError {
  return new TrtError('TRT_ERR_ABORTED', 'The calibration was aborted by its signal.', {}, { cause: signal.reason })
}
