import path from 'node:path'
import { type Choice, chooseBackend } from '../backend/registry.js'
import { isTrtError, TrtError } from '../core/errors.js'
import { externalFiles } from '../onnx/external-data.js'
import { buildFrom, load } from './build.js'
import { type LoadOptions, type ResolvedLoadOptions, resolveLoadOptions } from './build-options.js'
import { isEngineFile, notAnEngine } from './engine-file.js'
import type { EngineHeader } from './engine-header.js'
import type { EngineParts, Payload } from './engine-parts.js'
import { type EngineContents, readEngineBytes, readEngineFile, readStart } from './engine-reader.js'
import { readWhole } from './files.js'
import { type FileOrBytes, type ModelParts, resolveFileOrBytes } from './model-source.js'
import { defaultPrecision } from './precision/options.js'
import { guardAbort } from './tasks.js'
import { fromPlan, readPlan, versionRules } from './tensorrt/load-plan.js'
import { findPlan, parsePlanHeader, requireVersion } from './tensorrt/plan.js'

/** Engine.load without the class: an engine file, or an ONNX model that is built in memory. */
export async function loadEngine(given: FileOrBytes, options: LoadOptions | undefined): Promise<EngineParts> {
  const resolved = resolveLoadOptions(options)
  const file = resolveFileOrBytes('the engine', given)
  return guardAbort('loading of the engine', resolved.signal, () =>
    'path' in file ? fromPath(path.resolve(file.path), resolved) : fromBytes(file.bytes, resolved),
  )
}

async function fromPath(file: string, options: ResolvedLoadOptions): Promise<EngineParts> {
  const start = await readStart(file)
  if (isEngineFile(start.bytes)) {
    const contents = await readEngineFile(file, options.signal)
    return fromContents(contents, { file, offset: contents.payloadOffset }, options)
  }
  const plan = options.request.library === undefined ? await readPlan(file, options.signal) : null
  if (plan !== null) return fromPlan(plan, options)
  // Another ending than .onnx may be anything: it must be a model before errors speak of models.
  if (options.request.library === undefined && !file.endsWith('.onnx')) requireModel((await readWhole(file, options.signal)).bytes)
  return fromModel({ path: file }, options)
}

async function fromBytes(bytes: Uint8Array, options: ResolvedLoadOptions): Promise<EngineParts> {
  if (isEngineFile(bytes)) {
    const contents = await readEngineBytes(bytes, options.signal)
    return fromContents(contents, { bytes: contents.payload }, options)
  }
  const place = options.request.library === undefined ? findPlan(bytes) : null
  if (place !== null) return fromPlan({ name: null, bytes: bytes.subarray(place.offset), metadata: place.metadata }, options)
  // A backend of one's own has models of its own.
  if (options.request.library === undefined) requireModel(bytes)
  return fromModel({ bytes }, options)
}

function fromModel(file: ModelParts['file'], options: ResolvedLoadOptions): Promise<EngineParts> {
  const unset = {
    shapes: undefined,
    profiles: undefined,
    batch: undefined,
    cacheDir: undefined,
    isolate: undefined,
    onProgress: undefined,
    onLog: undefined,
  }
  const defaults = { precision: defaultPrecision, logLevel: 'info', labels: {}, tensorrtBuild: {} } as const
  return buildFrom({ file, externals: [] }, { ...options, ...unset, ...defaults })
}

/** Whoever gives something that is neither hears about engine files, not about protobuf. */
function requireModel(bytes: Uint8Array): void {
  try {
    externalFiles(bytes)
    if (bytes.byteLength > 0) return
  } catch (error) {
    if (!isTrtError(error)) throw error
  }
  throw notAnEngine(bytes, bytes.byteLength)
}

async function fromContents(contents: EngineContents, payload: Payload, options: ResolvedLoadOptions): Promise<EngineParts> {
  const { header } = contents
  const plan = parsePlanHeader(contents.payload)
  const choice = await chooseFor(header, options)
  if (plan !== null) requireVersion(plan, versionRules(choice, options))
  const native = await load(choice, header, contents.payload, options).catch((error: unknown) => {
    throw explain(error, header, choice)
  })
  return { native, header, payload, choice, cache: 'off' }
}

/** The backend that built it, unless the caller names another; that one must read its payload. */
async function chooseFor(header: EngineHeader, { request, signal }: ResolvedLoadOptions): Promise<Choice> {
  if (request.library !== undefined) return chooseBackend({ ...request, signal })
  if (request.named && request.wanted !== header.backend) {
    const message = `The engine was built for the backend '${header.backend}' and cannot run on '${request.wanted}'. Build it again from its ONNX model.`
    throw new TrtError('TRT_ERR_ENGINE', message, { built: header.backend, wanted: request.wanted })
  }
  const choice = await chooseBackend({ ...request, wanted: header.backend, signal })
  return { ...choice, reason: request.named ? 'asked for by name' : 'the engine was built for it' }
}

/** What was built where, and what is here: the usual reason for a whole file that does not load. */
function explain(error: unknown, header: EngineHeader, choice: Choice): unknown {
  if (!isTrtError(error) || header.backendVersion === choice.version) return error
  if (!['TRT_ERR_ENGINE', 'TRT_ERR_MODEL', 'TRT_ERR_UNSUPPORTED'].includes(error.code)) return error
  const message = `The engine was built with ${header.backend} ${header.backendVersion} by ${header.createdBy.package}; here is ${choice.name} ${choice.version}, which does not load it. Build it again here, or install the version it was built with.`
  return new TrtError('TRT_ERR_ENGINE', message, { built: header.backendVersion, here: choice.version }, { cause: error })
}
