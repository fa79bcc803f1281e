import { type Choice, chooseBackend } from '../backend/registry.js'
import type { NativeEngine, NativeProfileRange } from '../backend/native.js'
import { typeFromNumber } from '../core/dtypes.js'
import { sha256 } from './checksum.js'
import { type BuildProgress, type LogEntry, type ResolvedBuildOptions, resolveBuildOptions, type BuildOptions } from './build-options.js'
import { cacheKey, throughCache } from './cache.js'
import { type EngineHeader, formatVersion } from './engine-header.js'
import type { EngineParts } from './engine-parts.js'
import type { Profiles } from './io-info.js'
import { type ModelInputSource, type ModelParts, type ModelSource, readModel, resolveModelParts } from './model-source.js'
import { packageId } from './package-info.js'
import { resolveProfiles } from './profiles.js'
import { ProgressReporter } from './progress.js'
import { finish, guardAbort } from './tasks.js'

const logLevels = ['error', 'warning', 'info', 'verbose'] as const

interface Job {
  readonly source: ModelSource
  readonly choice: Choice
  readonly profiles: Profiles
  /** What the backend's build is given. */
  readonly native: Readonly<Record<string, string>>
  readonly options: ResolvedBuildOptions
  readonly progress: ProgressReporter
}

/** Engine.build without the class: model to loaded engine. */
export async function buildEngine(model: ModelInputSource, given: BuildOptions | undefined): Promise<EngineParts> {
  const options = resolveBuildOptions(given)
  return buildFrom(resolveModelParts(model), options)
}

export function buildFrom(parts: ModelParts, options: ResolvedBuildOptions): Promise<EngineParts> {
  const stop = new CallbackGuard(options)
  return stop.rethrow(guardAbort('build', stop.signal, () => run(parts, stop.options)))
}

async function run(parts: ModelParts, options: ResolvedBuildOptions): Promise<EngineParts> {
  const { signal } = options
  const progress = new ProgressReporter(options.onProgress)
  progress.stage('read', 0)
  const custom = options.request.library !== undefined
  const source = await readModel(parts, !custom, signal)
  progress.stage('check', 0)
  const profiles = resolveProfiles(options.shapes, options.profiles, source.inputs)
  const choice = await chooseBackend(options.request)
  signal?.throwIfAborted()
  const job = { source, choice, profiles, native: nativeBuildOptions(choice, options), options, progress }
  return options.cacheDir === undefined ? uncached(job) : cached(job, options.cacheDir)
}

function nativeBuildOptions(choice: Choice, { precision, backendOptions }: ResolvedBuildOptions): Record<string, string> {
  const asIs = choice.name === 'cpu' && precision === 'as-is' ? { optimize: 'none' } : {}
  return { ...choice.options, ...asIs, ...backendOptions }
}

async function uncached(job: Job): Promise<EngineParts> {
  const { header, payload, native } = await make(job)
  job.progress.stage('store', 1)
  return { native, header, payload: { bytes: payload }, choice: job.choice, cache: 'off' }
}

async function cached(job: Job, directory: string): Promise<EngineParts> {
  const { choice, options, progress, source, profiles } = job
  const key = cacheKey({
    source: source.sha256,
    choice,
    buildInfo: choice.native.buildInfo,
    precision: options.precision,
    profiles,
    options: withoutPaths(choice, job.native),
  })
  let native: NativeEngine | undefined
  const { contents, file, hit } = await throughCache(
    directory,
    key,
    async () => {
      const made = await make(job)
      native = made.native
      return made
    },
    options.signal,
  ).catch((error: unknown) => {
    native?.close()
    throw error
  })
  const header = { ...contents.header, labels: options.labels }
  native ??= await load(choice, header, contents.payload, options)
  progress.stage('store', 1)
  return { native, header, payload: { file, offset: contents.payloadOffset }, choice, cache: hit ? 'hit' : 'miss' }
}

/** Where a library lies does not change what it builds; its version is in the key. */
function withoutPaths(choice: Choice, options: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !(name in choice.options)))
}

