import { loadAddon } from '../../lib/backend/addon.js'
import { type Attachments, begin, reportHead, reserveChannel, scratchAs, startRequest } from '../../lib/backend/completions.js'
import type { NativeBackend, NativeEngine, NativeSession } from '../../lib/backend/native.js'
import { type ScriptedCounters, scriptedLibrary, scriptedModel } from './scripted.js'

/** What came of one run on the native surface. */
export interface Settled {
  status: number
  message: string | null
  buffers: (ArrayBuffer | null)[] | null
  record: number[]
}

export function scriptedBackend(): NativeBackend {
  return loadAddon().loadBackend(scriptedLibrary)
}

/** An engine x → y, float32 [N, 4], of the scripted backend. */
export function scriptedEngine(options: Record<string, string> = {}): Promise<NativeEngine> {
  reserveChannel(1, 1)
  return scriptedBackend().load(scriptedModel(), options).promise
}

/** One report as `NativeChannel.report` has it, read into an object. */
function readReport(report: Float64Array, at: number, attachments: Attachments): { settled: Settled; end: number } {
  const head = [...report.subarray(at, (at += reportHead))]
  const status = head[1] as number
  const settled: Settled = { status, message: null, buffers: null, record: head.slice(2, 8) }
  const outputs = head[8] as number
  if (status !== 0) return { settled: { ...settled, message: attachments?.[outputs] as string }, end: at }
  for (let i = 0; i < outputs; i++) {
    const rank = report[at] as number
    settled.record.push(...report.subarray(at, at + 1 + rank))
    const place = report[at + 1 + rank] as number
    at += 2 + rank
    if (place === -1) continue
    const bytes = 4 * settled.record.slice(-rank).reduce((size, dim) => size * dim, 1)
    settled.buffers ??= []
    settled.buffers[i] = place < 0 ? (attachments?.[-2 - place] as ArrayBuffer) : scratchAs('uint8').slice(place, place + bytes).buffer
  }
  return { settled, end: at }
}

/** Writes a request and submits it: the native surface as it is, with nothing checked. */
export function submitRaw(session: NativeSession, request: readonly number[], ...views: readonly unknown[]): void {
  startRequest().set(request)
  session.submit(...(views as readonly ArrayBufferView[]))
}

/** Submits one row through the native surface; the promise fulfils whatever came of it. */
export function submitRow(
  session: NativeSession,
  x: Float32Array,
  y: Float32Array | null = null,
  budgetNs = 0,
): { id: number; settled: Promise<Settled> } {
  let id = -1
  const settled = new Promise<Settled>((resolve) => {
    id = begin({
      settle: (...told) => {
        const { settled, end } = readReport(...told)
        resolve(settled)
        return end
      },
    })
  })
  submitRaw(session, [id, -1, budgetNs, 1, 1, 2, x.length / 4, 4, 0, -1], x, y)
  return { id, settled }
}

export async function counters(owner: NativeEngine | NativeSession): Promise<ScriptedCounters> {
  return JSON.parse(await owner.control('counters', null).promise) as ScriptedCounters
}

async function collect(): Promise<void> {
  ;(globalThis as { gc?: () => void }).gc?.()
  await new Promise((resolve) => setImmediate(resolve))
}

/** Lets every finalizer run: they do in later turns of the event loop. */
export async function collectAll(): Promise<void> {
  for (let round = 0; round < 20; round++) await collect()
}

/** Milliseconds after which what has not happened will not. */
const patience = 10_000

/** Collects garbage until `done`; what is collected is freed by the reaper's thread, as soon as a busy machine lets it. */
export async function collectUntil(done: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const end = performance.now() + patience; performance.now() < end; ) {
    await collect()
    if (await done()) return true
  }
  return false
}
