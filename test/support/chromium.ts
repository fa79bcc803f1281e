import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** No profile of anyone, no network of its own; root may run it. */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--remote-debugging-pipe',
]

interface Answer {
  id?: number
  result?: unknown
  error?: { message: string }
  method?: string
  params?: unknown
}

/** Headless Chromium, driven by its DevTools protocol over a pipe: no package, no port. */
export class Chromium {
  readonly #folder = mkdtempSync(join(tmpdir(), 'chromium-'))
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  readonly #listeners: ((method: string, params: unknown) => void)[] = []
  #id = 0
  #session: string | undefined

  /** @throws Where none is installed: a page that nobody looked at must not pass. */
  static async launch(): Promise<Chromium> {
    const given = process.env['CHROMIUM_PATH']
    const candidates = given === undefined ? places : [given]
    const path = candidates.find(existsSync)
    if (path === undefined)
      throw new Error(`No Chromium: apt-get install chromium, or set CHROMIUM_PATH. Looked for ${candidates.join(', ')}.`)
    const browser = new Chromium(path)
    await browser.#attach()
    return browser
  }

  private constructor(path: string) {
    const args = [...flags, `--user-data-dir=${this.#folder}`]
    this.#process = spawn(path, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
    this.#process.once('exit', (code, signal) => this.#ended(new Error(`${path} ended (${code ?? signal}) before it was told to`)))
    this.#process.once('error', (error) => this.#ended(error))
    this.#read(this.#process.stdio[4] as Readable)
  }

  #ended(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }

  /** Messages end with a zero byte. */
  #read(pipe: Readable): void {
    let rest = ''
    pipe.setEncoding('utf8')
    pipe.on('data', (piece: string) => {
      const messages = (rest + piece).split('\0')
      rest = messages.pop() ?? ''
      for (const message of messages) this.#take(JSON.parse(message) as Answer)
    })
  }

  #take({ id, result, error, method, params }: Answer): void {
    if (id === undefined) return this.#listeners.forEach((listener) => listener(method ?? '', params))
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(result as never)
    else waiting?.reject(new Error(error.message))
  }

  async #attach(): Promise<void> {
    const { targetId } = await this.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await this.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true })
    this.#session = sessionId
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await this.send(`${domain}.enable`)
  }

  /** One command of the DevTools protocol. */
  send<T = unknown>(method: string, params: object = {}): Promise<T> {
    const id = ++this.#id
    const message = { id, method, params, ...(this.#session === undefined ? {} : { sessionId: this.#session }) }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      ;(this.#process.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`)
    })
  }

  on(listener: (method: string, params: unknown) => void): void {
    this.#listeners.push(listener)
  }

  /** Opens a page and waits until it has loaded. */
  async open(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.on((method) => method === 'Page.loadEventFired' && resolve()))
    await this.send('Page.navigate', { url })
    await loaded
  }

  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send<{ result: { value: T }; exceptionDetails?: { text: string } }>(
      'Runtime.evaluate',
      {
        expression,
        returnByValue: true,
      },
    )
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text)
    return result.value
  }

  /** The whole page, at one pixel for each CSS pixel. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send<{ data: string }>('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true })
    return Buffer.from(data, 'base64')
  }

  /** By its own command, so that no child of it still writes into the folder; what does not listen is killed. */
  async close(): Promise<void> {
    this.#process.removeAllListeners('exit')
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#session = undefined
    this.send('Browser.close').catch(() => undefined)
    const impatience = setTimeout(() => this.#process.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(impatience)
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}
