import { type Clock, systemClock } from '../../core/clock.js'

/** The time that a measurement lives in. Tests give one that jumps. */
export interface Pacer extends Clock {
  /** Settles at `time` or shortly after, and never before the event loop had a turn: also when `time` has passed. */
  sleepUntil(time: number): Promise<void>
}

/**
 * Timers of one millisecond: a request is sent up to a millisecond or so late, which its latency contains and the report
 * shows. No CPU is burnt, so that the CPU per request is the runner's.
 */
export const timerPacer: Pacer = {
  now: () => systemClock.now(),
  sleepUntil: (time) =>
    new Promise((resolve) => {
      const left = time - systemClock.now()
      if (left > 0) setTimeout(resolve, Math.ceil(left))
      else setImmediate(resolve)
    }),
}

/** Turns of the event loop for the last two milliseconds: sent on time, at the price of a core. */
export const spinPacer: Pacer = {
  now: () => systemClock.now(),
  sleepUntil: (time) =>
    new Promise((resolve) => {
      const turn = () => {
        const left = time - systemClock.now()
        if (left <= 0) resolve()
        else if (left > 2) setTimeout(turn, Math.floor(left) - 1)
        else setImmediate(turn)
      }
      setImmediate(turn)
    }),
}
