/** How something waits. Tests inject their own, and never sleep. */
export interface Timers {
  setTimeout(callback: () => void, ms: number): unknown
  clearTimeout(handle: unknown): void
  /** After what the event loop has already at hand: requests of the same turn share a batch. */
  setImmediate(callback: () => void): unknown
}

export const systemTimers: Timers = {
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
  setImmediate: (callback) => setImmediate(callback),
}

/** What setTimeout can wait for at most; beyond it would fire at once. */
export const longestTimeout = 2 ** 31 - 1
