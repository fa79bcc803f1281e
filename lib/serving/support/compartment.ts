import type { Abortable } from '../../core/abort-group.js'
import { TrtError } from '../../core/errors.js'
import type { RunOptions } from '../../core/runner.js'
import { listen, sourceOf, unlisten } from './abort.js'
import { abortedError } from './errors.js'
import type { Time } from './time.js'

export interface CompartmentStats {
  /** Runs now, and requests that wait. */
  active: number
  waiting: number
  /** The most that has been. */
  mostActive: number
  mostWaiting: number
  /** Found the queue full. */
  refused: number
  /** Their deadline passed while they waited. */
  expired: number
  /** Aborted while they waited. */
  aborted: number
}

interface Waiting extends Abortable {
  readonly priority: number
  admit(): void
}

/** How quickly the mean time of a run follows. */
const gain = 0.1

/** So many may be inside at once, and so many may wait for it. */
export class Compartment {
  readonly #name: string
  readonly #limit: number
  readonly #most: number
  readonly #time: Time
  readonly #queue: Waiting[] = []
  #active = 0
  #meanMs = 0
  readonly #counts = { mostActive: 0, mostWaiting: 0, refused: 0, expired: 0, aborted: 0 }

  constructor(name: string, { limit, queue }: { limit: number; queue: number }, time: Time) {
    this.#name = name
    this.#limit = limit
    this.#most = queue
    this.#time = time
  }

  stats(): CompartmentStats {
    return { active: this.#active, waiting: this.#queue.length, ...this.#counts }
  }

  /** @returns null: inside. A promise: inside when it resolves. @throws {TrtError} `TRT_ERR_OVERLOADED` */
  enter(options: RunOptions): Promise<void> | null {
    if (this.#active < this.#limit) {
      this.#begin()
      return null
    }
    if (this.#queue.length < this.#most) return this.#wait(options)
    this.#counts.refused++
    const retryAfter = (this.#meanMs * (this.#queue.length + 1)) / this.#limit
    const message = `${this.#limit} runs of class "${this.#name}" are under way and ${this.#most} wait, which is all that is allowed. Try again in ${retryAfter.toFixed(1)} ms, or raise limit or queue.`
    throw new TrtError('TRT_ERR_OVERLOADED', message, { class: this.#name, limit: this.#limit, queue: this.#most, retryAfter })
  }

  /** @param ms That the run took. */
  leave(ms: number): void {
    this.#meanMs += (this.#meanMs === 0 ? 1 : gain) * (Math.max(0, ms) - this.#meanMs)
    this.#active--
    this.#queue.shift()?.admit()
  }

  #begin(): void {
    this.#active++
    this.#counts.mostActive = Math.max(this.#counts.mostActive, this.#active)
  }

  #wait(options: RunOptions): Promise<void> {
    const source = sourceOf(options)
    const { deadline = Infinity, priority = 0 } = options
    return new Promise((resolve, reject) => {
      const end = () => {
        cancel()
        unlisten(source, waiting)
      }
      const drop = (error: TrtError) => {
        end()
        this.#queue.splice(this.#queue.indexOf(waiting), 1)
        reject(error)
      }
      const waiting: Waiting = {
        priority,
        admit: () => {
          end()
          this.#begin()
          resolve()
        },
        abort: () => {
          this.#counts.aborted++
          drop(abortedError(source!))
        },
      }
      const cancel = this.#time.ringAt(deadline, () => {
        this.#counts.expired++
        drop(expiredError(deadline, this.#time.now()))
      })
      listen(source, waiting)
      this.#insert(waiting)
    })
  }

  /** Behind all of the same priority. */
  #insert(waiting: Waiting): void {
    let low = 0
    let high = this.#queue.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#queue[middle]!.priority >= waiting.priority) low = middle + 1
      else high = middle
    }
    this.#queue.splice(low, 0, waiting)
    this.#counts.mostWaiting = Math.max(this.#counts.mostWaiting, this.#queue.length)
  }
}

function expiredError(deadline: number, now: number): TrtError {
  const message = 'The deadline passed while the request waited for others of its class to end. Nothing was computed.'
  return new TrtError('TRT_ERR_DEADLINE', message, { deadline, now })
}
