import { isTrtError } from '../../core/errors.js'
import { type Clock, systemClock } from '../../core/clock.js'
import { Inference, type Models } from '../infer.js'
import { ServedModel } from '../model.js'
import { notFound } from '../protocol/status.js'
import { type OpenedModel, openModel, type OpenOptions } from './open-model.js'
import { type FoundModel, scanModels } from './scan.js'

export type ModelState = 'READY' | 'LOADING' | 'UNLOADING' | 'UNAVAILABLE'

/** A model of the repository, as the model repository extension lists it. */
export interface IndexEntry {
  readonly name: string
  readonly version?: string
  readonly state: ModelState
  readonly reason?: string
}

export interface RepositoryOptions extends OpenOptions {
  /** 'all' (default): every model is loaded at the start. 'explicit': those of `load`, others when a client asks for them. */
  readonly mode?: 'all' | 'explicit'
  readonly load?: readonly string[]
  /** Milliseconds that requests of a model that is replaced or unloaded have to end. Default 30,000. */
  readonly drainMs?: number
  readonly clock?: Clock
  /** For tests: how a model is opened. */
  readonly open?: (found: FoundModel, options: OpenOptions, signal?: AbortSignal) => Promise<OpenedModel>
}

interface Slot {
  current: { readonly inference: Inference; readonly opened: OpenedModel; readonly stamp: string } | null
  state: ModelState
  reason: string
  /** Whether it ought to be there: then the server is not ready without it. */
  wanted: boolean
}

/** The models of a folder: loaded, reloaded and unloaded while requests go on. */
export class ModelRepository implements Models {
  readonly #directory: string
  readonly #options: RepositoryOptions
  readonly #slots = new Map<string, Slot>()
  /** Loads and unloads of one model follow each other. */
  readonly #turns = new Map<string, Promise<void>>()
  readonly #stop = new AbortController()

  private constructor(directory: string, options: RepositoryOptions) {
    this.#directory = directory
    this.#options = options
  }

  /**
   * Reads the folder and loads what `mode` says. A model that cannot be loaded does not stop the others: it is listed as
   * UNAVAILABLE with the reason, and the server is not ready.
   *
   * @throws {TrtError} `TRT_ERR_FILE`: no such folder.
   */
  static async open(directory: string, options: RepositoryOptions = {}): Promise<ModelRepository> {
    const repository = new ModelRepository(directory, options)
    const { models, misplaced } = await scanModels(directory)
    const all = options.mode !== 'explicit'
    for (const { name, reason } of misplaced) Object.assign(repository.#slot(name), { reason, wanted: all })
    for (const { name } of models) repository.#slot(name)
    const wanted = all ? models.map(({ name }) => name) : (options.load ?? [])
    // Each tells its failure in the index.
    await Promise.allSettled(wanted.map((name) => repository.load(name)))
    return repository
  }

  find(name: string): Inference | undefined {
    return this.#slots.get(name)?.current?.inference
  }

  all(): readonly Inference[] {
    return [...this.#slots.values()].flatMap(({ current }) => (current === null ? [] : [current.inference]))
  }

  /** Names of models that were asked for and are not there. */
  waiting(): readonly string[] {
    return [...this.#slots].flatMap(([name, { current, wanted }]) => (wanted && current === null ? [name] : []))
  }

  index(): readonly IndexEntry[] {
    return Array.from(this.#slots, ([name, { current, state, reason }]) => ({
      name,
      ...(current !== null && { version: current.inference.model.version }),
      state,
      ...(reason !== '' && { reason }),
    }))
  }

  /**
   * Loads a model as it lies in the folder now, or again where it has changed. While that takes, and when it fails, the one
   * before goes on serving; its requests end before it is closed.
   *
   * @throws {TrtError} 404 where there is no such model; else why it cannot be loaded.
   */
  load(name: string): Promise<void> {
    return this.#inTurn(name, () => this.#load(name))
  }

  /** @throws {TrtError} 404: no such model. */
  unload(name: string): Promise<void> {
    if (!this.#slots.has(name)) return Promise.reject(unknown(name))
    return this.#inTurn(name, async () => {
      const slot = this.#slot(name)
      const { current } = slot
      Object.assign(slot, { current: null, wanted: false, reason: '', state: current === null ? 'UNAVAILABLE' : 'UNLOADING' })
      if (current === null) return
      await this.#retire(current)
      slot.state = 'UNAVAILABLE'
    })
  }

  /** Unloads everything; what is being loaded is given up. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all([...this.#slots.keys()].map((name) => this.unload(name)))
  }

  async #load(name: string): Promise<void> {
    const { models, misplaced } = await scanModels(this.#directory)
    const found = models.find((model) => model.name === name)
    if (found === undefined)
      throw notFound(
        misplaced.find((each) => each.name === name)?.reason ?? `There is no model ${JSON.stringify(name)} in the repository.`,
        { model: name },
      )
    const slot = this.#slot(name)
    const before = slot.current
    if (before?.stamp === found.stamp) return
    Object.assign(slot, { wanted: true, state: before === null ? 'LOADING' : 'READY' })
    try {
      slot.current = await this.#open(found)
      Object.assign(slot, { state: 'READY', reason: '' })
    } catch (error) {
      slot.state = before === null ? 'UNAVAILABLE' : 'READY'
      slot.reason = isTrtError(error) ? (error as Error).message : String(error)
      throw error
    }
    if (before !== null) await this.#retire(before)
  }

  async #open(found: FoundModel): Promise<NonNullable<Slot['current']>> {
    const opened = await (this.#options.open ?? openModel)(found, this.#options, this.#stop.signal)
    try {
      const model = new ServedModel(found.name, opened.model)
      return { inference: new Inference(model, this.#options.clock ?? systemClock), opened, stamp: found.stamp }
    } catch (error) {
      await opened.close()
      throw error
    }
  }

  async #retire({ inference, opened }: NonNullable<Slot['current']>): Promise<void> {
    await inference.drained(this.#options.drainMs ?? 30_000)
    await opened.close()
  }

  #slot(name: string): Slot {
    let slot = this.#slots.get(name)
    if (slot === undefined) this.#slots.set(name, (slot = { current: null, state: 'UNAVAILABLE', reason: '', wanted: false }))
    return slot
  }

  #inTurn(name: string, work: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(work, work)
    this.#turns.set(name, turn)
    const forget = () => {
      if (this.#turns.get(name) === turn) this.#turns.delete(name)
    }
    turn.then(forget, forget)
    return turn
  }
}

function unknown(name: string): Error {
  return notFound(`There is no model ${JSON.stringify(name)} in the repository.`, { model: name })
}
