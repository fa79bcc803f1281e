import { dirname, join } from 'node:path'
import { packageRoot } from '../../lib/backend/addon.js'

/** Where node-gyp puts the test libraries; a sanitizer build keeps them beside its addon. */
const built =
  process.env['TENSORRT_NODE_ADDON'] === undefined ? join(packageRoot, 'build/Release') : dirname(process.env['TENSORRT_NODE_ADDON'])

/** The scripted backend's library: native/test/scripted.md says what it can be told. */
export const scriptedLibrary = join(built, 'scripted.so')
/** A library that answers for another ABI. */
export const wrongAbiLibrary = join(built, 'wrong_abi.so')

/** A scripted model as bytes: `lines` after the first one. Default: x → y, float32 [N, 4]. */
export function scriptedModel(lines: readonly string[] = ['input x float32 N,4', 'output y float32 N,4']): Uint8Array {
  return new TextEncoder().encode(['scripted 1', ...lines, ''].join('\n'))
}

/** Counters of the scripted backend, process-wide but for `runs`. */
export interface ScriptedCounters {
  runs: number
  pooledOut: number
  hostAllocations: number
  engines: number
  sessions: number
}
