import type { NativeEngine } from '../backend/native.js'
import type { Choice } from '../backend/registry.js'
import type { EngineHeader } from './engine-header.js'

/** Where an engine's payload can be had again, for `save`. */
export type Payload = { readonly bytes: Uint8Array } | { readonly file: string; readonly offset: number }

/** What an Engine is made of. */
export interface EngineParts {
  /** Null: built for a machine with a GPU, on one without; `choice.buildOnly` says why it cannot run here. */
  readonly native: NativeEngine | null
  readonly header: EngineHeader
  readonly payload: Payload
  readonly choice: Choice
  /** Whether it came from `cacheDir`; 'off': none was given. */
  readonly cache: 'hit' | 'miss' | 'off'
}
