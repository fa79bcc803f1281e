import { malformed } from '../errors.js'

/** In units of about 25 bytes of JavaScript memory: some 400 MB, a hundred times what the largest models need. */
const limit = 2 ** 24

/** What each part of a graph costs, in the same units. */
export const cost = { node: 16, attribute: 8, value: 8, name: 4, number: 1 } as const

/**
 * Bounds the memory of a graph that is being read: a hostile file can ask for an object of hundreds of bytes with two bytes
 * of its own.
 */
export class Budget {
  #left = limit

  /** @throws {TrtError} `TRT_ERR_MODEL`: the graph has more parts than any model. */
  spend(part: keyof typeof cost, at: number, count = 1): void {
    this.#left -= cost[part] * count
    if (this.#left >= 0) return
    throw malformed(at, 'a graph of at most a million nodes or so', 'a larger one', 'Tell us about the model if it is a real one.')
  }
}
