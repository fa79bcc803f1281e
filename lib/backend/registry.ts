import { TrtError } from '../core/errors.js'
import { loadAddon } from './addon.js'
import { findLibraries, type LibraryRequest } from './finders.js'
import type { NativeBackend } from './native.js'
import { answerOf } from './patience.js'
import { toTrtError } from './status.js'

/** What a backend says of itself and this machine: `probe` of native/include/backend.h. */
export interface ProbeReport {
  /** Whether it can run engines here. */
  readonly usable: boolean
  /** Whether it can build them, where that differs from `usable`: TensorRT-RTX builds without a GPU. */
  readonly canBuild?: boolean
  /** Why it cannot. */
  readonly buildReason?: string | null
  readonly reason: string | null
  readonly remedy: string | null
  readonly version: string | null
  readonly devices?: readonly Device[]
  readonly [fact: string]: unknown
}

/** A GPU; what else a backend tells of it is for people. */
export interface Device {
  readonly index?: number
  readonly [fact: string]: unknown
}

/** Why a backend that was considered is not used. */
export interface Refusal {
  readonly name: string
  readonly reason: string
  readonly remedy: string
}

export interface Choice {
  readonly native: NativeBackend
  readonly name: string
  readonly version: string | null
  /** Options that `build` and `load` of this backend need to find their libraries. */
  readonly options: Readonly<Record<string, string>>
  readonly reason: string
  readonly devices: readonly Device[]
  /** Those that 'auto' prefers and could not have. */
  readonly refused: readonly Refusal[]
  /** Null: it can run engines here. Else why it can only build them; never so for 'auto'. */
  readonly buildOnly: Refusal | null
}

export interface BackendRequest extends LibraryRequest {
  /** 'auto', or the name of a backend. */
  readonly wanted: string
  /** 'build': one that can build and not run will do, if it is asked for by name. Default 'run'. */
  readonly purpose?: 'build' | 'run'
  /** A shared library with a backend of its own: that one is used. */
  readonly library?: string | undefined
  /** Stops the question, which a driver that does not answer would keep for ever. */
  readonly signal?: AbortSignal | undefined
}

/** What 'auto' tries, best first. */
const preference = ['tensorrt', 'tensorrt-rtx', 'cpu']
const builderRemedy = 'Install the whole library, or build the engine elsewhere.'
const doctor = 'Run `npx tensorrt-node doctor`.'
const loaded = new Map<string, NativeBackend>()

/**
 * Loads a backend from a shared library (native/include/backend.h) and makes it known under its own name.
 *
 * @param path Absolute.
 * @throws {TrtError} `TRT_ERR_UNAVAILABLE`: cannot be loaded, or speaks another version of the contract.
 */
export function registerBackendLibrary(path: string): NativeBackend {
  const known = loaded.get(path)
  if (known !== undefined) return known
  try {
    const backend = loadAddon().loadBackend(path)
    loaded.set(path, backend)
    return backend
  } catch (error) {
    throw toTrtError(error, `The backend library "${path}" cannot be used`, { path })
  }
}

/**
 * The backend to use, and why. 'auto' takes the best that is usable here and tells why the better ones are not; a backend
 * asked for by name is never replaced by another.
 *
 * @throws {TrtError} `TRT_ERR_UNAVAILABLE`: none is usable; `details.refused` has the reason and the remedy for each.
 * @throws The reason of `request.signal`, at once: what was asked is left to itself.
 */
export async function chooseBackend(request: BackendRequest): Promise<Choice> {
  if (request.library !== undefined) {
    const native = registerBackendLibrary(request.library)
    return accept(await consider(native.name, native, request), `loaded from ${request.library}`, [])
  }
  const available = new Map([...loadAddon().backends(), ...loaded.values()].map((backend) => [backend.name, backend]))
  if (request.wanted !== 'auto') {
    return accept(await consider(request.wanted, available.get(request.wanted), request), 'asked for by name', [])
  }
  const refused: Refusal[] = []
  for (const name of preference) {
    // Whoever leaves the choice to us wants to run the engine here.
    const found = await consider(name, available.get(name), { ...request, purpose: 'run' })
    if ('native' in found) {
      const better = refused.map((each) => each.name).join(' and ')
      return accept(found, better === '' ? 'the best one, and usable here' : `the best one that is usable here: not ${better}`, refused)
    }
    refused.push(found)
  }
  const reasons = refused.map(({ name, reason }) => `${name}: ${reason}`).join('; ')
  const remedy = refused.at(-1)!.remedy
  throw new TrtError('TRT_ERR_UNAVAILABLE', `No backend can run here. ${reasons}. For the CPU: ${remedy}`, { refused })
}

type Considered = Refusal | Pick<Choice, 'native' | 'name' | 'version' | 'options' | 'devices' | 'buildOnly'>

/** Whether a backend can be used: it is part of this build, finds its libraries, and says so itself. */
async function consider(name: string, native: NativeBackend | undefined, request: BackendRequest): Promise<Considered> {
  if (native === undefined) {
    const parts = loadAddon()
      .backends()
      .map((backend) => backend.name)
      .join(', ')
    return {
      name,
      reason: `not part of this build of tensorrt-node, which has: ${parts}`,
      remedy: 'Update tensorrt-node, or use a backend that this build has.',
    }
  }
  try {
    const { options, where } = findLibraries(name, request)
    const report = JSON.parse(await answerOf(name, native.probe(options), request.signal)) as ProbeReport
    const from = where === null ? '' : `${where}: `
    const refusal = { name, reason: `${from}${report.reason ?? 'not usable here'}`, remedy: report.remedy ?? doctor }
    const accepted = { native, name, version: report.version, devices: report.devices ?? [], options }
    if (request.purpose !== 'build') return report.usable ? { ...accepted, buildOnly: null } : refusal
    if (report.canBuild ?? report.usable) return { ...accepted, buildOnly: report.usable ? null : refusal }
    return report.usable ? { name, reason: report.buildReason ?? 'it runs engines only', remedy: builderRemedy } : refusal
  } catch (thrown) {
    request.signal?.throwIfAborted()
    const error = toTrtError(thrown)
    if (!(error instanceof TrtError) || error.code !== 'TRT_ERR_UNAVAILABLE') throw error
    return {
      name,
      reason: error.message.slice(`${error.code}: `.length),
      remedy: String(error.details['remedy'] ?? doctor),
    }
  }
}

function accept(found: Considered, reason: string, refused: readonly Refusal[]): Choice {
  if ('native' in found) return { ...found, reason, refused }
  const message = `The backend '${found.name}' cannot run here: ${withoutStop(found.reason)}. ${found.remedy}`
  throw new TrtError('TRT_ERR_UNAVAILABLE', message, { refused: [found] })
}

const withoutStop = (text: string) => text.replace(/\.$/, '')
