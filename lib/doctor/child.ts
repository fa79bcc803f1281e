import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ProbeAnswer, ProbeRequest } from './probe-child.js'

/** What came of a probe. `error` says why there is no answer: it crashed, hung, or threw. */
export type ProbeOutcome<T> = { answer: T; error: null } | { answer: null; error: string }

// From the sources this module is TypeScript, and the child needs the loader that the parent has.
const fromSources = import.meta.url.endsWith('.ts')
const childModule = new URL(fromSources ? './probe-child.ts' : './probe-child.js', import.meta.url)
const execArgv = fromSources ? ['--import', import.meta.resolve('tsx')] : []
const KEPT_STDERR = 2000

/**
 * Asks in a process of its own, since to load a foreign library may crash or hang the process that does.
 *
 * @param timeoutMs After this the child is killed and the outcome says so.
 */
export function probe<R extends ProbeRequest>(request: R, timeoutMs: number, signal?: AbortSignal): Promise<ProbeOutcome<ProbeAnswer<R>>> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(childModule), [JSON.stringify(request)], { execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let stderr = ''
    let reason: string | undefined
    let answer: { answer?: ProbeAnswer<R>; error?: string } | undefined
    const kill = (why: string) => {
      reason ??= why
      child.kill('SIGKILL')
    }
    const timer = setTimeout(() => kill(`no answer within ${timeoutMs / 1000} s`), timeoutMs)
    const onAbort = () => kill('stopped')
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
    child.stderr?.on('data', (chunk) => (stderr = (stderr + String(chunk)).slice(-KEPT_STDERR)))
    child.on('message', (message) => (answer = message as typeof answer))
    child.on('error', (error) => (reason ??= error.message))
    child.on('close', (code, by) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      if (answer?.answer !== undefined) resolve({ answer: answer.answer, error: null })
      else resolve({ answer: null, error: reason ?? answer?.error ?? describeEnd(code, by, stderr) })
    })
  })
}

function describeEnd(code: number | null, by: NodeJS.Signals | null, stderr: string): string {
  const last = stderr.trim().split('\n').at(-1)
  const how = by === null ? `the probe ended with exit code ${code}` : `the probe was ended by ${by}`
  return last ? `${how}: ${last}` : how
}

/** Runs `work` over `items`, at most `limit` at once; results in the order of the items. */
export async function mapLimited<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index] as T)
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results
}
