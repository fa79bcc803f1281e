import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Choice } from '../backend/registry.js'
import type { NativeBuildRequest, NativeProfileRange } from '../backend/native.js'
import { logLevels, type ResolvedBuildOptions } from './build-options.js'
import type { Profiles } from './io-info.js'
import { buildIsolated } from './isolate/build.js'
import { withLock } from './lock.js'
import type { ModelSource } from './model-source.js'
import type { ProgressReporter } from './progress.js'
import { finish } from './tasks.js'
import { isTensorRt } from './tensorrt/check-options.js'
import { guardModel } from './tensorrt/guard.js'

export interface NativeBuild {
  readonly source: ModelSource
  /** What the backend builds: the source, or what the precision has made of it. */
  readonly model: Pick<ModelSource, 'bytes' | 'path' | 'externals'>
  readonly choice: Choice
  readonly profiles: Profiles
  /** What the backend's build is given. */
  readonly native: Readonly<Record<string, string>>
  readonly options: ResolvedBuildOptions
  readonly progress: ProgressReporter
}

export interface Built {
  readonly payload: Uint8Array
  /** JSON */
  readonly facts: string
}

/** The backend's own part of a build: here, or in a process of its own; one at a time for each GPU of this machine. */
export async function buildNative(build: NativeBuild): Promise<Built> {
  const { choice, options } = build
  if (choice.name !== 'tensorrt') return once(build)
  // The builder measures on the GPU: two at once measure each other.
  const file = path.join(tmpdir(), `tensorrt-node-${process.getuid?.() ?? 0}-build-device${build.native['device'] ?? '0'}.lock`)
  return withLock(file, options.signal, () => once(build))
}

async function once(build: NativeBuild): Promise<Built> {
  const { choice, options } = build
  if (isIsolated(build)) {
    const library = options.request.library
    const backend = library === undefined ? { name: choice.name } : { library }
    const task = buildIsolated({ backend, request: requestOf(build), signal: options.signal })
    return finish({ promise: task, cancel: () => {} }, 'build', options.signal)
  }
  if (isTensorRt(choice.name)) guardModel(build.model.bytes)
  const { payload, facts } = await finish(choice.native.build(requestOf(build)), 'build', options.signal)
  return { payload: new Uint8Array(payload), facts }
}

/** NVIDIA's parser and optimizer have models that crash them; the other backends run in this process anyway. */
function isIsolated({ choice, options }: NativeBuild): boolean {
  return options.isolate ?? isTensorRt(choice.name)
}

function requestOf({ model, profiles, native, options, progress }: NativeBuild): NativeBuildRequest {
  const { onLog } = options
  const least = logLevels.indexOf(options.logLevel)
  const log = (level: number, text: string) => level <= least && onLog?.({ level: logLevels[level] ?? 'verbose', text })
  return {
    model: model.bytes,
    modelPath: model.path,
    externals: model.externals,
    profiles: profiles.map(nativeProfile),
    options: native,
    onProgress: (phase, parent, step, steps) => progress.backend(phase, parent, step, steps),
    ...(onLog === undefined ? {} : { onLog: log }),
  }
}

function nativeProfile(profile: Profiles[number]): NativeProfileRange[] {
  return Object.entries(profile).map(([input, { min, opt, max }]) => ({ input, isValues: false, min, opt, max }))
}
