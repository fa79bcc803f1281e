import { spawn } from 'node:child_process'

export interface Ending {
  code: number | null
  signal: string | null
  /** From `ready` to the end of the process. */
  ms: number
  output: string
}

/** How each way must end: exit code or signal. */
export const endings: Readonly<Record<string, { code: number | null; signal: string | null }>> = {
  normal: { code: 0, signal: null },
  exit: { code: 7, signal: null },
  throw: { code: 1, signal: null },
  reject: { code: 1, signal: null },
  sigterm: { code: null, signal: 'SIGTERM' },
  sigint: { code: null, signal: 'SIGINT' },
  'handled-sigterm': { code: 8, signal: null },
  terminate: { code: 0, signal: null },
}

/** Starts `child`, a TypeScript file that prints `ready` when it is about to end, and waits for that end. */
export function end(child: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ending> {
  return new Promise((resolve) => {
    const started = spawn(process.execPath, ['--import', 'tsx', child, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    let output = ''
    let ready = 0
    const watchdog = setTimeout(() => started.kill('SIGKILL'), 60_000)
    const read = (chunk: Buffer) => {
      output += chunk
      if (ready === 0 && output.includes('ready')) ready = performance.now()
    }
    started.stdout.on('data', read)
    started.stderr.on('data', read)
    started.once('close', (code, signal) => {
      clearTimeout(watchdog)
      resolve({ code, signal, ms: performance.now() - ready, output })
    })
  })
}

/** The ways by the names above, for the child. */
export const ways: Readonly<Record<string, () => void>> = {
  normal: () => {},
  exit: () => process.exit(7),
  throw: () =>
    setImmediate(() => {
      throw new Error('on purpose')
    }),
  reject: () => void Promise.reject(new Error('on purpose')),
  sigterm: () => process.kill(process.pid, 'SIGTERM'),
  sigint: () => process.kill(process.pid, 'SIGINT'),
  'handled-sigterm': () => {
    setInterval(() => {}, 1000) // a listener alone keeps no process alive
    process.on('SIGTERM', () => process.exit(8))
    process.kill(process.pid, 'SIGTERM')
  },
}
