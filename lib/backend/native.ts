/**
 * The whole surface of the native addon (native/addon), and nothing else. Plain data in both directions: JavaScript has
 * validated every argument; the addon checks only what memory safety needs.
 */

/** Numbers of `backend_status` in native/include/backend.h. */
export type Status = number

/** Raw error of a native call; lib/backend/status.ts makes a TrtError of it. */
export interface NativeError extends Error {
  status: Status
}

/** One input or output as the backend tells it. Numbers of `backend_type`; −1 = free dimension; rank unknown: `dims` null. */
export interface NativeIo {
  name: string
  direction: 'input' | 'output'
  type: number
  dims: number[] | null
  dimNames: (string | null)[] | null
  onHost: boolean
  isShape: boolean
  profiles: { min: number[]; opt: number[]; max: number[]; isValues: boolean }[]
}

export interface NativeProfileRange {
  input: string
  isValues: boolean
  min: readonly number[]
  opt: readonly number[]
  max: readonly number[]
}

export interface NativeBuildRequest {
  model: Uint8Array | null
  modelPath: string | null
  externals: readonly { location: string; data: Uint8Array }[]
  profiles: readonly (readonly NativeProfileRange[])[]
  options: Readonly<Record<string, string>>
  /** JS thread. Calls are coalesced: the last state of each phase arrives, not each step. */
  onProgress?: (phase: string, parent: string | null, step: number, steps: number) => void
  onLog?: (level: number, text: string) => void
}

/**
 * A long call on a thread of its own. `promise` rejects with a NativeError; after `cancel()` it still settles: that of a probe at
 * once, others when native code has let go of what they were given.
 */
export interface NativeTask<T> {
  promise: Promise<T>
  cancel(): void
}

export interface NativeEngine {
  io(): NativeIo[]
  /** JSON text in and out; `arguments_` null: none. */
  control(verb: string, arguments_: string | null): NativeTask<string>
  createSession(lanes: number, options: Readonly<Record<string, string>>): NativeTask<NativeSession>
  /** Idempotent. Frees off the JS thread once the last session has been freed; never waits. */
  close(): void
}

export interface NativeSession {
  /**
   * Starts the run that `NativeChannel.request` describes; its outcome comes through the completion handler under its id.
   * Throws only where the request is not as described.
   *
   * @param views One per input of the engine, in the order of `io()`; then the caller's buffer for each wanted output, null
   *   for one that the backend provides. The outputs may be left out: the backend provides them all.
   */
  submit(...views: readonly (ArrayBufferView | null)[]): void
  cancel(id: number): void
  /** Zero-filled page-locked memory (aligned pages on a CPU). Detached by `close()`. Throws a NativeError. */
  alloc(bytes: number): ArrayBuffer
  control(verb: string, arguments_: string | null): NativeTask<string>
  /** The answer to the verb "describe", at once. Null: closed, or a backend that does not know it. Older builds lack it. */
  describe?(): string | null
  /** Call once nothing is in flight. Detaches what `alloc` gave; resolves when the backend has freed the session. */
  close(): Promise<void>
}

/**
 * Memory that both sides hold: runs cross as numbers in it, which costs a fraction of as many arguments and objects.
 * JavaScript replaces the arrays by larger ones where an engine needs them; both sides use them only during a call.
 */
export interface NativeChannel {
  /**
   * Read by `submit`: id (unique among the runs of this environment that are in flight), lane (−1: any), budgetNs (0: none),
   * inputs, outputs; for each input rank, dims…; for each wanted output its index among the outputs of `io()`, rank (−1: not
   * given), dims….
   */
  readonly request: Float64Array
  /**
   * Filled for a call of the completion handler. For each finished run: id, status, queueNs, copyInNs, computeNs, copyOutNs,
   * lane, copies, outputs; for each output rank, dims…, place. A place of 0 or more is an offset into `scratch`, −1 the
   * caller's own buffer, −2 − i attachment i (an ArrayBuffer). Where status is not 0 there are no outputs: their number is
   * that of the attachment with the message.
   */
  readonly report: Float64Array
  /** Small outputs (4096 bytes at most), each at a multiple of 8 bytes. */
  readonly scratch: Uint8Array
}

/** Settles `count` finished runs, oldest first: one call for all that finished since the last. Must not throw. */
export type CompletionHandler = (count: number, attachments: readonly (ArrayBuffer | string)[] | null) => void

export interface NativeBackend {
  readonly name: string
  readonly buildInfo: string
  probe(options: Readonly<Record<string, string>>): NativeTask<string>
  build(request: NativeBuildRequest): NativeTask<{ payload: ArrayBuffer; facts: string }>
  load(payload: Uint8Array, options: Readonly<Record<string, string>>): NativeTask<NativeEngine>
}

/** What a library on this machine says of itself; see native/addon/library_probe.cc. */
export interface LibraryProbe {
  path: string | null
  error: string | null
  /** By symbol: the number or text it answered; null: the symbol is not there. */
  values: Record<string, number | string | null>
}

export interface NativeAddon {
  readonly napiVersion: number
  readonly buildInfo: string
  /** Backends linked into the addon. */
  backends(): NativeBackend[]
  /** A backend in a shared library, by absolute path. Throws a NativeError. Never unloaded. */
  loadBackend(path: string): NativeBackend
  /** Once, on the main thread, when the process is about to end: see native/common/exit_guard.h. */
  aboutToExit(): void
  openChannel(channel: NativeChannel, handler: CompletionHandler): void
  /** Settles what has finished since, without waiting for the wake-up that is on its way. */
  poll(): void
  /** Smallest and largest value into the first two places, 1 or 0 for "all are finite" into the third. Older builds lack it. */
  extentOf?(values: Float32Array, into: Float64Array): void
  /** Both histograms 4096 long: see native/common/histogram.h. Older builds lack it. */
  countInto?(values: Float32Array, limit: number, positive: Float64Array, negative: Float64Array): void
  /** Off the JS thread; the arrays must stay as they are until it has settled: see native/common/gptq.h. Older builds lack it. */
  roundRows?(
    values: Float32Array,
    covariance: Float32Array,
    scales: Float32Array,
    floors: Float32Array,
  ): NativeTask<{ codes: Int8Array; scales: Float32Array }>
  /**
   * Loads a shared library and calls simple functions of it. It may crash the process: only for a child process.
   * `calls`: symbol → 'int()' | 'int(int*)' (the number written) | 'string()'.
   */
  probeLibrary(name: string, calls: Readonly<Record<string, 'int()' | 'int(int*)' | 'string()'>>): LibraryProbe
}
