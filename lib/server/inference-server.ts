import type { FastifyInstance } from 'fastify'
import type { ModelRepository } from './repository/repository.js'

export interface ClosedServer {
  /** Requests that were cut off, since they had not ended within `drainMs`. */
  readonly abandoned: number
}

/** What the routes and `close` share. */
export interface Life {
  ending: boolean
  inFlight: number
  readonly drainMs: number
}

/** A server of the Open Inference Protocol that listens. */
export class InferenceServer {
  /** The Fastify service, for routes of one's own: before `listen` has been called by `createServer` only plugins may add some. */
  readonly app: FastifyInstance
  /** `http://127.0.0.1:8000` */
  readonly url: string
  /** Null: the models were given by name. */
  readonly repository: ModelRepository | null
  readonly #life: Life
  #closing: Promise<ClosedServer> | null = null

  /** @internal Use `createServer`. */
  constructor(app: FastifyInstance, url: string, repository: ModelRepository | null, life: Life) {
    this.app = app
    this.url = url
    this.repository = repository
    this.#life = life
  }

  /**
   * Not ready from now on, no new connections; requests in flight end, or are cut off after `drainMs`. Models of a folder are
   * closed; those that were given by name stay the caller's. Idempotent.
   */
  close(): Promise<ClosedServer> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<ClosedServer> {
    this.#life.ending = true
    let abandoned = 0
    const cut = setTimeout(() => {
      abandoned = this.#life.inFlight
      this.app.server.closeAllConnections()
    }, this.#life.drainMs)
    await this.app.close()
    clearTimeout(cut)
    await this.repository?.close()
    return { abandoned }
  }
}
