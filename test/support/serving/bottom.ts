import { TrtError } from '../../../lib/core/errors.js'
import type { Runner, RunOptions } from '../../../lib/core/runner.js'
import type { VirtualTime } from '../virtual-time.js'

/** How a run ends, unless it is aborted before. */
export interface Ending {
  readonly ms: number
  /** Fails with it; default: answers with its inputs. */
  readonly error?: Error
  /** Does not hear its signal. */
  readonly deaf?: boolean
}

export interface BottomCall {
  readonly inputs: number
  readonly options: RunOptions
  readonly began: number
  ended: 'running' | 'answered' | 'failed' | 'aborted'
  endedAt: number
}

/** The runner below all wrappers: answers a number with itself, when and how the test says. */
export class Bottom implements Runner<number, number> {
  readonly calls: BottomCall[] = []
  running = 0
  mostRunning = 0
  readonly #time: VirtualTime
  readonly #endingOf: (call: number) => Ending

  constructor(time: VirtualTime, endingOf: (call: number) => Ending) {
    this.#time = time
    this.#endingOf = endingOf
  }

  run(inputs: number, options: RunOptions = {}): Promise<number> {
    const { ms, error, deaf = false } = this.#endingOf(this.calls.length)
    const call: BottomCall = { inputs, options, began: this.#time.now(), ended: 'running', endedAt: Number.NaN }
    this.calls.push(call)
    this.mostRunning = Math.max(this.mostRunning, ++this.running)
    return new Promise((resolve, reject) => {
      const end = (ended: BottomCall['ended']) => {
        this.running--
        this.#time.clearTimeout(timer)
        Object.assign(call, { ended, endedAt: this.#time.now() })
      }
      const timer = this.#time.setTimeout(() => {
        end(error === undefined ? 'answered' : 'failed')
        if (error === undefined) resolve(inputs)
        else reject(error)
      }, ms)
      const abort = () => {
        if (call.ended !== 'running') return
        end('aborted')
        reject(new TrtError('TRT_ERR_ABORTED', 'below', {}, { cause: options.signal!.reason }))
      }
      if (deaf) return
      if (options.signal?.aborted === true) abort()
      options.signal?.addEventListener('abort', abort, { once: true })
    })
  }
}

/** Time for the wrappers, and the options with which they are told of it. */
export const timed = (time: VirtualTime) => ({ clock: time, timers: time })

/** The code of the error that work ends with; what it is otherwise. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work
  } catch (error) {
    return (error as { code?: unknown }).code ?? error
  }
}
