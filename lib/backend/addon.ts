import { createRequire } from 'node:module'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { TrtError } from '../core/errors.js'
import { libc } from './libc.js'
import type { NativeAddon } from './native.js'

/** The folder with package.json: two above this file, in lib/ as in dist/. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

const require = createRequire(import.meta.url)
let loaded: { addon: NativeAddon; path: string } | undefined

/**
 * The native addon, loaded at the first call: `TENSORRT_NODE_ADDON` (a path), else what `npx tensorrt-node rebuild` or node-gyp
 * built here, else the prebuilt binary that fits.
 *
 * @throws {TrtError} `TRT_ERR_ADDON`: no binary fits this platform, or it cannot be loaded.
 */
export function loadAddon(): NativeAddon {
  loaded ??= load()
  return loaded.addon
}

/** Where the loaded addon came from. @throws {TrtError} as `loadAddon`. */
export function addonPath(): string {
  loadAddon()
  return (loaded as { path: string }).path
}

function load(): { addon: NativeAddon; path: string } {
  const path = process.env['TENSORRT_NODE_ADDON'] ?? resolvePath()
  try {
    const addon = require(path) as NativeAddon
    // Destructors of native libraries run while our threads do: those threads are stopped first. A worker's end is no such end.
    if (isMainThread) process.once('exit', () => addon.aboutToExit())
    return { addon, path }
  } catch (cause) {
    throw refused(`${path} could not be loaded: ${(cause as Error).message}`, cause)
  }
}

function resolvePath(): string {
  const find = require('node-gyp-build') as { resolve(root: string): string }
  try {
    return find.resolve(packageRoot)
  } catch (cause) {
    throw refused('no binary of the native addon fits here', cause)
  }
}

function refused(what: string, cause: unknown): TrtError {
  const here = {
    platform: process.platform,
    arch: process.arch,
    napi: process.versions['napi'],
    modules: process.versions.modules,
    libc: libc(),
    node: process.version,
  }
  const available = prebuilt()
  return new TrtError(
    'TRT_ERR_ADDON',
    `${what}. This is ${here.platform}-${here.arch}, Node ${here.node} (ABI ${here.modules}, Node-API ${here.napi}), libc ${here.libc.name} ${here.libc.version}; ` +
      `needed: Node-API 8 or later, and on Linux glibc 2.28 or later for a prebuilt binary. Prebuilt here: ${available.join(', ') || 'none'}. ` +
      'Build it for this machine with: npx tensorrt-node rebuild',
    { ...here, available, remedy: 'npx tensorrt-node rebuild' },
    { cause },
  )
}

function prebuilt(): string[] {
  const folder = join(packageRoot, 'prebuilds')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.node'))
}