async function make(job: Job): Promise<{ header: EngineHeader; payload: Uint8Array; native: NativeEngine }> {
  const { source, choice, profiles, options, progress } = job
  progress.stage('backend', 0)
  const { onLog } = options
  const task = choice.native.build({
    model: source.bytes,
    modelPath: source.path,
    externals: source.externals,
    profiles: profiles.map(nativeProfile),
    options: job.native,
    onProgress: (phase, parent, step, steps) => progress.backend(phase, parent, step, steps),
    ...(onLog === undefined ? {} : { onLog: (level: number, text: string) => onLog({ level: logLevels[level] ?? 'verbose', text }) }),
  })
  const built = await finish(task, 'build', options.signal)
  const payload = new Uint8Array(built.payload)
  progress.stage('load', 0)
  const native = await load(choice, options, payload, options)
  try {
    return { header: await describe(job, native, payload, built.facts), payload, native }
  } catch (error) {
    native.close()
    throw error
  }
}

/** Loads a payload as its precision asks: what was built as it is must not be rewritten at load either. */
export function load(
  choice: Choice,
  { precision }: { readonly precision: string },
  payload: Uint8Array,
  options: { readonly signal: AbortSignal | undefined },
): Promise<NativeEngine> {
  const asIs = choice.name === 'cpu' && precision === 'as-is' ? { optimize: 'none' } : {}
  return finish(choice.native.load(payload, { ...choice.options, ...asIs }), 'loading of the engine', options.signal)
}

function nativeProfile(profile: Profiles[number]): NativeProfileRange[] {
  return Object.entries(profile).map(([input, { min, opt, max }]) => ({ input, isValues: false, min, opt, max }))
}

async function describe(job: Job, native: NativeEngine, payload: Uint8Array, facts: string): Promise<EngineHeader> {
  const { source, choice, profiles, options } = job
  const io = native.io().map(({ direction, name, type, dims, dimNames }) => ({
    direction,
    info: {
      name,
      type: typeFromNumber(type) ?? 'string',
      shape: dims,
      dimNames: dims === null ? [] : dims.map((_, i) => dimNames?.[i] ?? ''),
    },
  }))
  return {
    format: formatVersion,
    backend: choice.name,
    backendVersion: choice.version,
    precision: options.precision,
    inputs: io.filter(({ direction }) => direction === 'input').map(({ info }) => info),
    outputs: io.filter(({ direction }) => direction === 'output').map(({ info }) => info),
    profiles,
    source: { name: source.name, bytes: source.bytes.byteLength, sha256: source.sha256 },
    payload: { bytes: payload.byteLength, sha256: await sha256(payload, options.signal) },
    labels: options.labels,
    options: withoutPaths(choice, job.native),
    facts: JSON.parse(facts || '{}') as Record<string, unknown>,
    createdBy: { package: packageId, node: process.version, platform: `${process.platform}-${process.arch}` },
  }
}

/** A callback of the user that throws must fail the build, not the process: it is called from the native side. */
class CallbackGuard {
  readonly #controller = new AbortController()
  #thrown: { error: unknown } | null = null
  readonly signal: AbortSignal
  readonly options: ResolvedBuildOptions

  constructor(options: ResolvedBuildOptions) {
    const { onProgress, onLog } = options
    const own = this.#controller.signal
    this.signal = options.signal === undefined ? own : AbortSignal.any([options.signal, own])
    this.options = {
      ...options,
      signal: this.signal,
      onProgress: onProgress && ((progress: BuildProgress) => this.#call(() => onProgress(progress))),
      onLog: onLog && ((entry: LogEntry) => this.#call(() => onLog(entry))),
    }
  }

  #call(body: () => void): void {
    if (this.#thrown !== null) return
    try {
      body()
    } catch (error) {
      this.#thrown = { error }
      this.#controller.abort()
    }
  }

  async rethrow<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise
    } catch (error) {
      throw this.#thrown === null ? error : this.#thrown.error
    }
  }
}
