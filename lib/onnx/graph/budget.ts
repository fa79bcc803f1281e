import { malformed } from '../errors.js'

/** In units of at most 16 bytes of JavaScript memory: 256 MB. Numbers have the most room: forests of trees keep millions in attributes. */
const limit = 2 ** 24

/** What each part of a graph costs, in the same units. */
export const cost = { node: 64, attribute: 32, value: 32, name: 8, number: 1 } as const

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
    throw malformed(at, 'a graph of at most 200,000 nodes or so', 'a larger one', 'Tell us about the model if it is a real one.')
  }
}
