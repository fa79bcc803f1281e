import { reserveChannel } from '../backend/completions.js'
import type { NativeEngine } from '../backend/native.js'
import type { Refusal } from '../backend/registry.js'
import { isTensorType } from '../core/dtypes.js'
import { TrtError } from '../core/errors.js'
import { text } from '../core/options.js'
import type { PrecisionReport } from '../onnx/report/types.js'
import { buildEngine } from './build.js'
import type { BuildOptions, LoadOptions } from './build-options.js'
import { formatHead } from './engine-file.js'
import { type EngineHeader, headerInfos } from './engine-header.js'
import type { EngineParts, Payload } from './engine-parts.js'
import { streamPayload } from './engine-reader.js'
import { writeAtomically } from './files.js'
import { InputSet } from './input-set.js'
import { type IoInfo, ioInfo } from './io-info.js'
import { loadEngine } from './load.js'
import type { FileOrBytes, ModelInputSource } from './model-source.js'
import type { Asked, ControlOptions } from './controls/ask.js'
import { type EngineLayer, type LayerProfile, type LayerProfileOptions, layersOf, profileLayers } from './controls/layers.js'
import { type DeviceMeasurement, measure, type MeasureOptions } from './controls/measure.js'
import { type EngineMemory, memoryOf, saveRuntimeCache, type WeightStreaming, weightStreaming } from './controls/memory.js'
import { type NamedWeights, type Refit, refit } from './controls/refit.js'
import type { AnyModel, ModelTypes } from './model-types.js'
import { OutputSet } from './outputs.js'
import { Session } from './session.js'
import { closedError, SessionCore } from './session-core.js'
import { resolveSessionOptions, type SessionOptions } from './session-options.js'
import { finish } from './tasks.js'

/** Which backend an engine runs on, and why. */
export interface EngineBackend {
  readonly name: string
  /** Of its library; null: it does not say. */
  readonly version: string | null
  readonly reason: string
  /** Those that 'auto' would have preferred, each with the reason and the remedy. */
  readonly refused: readonly Refusal[]
  /** Null: the engine runs here. Else why it was only built here, for another machine, and nothing of it has been tried. */
  readonly buildOnly: Refusal | null
}

/** What the engine file says of the engine. */
export interface EngineMetadata extends EngineHeader {
  /** Whether it came from `cacheDir`; 'off': none was given. */
  readonly cache: 'hit' | 'miss' | 'off'
}

/** A model made ready for one backend. Sessions run it; several may share it. */
export class Engine<M extends ModelTypes = AnyModel> {
  /** In the engine's order. */
  readonly inputs: readonly IoInfo[]
  readonly outputs: readonly IoInfo[]
  readonly backend: EngineBackend
  readonly metadata: EngineMetadata
  /** What giving it its precision has done and cost; null: nothing was done, the model was built as it came. */
  readonly report: PrecisionReport | null
  readonly #native: NativeEngine | null
  #payload: Payload | null
  /** Type checker only. */
  declare readonly model?: M

  private constructor({ native, header, payload, choice, cache }: EngineParts) {
    const io = native?.io() ?? null
    const infos = (direction: 'input' | 'output') =>
      io?.filter((each) => each.direction === direction).map((each) => ioInfo(each, header.profiles)) ?? headerInfos(header, direction)
    this.inputs = infos('input')
    this.outputs = infos('output')
    this.backend = {
      name: choice.name,
      version: choice.version,
      reason: choice.reason,
      refused: choice.refused,
      buildOnly: choice.buildOnly,
    }
    this.metadata = { ...header, cache }
    this.report = header.report ?? null
    this.#native = native
    this.#payload = payload
  }

  /**
   * Builds an engine from an ONNX model, on a thread of its own.
   *
   * @param model A path, a `file:` URL, bytes, or `{ model, externalData }` where bytes keep weights in other files.
   * @throws {TrtError} By rejecting. `TRT_ERR_FILE`, `TRT_ERR_MODEL`, `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_NAME`,
   *   `TRT_ERR_SHAPE`, `TRT_ERR_UNSUPPORTED`, `TRT_ERR_UNAVAILABLE`, `TRT_ERR_ADDON`, `TRT_ERR_ABORTED`, `TRT_ERR_OUT_OF_MEMORY`.
   */
  static async build<M extends ModelTypes = AnyModel>(model: ModelInputSource, options?: BuildOptions): Promise<Engine<M>> {
    return new Engine<M>(await buildEngine(model, options))
  }

