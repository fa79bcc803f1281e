import { Worker } from 'node:worker_threads'

/** A worker from a TypeScript file: tsx registers itself in the main thread only. */
export function tsWorker(file: string, workerData: unknown): Worker {
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(file)}) })`
  return new Worker(start, { eval: true, workerData })
}
