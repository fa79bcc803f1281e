import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

type Bytes = Float32Array | Uint8Array

/** bench/native/echo.cc. */
export interface Echo {
  /** One thread of its own, which polls this long after each run before it sleeps. */
  create(spinMicros: number): (input: Bytes, output: Bytes) => Promise<Bytes>
  /** One plain `memcpy` on the calling thread. */
  copy(source: Bytes, target: Bytes): void
}

const folder = fileURLToPath(new URL('../native/', import.meta.url))
const require = createRequire(import.meta.url)

function isCurrent(binary: string): boolean {
  if (!existsSync(binary)) return false
  const built = statSync(binary).mtimeMs
  return ['echo.cc', 'binding.gyp'].every((source) => statSync(join(folder, source)).mtimeMs <= built)
}

/** Where Node's own headers lie beside the binary, node-gyp need not download them. */
function nodeHeaders(): string[] {
  const prefix = join(dirname(process.execPath), '..')
  return existsSync(join(prefix, 'include/node/common.gypi')) ? [`--nodedir=${prefix}`] : []
}

function build(): void {
  const gyp = require.resolve('node-gyp/bin/node-gyp.js')
  const made = spawnSync(process.execPath, [gyp, 'rebuild', '--loglevel=error', '-C', folder, ...nodeHeaders()], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`bench/native does not build:\n${made.stdout}${made.stderr}`)
}

/** Builds the echo with node-gyp where it is missing or older than its source. */
export function loadEcho(): Echo {
  const binary = join(folder, 'build/Release/echo.node')
  if (!isCurrent(binary)) build()
  return require(binary) as Echo
}