  /**
   * Loads what `save` wrote. An ONNX model is taken too, and built in memory with all defaults.
   *
   * @param file A path, a `file:` URL, or bytes.
   * @throws {TrtError} By rejecting. `TRT_ERR_FILE`; `TRT_ERR_ENGINE`: damaged, cut short, not an engine, or made for another
   *   version; and what `build` throws.
   */
  static async load<M extends ModelTypes = AnyModel>(file: FileOrBytes, options?: LoadOptions): Promise<Engine<M>> {
    return new Engine<M>(await loadEngine(file, options))
  }

  /**
   * Writes the engine file: a reader sees the old file or the whole new one, never a part.
   *
   * @throws {TrtError} By rejecting. `TRT_ERR_FILE`, `TRT_ERR_CLOSED`; `TRT_ERR_ENGINE`: the file it was loaded from has changed.
   */
  async save(path: string): Promise<void> {
    text('path', path)
    const payload = this.#payload
    if (payload === null) throw closedError('engine')
    const { cache: _, ...header } = this.metadata
    await writeAtomically(path, chunks(header, payload))
  }

  /**
   * A session with memory of its own for each lane.
   *
   * @throws {TrtError} By rejecting. `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_CLOSED`, `TRT_ERR_OUT_OF_MEMORY`, `TRT_ERR_ABORTED`;
   *   `TRT_ERR_UNAVAILABLE`: the engine was built here for another machine; this one has no driver or GPU;
   *   `TRT_ERR_UNSUPPORTED`: an input of an element type that JavaScript has no array for.
   */
  async createSession(options?: SessionOptions): Promise<Session<M>> {
    const resolved = resolveSessionOptions(options)
    if (this.closed) throw closedError('engine')
    const engine = this.#native ?? refuseToRun(this.backend)
    requireTypes(this.inputs)
    reserveChannel(this.inputs.length, this.outputs.length)
    const native = await finish(engine.createSession(resolved.lanes, resolved.native), 'creation of the session', resolved.signal)
    const name = this.metadata.source.name?.replace(/\.onnx$/, '') ?? null
    return new Session<M>(new SessionCore(native, new InputSet(this.inputs, name), new OutputSet(this.outputs), resolved), resolved)
  }

