import { fork, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NativeBuildRequest } from '../../backend/native.js'
import { cancelledStatus, errorFrom } from '../../backend/status.js'
import { TrtError } from '../../core/errors.js'
import { readWhole } from '../files.js'
import { crashError } from './crash.js'
import type { FromChild, IsolatedRequest, ToChild } from './protocol.js'

// From the sources this module is TypeScript, and the child needs the loader that the parent has.
const fromSources = import.meta.url.endsWith('.ts')
const childModule = fileURLToPath(new URL(fromSources ? './child.ts' : './child.js', import.meta.url))
const execArgv = fromSources ? ['--import', import.meta.resolve('tsx')] : []

/** A builder looks for a wish to stop between its steps; the longest of them takes seconds. */
const graceMs = 3_000
const keptLines = 20
const keptStderr = 4_000
const levels = { info: 2, all: 3 } as const

export interface IsolatedBuild {
  readonly backend: IsolatedRequest['backend']
  readonly request: NativeBuildRequest
  readonly signal: AbortSignal | undefined
}

/**
 * `NativeBackend.build` in a process of its own: a model that crashes NVIDIA's parser or optimizer ends that process, and is an
 * error here.
 *
 * @throws {TrtError} By rejecting: as the backend, and `TRT_ERR_MODEL` where the builder crashed.
 */
export async function buildIsolated({ backend, request, signal }: IsolatedBuild): Promise<{ payload: Uint8Array; facts: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tensorrt-node-build-'))
  try {
    const payload = path.join(folder, 'payload')
    const { model, externals } = await writeInputs(request, folder)
    signal?.throwIfAborted()
    const facts = await new Conversation(request, signal).hold({
      backend,
      model,
      modelPath: request.modelPath,
      externals,
      profiles: request.profiles,
      options: request.options,
      payload,
      folder,
      logLevel: request.onLog === undefined ? levels.info : levels.all,
    })
    return { payload: (await readWhole(payload, signal)).bytes, facts }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What the child reads: the model where it lies, and files for what was given as bytes. */
async function writeInputs(request: NativeBuildRequest, folder: string): Promise<Pick<IsolatedRequest, 'model' | 'externals'>> {
  const model = request.modelPath ?? path.join(folder, 'model')
  if (request.modelPath === null && request.model !== null) await writeFile(model, request.model)
  const externals = await Promise.all(
    request.externals.map(async ({ location, data }, i) => {
      const file = path.join(folder, `external-${i}`)
      await writeFile(file, data)
      return { location, file }
    }),
  )
  return { model, externals }
}

/** One child from its start to its end. */
class Conversation {
  readonly #request: NativeBuildRequest
  readonly #signal: AbortSignal | undefined
  readonly #lines: string[] = []
  #stderr = ''
  #phase: string | null = null
  #outcome: Extract<FromChild, { kind: 'built' | 'failed' }> | null = null
  #failure: Error | null = null

  constructor(request: NativeBuildRequest, signal: AbortSignal | undefined) {
    this.#request = request
    this.#signal = signal
  }

  /** Settles when the process is gone. @returns the facts */
  async hold(request: IsolatedRequest): Promise<string> {
    const child = fork(childModule, [], { execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    const stop = this.#stopper(child)
    this.#signal?.addEventListener('abort', stop.ask, { once: true })
    try {
      const ended = this.#listen(child)
      send(child, { kind: 'build', request })
      if (this.#signal?.aborted === true) stop.ask()
      const { code, signal } = await ended
      return this.#conclude(code, signal)
    } finally {
      stop.clear()
      this.#signal?.removeEventListener('abort', stop.ask)
    }
  }

  #listen(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return new Promise((resolve) => {
      child.stderr?.on('data', (chunk) => (this.#stderr = (this.#stderr + String(chunk)).slice(-keptStderr)))
      child.on('message', (message: FromChild) => this.#hear(child, message))
      child.on('error', (error) => (this.#failure ??= error))
      child.on('close', (code, signal) => resolve({ code, signal }))
    })
  }

  #hear(child: ChildProcess, message: FromChild): void {
    if (message.kind === 'progress') {
      this.#phase = message.phase
      this.#request.onProgress?.(message.phase, message.parent, message.step, message.steps)
    } else if (message.kind === 'log') {
      this.#lines.push(message.text)
      if (this.#lines.length > keptLines) this.#lines.shift()
      this.#request.onLog?.(message.level, message.text)
    } else {
      this.#outcome = message
      // Its work is done; the destructors of NVIDIA's libraries have nothing to give us but crashes.
      child.kill('SIGKILL')
    }
  }

  #stopper(child: ChildProcess): { ask: () => void; clear: () => void } {
    let timer: NodeJS.Timeout | undefined
    const ask = () => {
      send(child, { kind: 'cancel' })
      timer ??= setTimeout(() => child.kill('SIGKILL'), graceMs)
    }
    return { ask, clear: () => clearTimeout(timer) }
  }

  #conclude(code: number | null, signal: NodeJS.Signals | null): string {
    const outcome = this.#outcome
    if (outcome?.kind === 'built') return outcome.facts
    if (outcome?.kind === 'failed' && outcome.status !== null) throw errorFrom(outcome.status, outcome.message)
    if (this.#signal?.aborted === true) throw errorFrom(cancelledStatus, 'the build was stopped')
    if (this.#failure !== null || outcome !== null) {
      const reason = outcome?.message ?? this.#failure?.message
      throw new TrtError('TRT_ERR_INTERNAL', `The process that builds failed: ${reason}.`, {}, { cause: this.#failure ?? undefined })
    }
    throw crashError({ code, signal, phase: this.#phase, log: this.#lines, stderr: this.#stderr })
  }
}

/** To a child that may be gone: then its end is the answer. */
function send(child: ChildProcess, message: ToChild): void {
  if (child.connected) child.send(message, () => {})
}
