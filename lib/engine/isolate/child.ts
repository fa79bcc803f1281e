/**
 * The program of the process that a build runs in. Its parent asks by message and gets progress, log lines and one outcome; the
 * engine's bytes go into a file. It ends with its parent, whatever becomes of that.
 */
import { rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { loadAddon } from '../../backend/addon.js'
import type { NativeBackend, NativeError } from '../../backend/native.js'
import { registerBackendLibrary } from '../../backend/registry.js'
import type { FromChild, IsolatedRequest, ToChild } from './protocol.js'

let folder: string | null = null
let cancel: () => void = () => {}
let cancelled = false

const tell = (message: FromChild) => void process.send?.(message)

function backendOf({ backend }: IsolatedRequest): NativeBackend {
  if ('library' in backend) return registerBackendLibrary(backend.library)
  const found = loadAddon()
    .backends()
    .find(({ name }) => name === backend.name)
  if (found === undefined) throw new Error(`this addon has no backend "${backend.name}"`)
  return found
}

async function build(request: IsolatedRequest): Promise<string> {
  folder = request.folder
  const backend = backendOf(request)
  const model = await readFile(request.model)
  const externals = await Promise.all(request.externals.map(async ({ location, file }) => ({ location, data: await readFile(file) })))
  const task = backend.build({
    model,
    modelPath: request.modelPath,
    externals,
    profiles: request.profiles,
    options: request.options,
    onProgress: (phase, parent, step, steps) => tell({ kind: 'progress', phase, parent, step, steps }),
    onLog: (level, text) => level <= request.logLevel && tell({ kind: 'log', level, text }),
  })
  cancel = () => task.cancel()
  if (cancelled) cancel()
  const { payload, facts } = await task.promise
  await writeFile(request.payload, new Uint8Array(payload))
  return facts
}

async function answer(request: IsolatedRequest): Promise<void> {
  try {
    tell({ kind: 'built', facts: await build(request) })
  } catch (error) {
    const status = (error as Partial<NativeError>).status
    tell({ kind: 'failed', status: typeof status === 'number' ? status : null, message: (error as Error).message })
  }
}

process.on('message', (message: ToChild) => {
  if (message.kind === 'build') return void answer(message.request)
  cancelled = true
  cancel()
})

// Ctrl-C reaches every process of the terminal: the parent hears it too, and decides.
process.on('SIGINT', () => {})

// Without a parent nobody waits for the engine, and a builder cannot be stopped at once in any other way.
process.on('disconnect', () => {
  if (folder !== null) rmSync(folder, { recursive: true, force: true })
  process.kill(process.pid, 'SIGKILL')
})