  /**
   * The layers that TensorRT made of the model, in the order of execution; names alone unless it was built with
   * `tensorrt: { profilingVerbosity: 'detailed' }`, none with 'none'.
   *
   * @throws {TrtError} By rejecting. `TRT_ERR_UNSUPPORTED`: another backend; `TRT_ERR_UNAVAILABLE`: built for another machine;
   *   `TRT_ERR_CLOSED`, `TRT_ERR_ABORTED`, `TRT_ERR_DEVICE`.
   */
  async layers(options?: ControlOptions): Promise<readonly EngineLayer[]> {
    return layersOf(this.#asked(), options)
  }

  /**
   * Runs the engine on zeros, in a context of its own, and tells the time of each layer on the device.
   *
   * @throws {TrtError} By rejecting. As `layers`; `TRT_ERR_NAME`, `TRT_ERR_SHAPE`, `TRT_ERR_INVALID_ARGUMENT`: the options;
   *   `TRT_ERR_UNSUPPORTED`: an output whose shape depends on the data.
   */
  async profileLayers(options?: LayerProfileOptions): Promise<LayerProfile> {
    return profileLayers(this.#asked(), this.inputs, options)
  }

  /**
   * Runs the engine on zeros in a closed loop that is native from end to end, as trtexec does, and tells the times of each run:
   * what the device can do, without what Node adds. Sessions of the engine should rest meanwhile.
   *
   * @throws {TrtError} By rejecting. As `profileLayers`.
   */
  async measure(options?: MeasureOptions): Promise<DeviceMeasurement> {
    return measure(this.#asked(), this.inputs, options)
  }

  /** What the engine needs and the device has. @throws {TrtError} By rejecting, as `layers`. */
  async memory(options?: ControlOptions): Promise<EngineMemory> {
    return memoryOf(this.#asked(), options)
  }

  /**
   * Replaces weights, in all of its sessions: runs that were begun before end with the old ones, the next wait for the new.
   * `save` still writes the engine as it was built.
   *
   * @param source An ONNX model of the same structure (a path, a `file:` URL or bytes; weights in other files only beside a path),
   *   or weights by name.
   * @throws {TrtError} By rejecting. As `layers`; `TRT_ERR_UNSUPPORTED`: not built with `tensorrt: { refit: true }`;
   *   `TRT_ERR_INVALID_ARGUMENT`: no such weights, another size or type, or some that go with them are lacking; `TRT_ERR_TYPE`,
   *   `TRT_ERR_SHAPE`, `TRT_ERR_MODEL`, `TRT_ERR_FILE`. The engine keeps its weights then.
   */
  async refit(source: FileOrBytes | NamedWeights, options?: ControlOptions): Promise<Refit> {
    return refit(this.#asked(), source, options)
  }

  /** @throws {TrtError} By rejecting. As `layers`; `TRT_ERR_UNSUPPORTED`: not built with `tensorrt: { allowWeightStreaming: true }`. */
  async weightStreaming(options?: ControlOptions): Promise<WeightStreaming> {
    return weightStreaming(this.#asked(), undefined, options)
  }

  /**
   * @param budget Device memory for weights: bytes, `'50%'`, 'auto', or 'off' (all of them).
   * @throws {TrtError} By rejecting. As `weightStreaming`; `TRT_ERR_INVALID_ARGUMENT`: sessions are open, or no such budget.
   */
  async setWeightStreamingBudget(budget: number | string, options?: ControlOptions): Promise<WeightStreaming> {
    return weightStreaming(this.#asked(), budget, options)
  }

  /**
   * Writes the kernels that were compiled until now to `runtimeCacheFile`; closing the engine does so too.
   *
   * @returns Bytes written.
   * @throws {TrtError} By rejecting. As `layers`; `TRT_ERR_UNSUPPORTED`: not TensorRT-RTX, or loaded without `runtimeCacheFile`.
   */
  async saveRuntimeCache(options?: ControlOptions): Promise<number> {
    return saveRuntimeCache(this.#asked(), options)
  }

  #asked(): Asked {
    if (this.closed) throw closedError('engine')
    return { native: this.#native ?? refuseToRun(this.backend), backend: this.backend.name }
  }

  /** True from the first call of `close` on. */
  get closed(): boolean {
    return this.#payload === null
  }

  /** Refuses new sessions; those that are open go on, and the memory is freed with the last of them. May be called again. */
  async close(): Promise<void> {
    if (this.closed) return
    this.#payload = null
    this.#native?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

async function* chunks(header: EngineHeader, payload: Payload): AsyncGenerator<Uint8Array> {
  yield formatHead(header)
  if ('bytes' in payload) yield payload.bytes
  else yield* streamPayload(payload.file, payload.offset, header)
}

function refuseToRun({ name, buildOnly }: EngineBackend): never {
  const { reason, remedy } = buildOnly ?? { reason: 'it was not loaded', remedy: 'Load it anew.' }
  const message = `The engine for '${name}' was built here, and cannot run here: ${reason.replace(/\.$/, '')}. ${remedy}`
  throw new TrtError('TRT_ERR_UNAVAILABLE', message, { refused: buildOnly === null ? [] : [buildOnly], remedy })
}

function requireTypes(inputs: readonly IoInfo[]): void {
  for (const { name, type } of inputs) {
    if (isTensorType(type)) continue
    throw new TrtError(
      'TRT_ERR_UNSUPPORTED',
      `Input "${name}" is of type ${type}, which cannot go into a session. Convert it inside the model.`,
      { input: name, type },
    )
  }
}
