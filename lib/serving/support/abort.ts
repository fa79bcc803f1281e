import { type Abortable, join, leave } from '../../core/abort-group.js'
import type { RunOptions } from '../../core/runner.js'

const owner = Symbol('owner')

interface Owned extends RunOptions {
  readonly [owner]?: LazyAbort
}

/** Of the options themselves, so that a copy of them has it too. Shared by all: a getter for each takes a microsecond. */
const lazySignal: PropertyDescriptor & ThisType<Owned> = {
  enumerable: true,
  get() {
    return this[owner]!.made()
  },
}

/**
 * An AbortSignal that is made when somebody asks for it: to make one takes longer than all else that a wrapper does. Wrappers
 * below hear it without: they know the options that it belongs to. A copy of those options has the signal itself.
 */
export class LazyAbort {
  readonly options: RunOptions
  aborted = false
  reason: unknown
  #controller: AbortController | null = null
  #members: Set<Abortable> | null = null

  /** @param rest The options of a run, except for its signal. */
  constructor(readonly rest: RunOptions) {
    const options: Owned = { ...rest, [owner]: this }
    this.options = Object.defineProperty(options, 'signal', lazySignal)
  }

  abort(reason: unknown): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    this.#controller?.abort(reason)
    for (const member of this.#members ?? []) member.abort()
  }

  join(member: Abortable): void {
    this.#members ??= new Set()
    this.#members.add(member)
  }

  leave(member: Abortable): void {
    this.#members?.delete(member)
  }

  /** The signal, from now on. */
  made(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.aborted) this.#controller.abort(this.reason)
    }
    return this.#controller.signal
  }
}

/** A copy has the owner's name, but may have been given another signal. */
function lazyOf(options: Owned): LazyAbort | undefined {
  const lazy = options[owner]
  return lazy?.options === options ? lazy : undefined
}

/** What aborts a run. */
export type Source = AbortSignal | LazyAbort

export function sourceOf(options: RunOptions): Source | undefined {
  return lazyOf(options) ?? options.signal
}

/** The options of a run without its signal. */
export function restOf(options: RunOptions): RunOptions {
  const lazy = lazyOf(options)
  if (lazy !== undefined) return lazy.rest
  const { signal: _signal, [owner]: _owner, ...rest } = options as Owned
  return rest
}

/** `member` is aborted with the run from now on. */
export function listen(source: Source | undefined, member: Abortable): void {
  if (source instanceof LazyAbort) source.join(member)
  else if (source !== undefined) join(source, member)
}

export function unlisten(source: Source | undefined, member: Abortable): void {
  if (source instanceof LazyAbort) source.leave(member)
  else if (source !== undefined) leave(source, member)
}
