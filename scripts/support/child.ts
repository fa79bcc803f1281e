import { type ChildProcess, spawn } from 'node:child_process'

export interface ChildResult {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  timedOut: boolean
  elapsedMs: number
}

export interface ChildOptions {
  cwd: string
  env?: NodeJS.ProcessEnv
  timeoutMs?: number
}

const running = new Set<ChildProcess>()

/** Runs a program in a process group of its own; at the time limit, and once it has ended, the whole group is killed. */
export function runChild(command: string, args: readonly string[], options: ChildOptions): Promise<ChildResult> {
  const begun = performance.now()
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const out: Buffer[] = []
  const err: Buffer[] = []
  let timedOut = false
  const expire = () => {
    timedOut = true
    killGroup(child)
  }
  const timer = options.timeoutMs === undefined ? undefined : setTimeout(expire, options.timeoutMs)
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  // Grandchildren may hold the pipes open for ever: end them with the program itself.
  child.on('exit', () => killGroup(child))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      running.delete(child)
      const [stdout, stderr] = [out, err].map((chunks) => Buffer.concat(chunks).toString('utf8')) as [string, string]
      resolve({ code, signal, stdout, stderr, timedOut, elapsedMs: performance.now() - begun })
    })
  })
}

/** Ends every child and its group: for a runner that is itself interrupted. */
export function killChildren(): void {
  for (const child of running) killGroup(child)
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // ESRCH: the group is gone already, which is what we want.
  }
}
