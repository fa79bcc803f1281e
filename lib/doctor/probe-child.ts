/**
 * The program of the process that a probe runs in: loads what may crash or hang, answers by one message, and ends.
 * Its only argument is a ProbeRequest as JSON.
 */
import { addonPath, loadAddon } from '../backend/addon.js'
import type { LibraryProbe } from '../backend/native.js'
import type { ProbeCalls } from './libraries.js'
import { messageOf } from './message.js'

export type ProbeRequest =
  /** `path`: this binary instead of the one that would be loaded. */
  | { kind: 'addon'; path?: string }
  | { kind: 'backend'; name: string; options: Readonly<Record<string, string>> }
  /** `preload`: loaded first, so that the library finds them by their sonames; what fails there shows later by itself. */
  | { kind: 'library'; name: string; calls: ProbeCalls; preload: readonly string[] }
  /** Several, until one loads. */
  | { kind: 'libraries'; names: readonly string[]; calls: ProbeCalls; preload: readonly string[] }

export interface AddonAnswer {
  path: string
  napiVersion: number
  buildInfo: string
  backends: { name: string; buildInfo: string }[]
}

export type ProbeAnswer<R extends ProbeRequest> = R extends { kind: 'addon' }
  ? AddonAnswer
  : R extends { kind: 'library' }
    ? LibraryProbe
    : R extends { kind: 'libraries' }
      ? readonly LibraryProbe[]
      : Readonly<Record<string, unknown>>

async function answer(request: ProbeRequest): Promise<ProbeAnswer<ProbeRequest>> {
  if (request.kind === 'addon') return describeAddon(request.path)
  if (request.kind === 'backend') return askBackend(request.name, request.options)
  const addon = loadAddon()
  for (const name of request.preload) addon.probeLibrary(name, {})
  if (request.kind === 'libraries') return untilLoaded(request.names, (name) => addon.probeLibrary(name, request.calls))
  return addon.probeLibrary(request.name, request.calls)
}

/** An answer for each that was tried. */
function untilLoaded(names: Iterable<string>, ask: (name: string) => LibraryProbe): LibraryProbe[] {
  const answers: LibraryProbe[] = []
  for (const name of names) {
    const answered = ask(name)
    answers.push(answered)
    if (answered.error === null) break
  }
  return answers
}

function describeAddon(path: string | undefined): AddonAnswer {
  if (path !== undefined) process.env['TENSORRT_NODE_ADDON'] = path
  const addon = loadAddon()
  const backends = addon.backends().map(({ name, buildInfo }) => ({ name, buildInfo }))
  return { path: addonPath(), napiVersion: addon.napiVersion, buildInfo: addon.buildInfo, backends }
}

async function askBackend(name: string, options: Readonly<Record<string, string>>): Promise<Readonly<Record<string, unknown>>> {
  const backend = loadAddon()
    .backends()
    .find((candidate) => candidate.name === name)
  if (backend === undefined) throw new Error(`this addon has no backend "${name}"`)
  return JSON.parse(await backend.probe(options).promise) as Record<string, unknown>
}

async function main(): Promise<void> {
  const request = JSON.parse(process.argv[2] ?? '') as ProbeRequest
  const message = await answer(request).then(
    (given) => ({ answer: given }),
    (error: unknown) => ({ error: messageOf(error) }),
  )
  // Without a wait the process may end, or be ended by the library's own exit handlers, before the message is out.
  process.send?.(message, () => process.disconnect())
}

await main()
