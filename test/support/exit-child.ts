import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { ways } from './endings.js'
import { tsWorker } from './ts-worker.js'

/** Arguments of the child, the way to end last; as a worker without it. */
export const exitArguments = (workerData as readonly string[] | null) ?? process.argv.slice(2)

/** For `catch`: prints the code. */
export function reportCode(error: unknown): void {
  process.stdout.write(`${(error as { code: string }).code} `)
}

/**
 * Gets into a state, prints `ready`, and ends in the way that the last argument names (endings.ts). For 'terminate' it is a worker
 * that gets into the state.
 *
 * @param url Of the file that calls it.
 */
export async function endIn(url: string, enter: () => Promise<void>): Promise<void> {
  const way = exitArguments.at(-1)!
  if (!isMainThread) {
    await enter()
    parentPort!.postMessage('ready', [])
  } else if (way === 'terminate') {
    const worker = tsWorker(url, exitArguments.slice(0, -1))
    await new Promise((resolve) => worker.once('message', resolve))
    console.log('ready')
    await worker.terminate()
    console.log('terminated')
  } else {
    await enter()
    console.log('ready')
    ways[way]!()
  }
}
