import { readdirSync, readFileSync } from 'node:fs'

/** How the threads of native/tensorrt/run are called. */
const ours = /^trt-/

/**
 * Microseconds of CPU that our native threads have used so far, from the kernel's accounting of each thread. What the
 * simulator does inside of our calls is in it: with zero latency it does all of its work there.
 */
export function nativeCpu(): number {
  let nanoseconds = 0
  for (const id of readdirSync('/proc/self/task')) {
    const folder = `/proc/self/task/${id}`
    if (!ours.test(readFileSync(`${folder}/comm`, 'utf8'))) continue
    nanoseconds += Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0])
  }
  return nanoseconds / 1000
}
