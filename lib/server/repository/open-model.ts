import { readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { MicroBatcher } from '../../batching/micro-batcher.js'
import { TrtError } from '../../core/errors.js'
import { Engine } from '../../engine/engine.js'
import type { BackendOption } from '../../engine/build-options.js'
import type { Session } from '../../engine/session.js'
import type { ServedModelOptions, ServedRunner } from '../model.js'
import { type ModelConfig, parseModelConfig } from './config.js'
import { configName, type FoundModel } from './scan.js'

/** How the models of a repository are run, where their configuration does not say it. */
export interface OpenOptions {
  readonly backend?: BackendOption
  readonly onnxruntime?: string
  /** Executions at once. Default 1. */
  readonly lanes?: number
  /** Milliseconds within which a request is to be answered. Default: none. */
  readonly slo?: number
  /** Rows of a batch, where the engine has no profile that says it. Default 16. */
  readonly maxBatch?: number
  /** Keeps what is built from ONNX files. */
  readonly cacheDir?: string
  /** Told of what a configuration asks for and does not get. */
  readonly onNote?: (text: string) => void
}

/** A model that is loaded and warmed up. */
export interface OpenedModel {
  readonly model: ServedModelOptions
  close(): Promise<void>
}

/** Loads a model, warms it up, and puts a batcher before it where its first dimensions are free. */
export async function openModel(found: FoundModel, options: OpenOptions, signal?: AbortSignal): Promise<OpenedModel> {
  const config = await readConfig(found)
  for (const field of config?.ignored ?? []) options.onNote?.(`model "${found.name}": ${field} of ${configName} is not followed here`)
  const engine = await Engine.load(found.file, loadOptions(options, signal))
  try {
    const session = await engine.createSession({ lanes: config?.lanes ?? options.lanes ?? 1, ...(signal && { signal }) })
    const runner = batched(session, config, options)
    await session.warmUp({ ...(runner !== session && batchSizes(session, config, options)), ...(signal && { signal }) })
    const close = async () => {
      if (runner instanceof MicroBatcher) await runner.close()
      await session.close()
      await engine.close()
    }
    const ready = () => session.ready && runner.closed !== true
    const labels = await readLabels(found, config)
    return { model: { runner, version: found.version, platform: `${engine.backend.name}_engine`, labels, ready }, close }
  } catch (error) {
    await engine.close()
    throw error
  }
}

function loadOptions({ backend, onnxruntime }: OpenOptions, signal: AbortSignal | undefined) {
  return {
    ...(backend !== undefined && { backend }),
    ...(onnxruntime !== undefined && { onnxruntime }),
    ...(signal !== undefined && { signal }),
  }
}

function batched(session: Session, config: ModelConfig | null, { slo, maxBatch }: OpenOptions): ServedRunner {
  const free = [...session.inputs, ...session.outputs].every(({ shape }) => shape !== null && shape[0] === -1)
  const wanted = config === null ? free : config.batching !== undefined && config.maxBatch !== 0
  if (!wanted) return session
  return new MicroBatcher(session, {
    ...(slo !== undefined && { slo }),
    ...defined('maxBatch', config?.maxBatch ?? (hasProfiles(session) ? undefined : maxBatch)),
    ...defined('maxQueueDelay', config?.batching?.maxQueueDelay),
    ...defined('maxQueue', config?.batching?.maxQueue),
  }) as ServedRunner
}

const hasProfiles = (session: Session): boolean => session.inputs.some(({ ranges }) => ranges.length > 0)

/** Without a profile nobody bounds the batch: those sizes are warmed that the batcher will send most. */
function batchSizes(session: Session, config: ModelConfig | null, { maxBatch = 16 }: OpenOptions): { batchSizes?: readonly number[] } {
  if (hasProfiles(session)) return {}
  const most = config?.maxBatch ?? maxBatch
  const sizes = [most]
  for (let size = 1; size < most; size *= 2) sizes.push(size)
  return { batchSizes: sizes.sort((a, b) => a - b) }
}

function defined<K extends string, T>(name: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, T>)
}

async function readConfig({ folder }: FoundModel): Promise<ModelConfig | null> {
  if (folder === null) return null
  const text = await readFile(join(folder, configName), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new TrtError('TRT_ERR_FILE', `${configName} cannot be read (${error.code}).`, { cause: error.code }, { cause: error })
  })
  return text === null ? null : parseModelConfig(text)
}

async function readLabels({ folder }: FoundModel, config: ModelConfig | null): Promise<Record<string, readonly string[]>> {
  const labels: Record<string, readonly string[]> = {}
  for (const [output, file] of Object.entries(config?.labelFiles ?? {})) {
    const path = resolve(folder!, file)
    // A configuration comes with the model: it must not make us read elsewhere.
    if (relative(folder!, path).startsWith(`..${sep}`))
      throw new TrtError('TRT_ERR_FILE', `Expected label_filename inside of the model's folder but received ${JSON.stringify(file)}.`, {
        file,
      })
    labels[output] = (await readFile(path, 'utf8')).split(/\r?\n/).filter((line) => line !== '')
  }
  return labels
}
