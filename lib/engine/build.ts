import { type Choice, chooseBackend } from '../backend/registry.js'
import type { NativeEngine } from '../backend/native.js'
import { TrtError } from '../core/errors.js'
import { buildNative, type NativeBuild } from './build-native.js'
import {
  type BuildOptions,
  type BuildProgress,
  type LogEntry,
  type ResolvedBuildOptions,
  type ResolvedLoadOptions,
  resolveBuildOptions,
} from './build-options.js'
import { describe, withoutPaths } from './built-header.js'
import { cacheKey, throughCache } from './cache.js'
import type { EngineHeader } from './engine-header.js'
import type { EngineParts } from './engine-parts.js'
import { type ModelInputSource, type ModelParts, readModel, resolveModelParts } from './model-source.js'
import { precisionKey, prepare } from './precision/prepare.js'
import { batchShapes, resolveProfiles } from './profiles.js'
import { ProgressReporter } from './progress.js'
import { finish, guardAbort } from './tasks.js'
import { isTensorRt, requireBuildable, requireFor, sameOutcome, warningsOf } from './tensorrt/check-options.js'

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
  const shapes = options.batch === undefined ? options.shapes : batchShapes(options.batch, source.inputs)
  const profiles = resolveProfiles(shapes, options.profiles, source.inputs)
  const choice = await chooseBackend({ ...options.request, purpose: 'build', signal })
  signal?.throwIfAborted()
  checkTensorRt(choice, options)
  const job = { source, model: source, choice, profiles, native: nativeBuildOptions(choice, options), options, progress }
  return options.cacheDir === undefined ? uncached(job) : cached(job, options.cacheDir)
}

function checkTensorRt(choice: Choice, { request, tensorrt, tensorrtBuild, onLog }: ResolvedBuildOptions): void {
  const given = { ...tensorrt, ...tensorrtBuild }
  if (isTensorRt(choice.name)) {
    requireFor(choice.name, given)
    requireBuildable(given, choice.buildOnly)
    for (const text of warningsOf(given)) onLog?.({ level: 'warning', text })
    return
  }
  // 'auto' may have had good reasons to pass TensorRT over; its options are then for another machine.
  if (!request.named || Object.keys(given).length === 0) return
  const message = `The options under tensorrt are for TensorRT and TensorRT-RTX, and the backend here is '${choice.name}'. Leave them out.`
  throw new TrtError('TRT_ERR_INVALID_ARGUMENT', message, { options: Object.keys(given), backend: choice.name })
}

function nativeBuildOptions(choice: Choice, options: ResolvedBuildOptions): Record<string, string> {
  const { precision, backendOptions, tensorrtBuild, logLevel } = options
  const asIs = choice.name === 'cpu' && precision.precision === 'as-is' ? { optimize: 'none' } : {}
  const own = isTensorRt(choice.name) ? { ...tensorrtBuild, ...(logLevel === 'info' ? {} : { logLevel }) } : {}
  return { ...choice.options, ...asIs, ...own, ...backendOptions }
}

async function uncached(job: NativeBuild): Promise<EngineParts> {
  const { header, payload, native } = await make(job)
  job.progress.stage('store', 1)
  return { native, header, payload: { bytes: payload }, choice: job.choice, cache: 'off' }
}

async function cached(job: NativeBuild, directory: string): Promise<EngineParts> {
  const { choice, options, progress } = job
  let native: NativeEngine | null = null
  const { contents, file, hit } = await throughCache(
    directory,
    await keyOf(job),
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
  if (choice.buildOnly === null) native ??= await load(choice, header, contents.payload, options)
  progress.stage('store', 1)
  return { native, header, payload: { file, offset: contents.payloadOffset }, choice, cache: hit ? 'hit' : 'miss' }
}

async function keyOf(job: NativeBuild): Promise<string> {
  const { choice, source, profiles } = job
  const deciding = Object.entries(withoutPaths(job)).filter(([key]) => !isTensorRt(choice.name) || !sameOutcome.has(key))
  return cacheKey({
    source: source.sha256,
    choice: { name: choice.name, version: choice.version, target: targetOf(job) },
    buildInfo: choice.native.buildInfo,
    precision: await precisionKey(job),
    profiles,
    options: Object.fromEntries(deciding.filter(([key]) => key !== 'logLevel')),
  })
}

/** TensorRT builds for the GPU that is there; TensorRT-RTX for those that it is told, which the options say. */
function targetOf({ choice, native }: NativeBuild): string | null {
  if (choice.name !== 'tensorrt') return null
  const wanted = Number(native['device'] ?? 0)
  const device = choice.devices.find(({ index }, at) => (index ?? at) === wanted)
  return device === undefined ? null : `${String(device['name'])} ${String(device['computeCapability'])}`
}

async function make(job: NativeBuild): Promise<{ header: EngineHeader; payload: Uint8Array; native: NativeEngine | null }> {
  const { choice, options, progress } = job
  const { build, report } = await prepare(job)
  progress.stage('backend', 0)
  const built = await buildNative(build)
  const made = { ...built, report }
  if (choice.buildOnly !== null) return { header: await describe(build, made, null), payload: built.payload, native: null }
  progress.stage('load', 0)
  const native = await load(choice, options.precision, built.payload, options)
  try {
    return { header: await describe(build, made, native), payload: built.payload, native }
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
  options: Pick<ResolvedLoadOptions, 'signal' | 'tensorrt'>,
): Promise<NativeEngine> {
  const asIs = choice.name === 'cpu' && precision === 'as-is' ? { optimize: 'none' } : {}
  const own = isTensorRt(choice.name) ? options.tensorrt : {}
  return finish(choice.native.load(payload, { ...choice.options, ...asIs, ...own }), 'loading of the engine', options.signal)
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
