import { randomBytes } from 'node:crypto'
import { link, open, readFile, rename, stat, unlink, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

const heartbeatMs = 2_000
const staleMs = 20_000
const pollMs = 100

/** What a waiter can see of a lock. */
export interface LockSight {
  /** Since its owner's last sign of life. */
  readonly ageMs: number
  /** Null: the owner runs on another machine, so nobody here can tell. */
  readonly ownerAlive: boolean | null
}

/** Whether the owner is gone without having released the lock. */
export function isAbandoned({ ageMs, ownerAlive }: LockSight): boolean {
  return ownerAlive === false || ageMs > staleMs
}

/**
 * Runs `body` while holding the lock file: the work is then done by one process at a time. An owner that died is noticed.
 * This saves work and protects nothing: two owners at once, possible in rare races, only do the same work twice.
 */
export async function withLock<T>(file: string, signal: AbortSignal | undefined, body: () => Promise<T>): Promise<T> {
  const token = JSON.stringify({ pid: process.pid, host: hostname(), id: randomBytes(8).toString('hex') })
  while (!(await acquire(file, token))) {
    if (await breakIfAbandoned(file)) continue
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => {})
    signal?.throwIfAborted()
  }
  const heartbeat = setInterval(() => void touch(file), heartbeatMs)
  heartbeat.unref()
  try {
    return await body()
  } finally {
    clearInterval(heartbeat)
    if ((await content(file)) === token) await unlink(file).catch(() => {})
  }
}

/** The file appears with its content or not at all: a lock without an owner's name could never be judged. */
async function acquire(file: string, token: string): Promise<boolean> {
  const own = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  const handle = await open(own, 'wx')
  try {
    await handle.writeFile(token)
    await handle.close()
    await link(own, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await unlink(own).catch(() => {})
  }
}

async function breakIfAbandoned(file: string): Promise<boolean> {
  const text = await content(file)
  if (text === null) return true
  const sight = { ageMs: await age(file), ownerAlive: alive(text) }
  if (!isAbandoned(sight)) return false
  // Moved aside rather than removed: of several waiters only one does it.
  const aside = `${file}.${randomBytes(4).toString('hex')}.stale`
  await rename(file, aside).catch(() => {})
  await unlink(aside).catch(() => {})
  return true
}

async function content(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
}

async function age(file: string): Promise<number> {
  const info = await stat(file).catch(() => null)
  return info === null ? 0 : Date.now() - info.mtimeMs
}

async function touch(file: string): Promise<void> {
  const now = new Date()
  await utimes(file, now, now).catch(() => {})
}

function alive(token: string): boolean | null {
  try {
    const { pid, host } = JSON.parse(token) as { pid: number; host: string }
    if (host !== hostname() || !Number.isSafeInteger(pid)) return null
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? false : null
  }
}
