import { resolve } from 'node:path'
import type { BackendOption } from '../engine/build-options.js'
import { Engine } from '../engine/engine.js'
import { isEngineFile } from '../engine/engine-file.js'
import { readStart } from '../engine/engine-reader.js'
import type { PrecisionOptions } from '../engine/precision/options.js'
import { findPlanIn } from '../engine/tensorrt/load-plan.js'
import { type Context, note, withProgress } from './context.js'
import { type BuildFlags, chosenModel, defined, type ModelFlags } from './flags/model.js'
import { profilesOf } from './flags/shapes.js'
import { librariesOf, tensorRtOf } from './flags/tensorrt.js'
import { UsageError } from './usage.js'

/** Builds or loads the model of the flags, with progress and notes; saves it where `--saveEngine` says. */
export async function openEngine(model: string | undefined, flags: ModelFlags, context: Context): Promise<Engine> {
  const { file, kind } = chosenModel(model, flags)
  if (kind === 'engine' || (kind === 'either' && (await isBuilt(file)))) return load(file, flags, context)
  return build(file, flags, context)
}

async function isBuilt(file: string): Promise<boolean> {
  const { bytes } = await readStart(file)
  return isEngineFile(bytes) || (await findPlanIn(file)) !== null
}

async function load(file: string, flags: ModelFlags, context: Context): Promise<Engine> {
  const buildOnly = (['minShapes', 'optShapes', 'maxShapes', 'profile', 'batch', 'saveEngine', 'precision', 'cacheDir'] as const).filter(
    (flag) => flags[flag] !== undefined,
  )
  if (buildOnly.length > 0) {
    throw new UsageError(
      `Expected an ONNX model for ${buildOnly.map((flag) => `--${flag}`).join(', ')}, but ${file} is built already. Give the .onnx file instead.`,
      { flags: buildOnly },
    )
  }
  const { onnxruntime } = flags
  const options = defined({
    backend: backendOption(flags.backend),
    onnxruntime,
    libraries: librariesOf(flags),
    tensorrt: tensorRtOf(flags),
  })
  return withProgress(context, flags, 'loading', () => Engine.load(file, { ...options, signal: context.signal }))
}

async function build(file: string, flags: ModelFlags, context: Context): Promise<Engine> {
  const engine = await buildEngine(file, flags, context)
  if (flags.saveEngine !== undefined) await save(engine, flags.saveEngine, flags, context)
  return engine
}

/** @param precision Default: what `--precision` alone says. */
export async function buildEngine(file: string, flags: BuildFlags, context: Context, precision?: PrecisionOptions): Promise<Engine> {
  const { onnxruntime, cacheDir } = flags
  const given = {
    ...(precision ?? { precision: flags.precision }),
    onnxruntime,
    cacheDir,
    batch: flags.batch,
    libraries: librariesOf(flags),
    tensorrt: tensorRtOf(flags),
  }
  const options = { ...defined({ backend: backendOption(flags.backend), ...given }), ...profilesOf(flags) }
  return withProgress(context, flags, 'building', (progress) =>
    Engine.build(file, {
      ...options,
      signal: context.signal,
      ...(flags.inProcess === true ? { isolate: false } : {}),
      onProgress: ({ phase, fraction, ...rest }) => progress.update(`building: ${phase}`, fraction, { phase, ...rest }),
      logLevel: flags.verbose === true ? 'info' : 'warning',
      onLog: ({ level, text }) => progress.above(() => note(context, flags, `${level}: ${text}`)),
    }),
  )
}

/** A path is a library with a backend of one's own, as a shell tells a program from a command. */
function backendOption(given: string | undefined): BackendOption | undefined {
  return given?.includes('/') ? { library: resolve(given) } : given
}

/** Closes the engine when it cannot be saved. */
export async function save(engine: Engine, file: string, flags: BuildFlags, context: Context): Promise<void> {
  try {
    context.signal.throwIfAborted()
    await engine.save(file)
    note(context, flags, `Wrote ${file}.`)
  } catch (error) {
    await engine.close()
    throw error
  }
}
