import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { TrtError } from '../core/errors.js'

/** Names ONNX Runtime's shared library; comes before the packages. */
export const onnxRuntimeVariable = 'TENSORRT_NODE_ONNXRUNTIME'

export type OnnxRuntimeSource = 'option' | 'environment' | 'platform package' | 'onnxruntime-node'

/** One place that was looked at in vain. */
export interface Tried {
  readonly how: OnnxRuntimeSource
  readonly path: string
  readonly reason: string
}

export interface FoundLibrary {
  /** Absolute. */
  readonly path: string
  readonly how: OnnxRuntimeSource
  /** Places that come before and have none. */
  readonly tried: readonly Tried[]
}

export interface OnnxRuntimeOptions {
  /** The library, or the folder it lies in. It must be there: a path given is never passed over. */
  path?: string | undefined
  env?: Readonly<Record<string, string | undefined>>
  /** Resolves a module from this package; for tests. */
  resolve?: (specifier: string) => string
}

const require = createRequire(import.meta.url)
const libraryNames: Readonly<Record<string, RegExp>> = {
  linux: /^libonnxruntime\.so(\.\d+)*$/,
  darwin: /^libonnxruntime(\.\d+)*\.dylib$/,
  win32: /^onnxruntime\.dll$/,
}
const remedy = 'npm install onnxruntime-node'

/**
 * ONNX Runtime's shared library: the option, the environment variable, the package for this platform alone, the package
 * for all platforms; in this order. Only looks; loads nothing.
 *
 * @throws {TrtError} `TRT_ERR_UNAVAILABLE`: nowhere, or not where the option or the variable says. `details.tried` has all places.
 */
export function findOnnxRuntime({ path: given, env = process.env, resolve = require.resolve }: OnnxRuntimeOptions = {}): FoundLibrary {
  const variable = env[onnxRuntimeVariable]
  if (given !== undefined) return explicit('option', given)
  if (variable !== undefined && variable !== '') return explicit('environment', variable)
  const tried: Tried[] = []
  const packages = [
    ['platform package', () => platformPackage(resolve)],
    ['onnxruntime-node', () => universalPackage(resolve)],
  ] as const
  for (const [how, look] of packages) {
    const found = look()
    if (typeof found === 'string') return { path: found, how, tried }
    tried.push({ how, ...found })
  }
  const places = tried.map(({ path: place, reason }) => `${place} (${reason})`).join('; ')
  const message = `The CPU backend needs ONNX Runtime's shared library, and none was found: ${places}. Install it with \`${remedy}\`, or set ${onnxRuntimeVariable} to the library you have.`
  throw new TrtError('TRT_ERR_UNAVAILABLE', message, { tried, remedy })
}

type Missing = { path: string; reason: string }

function explicit(how: OnnxRuntimeSource, given: string): FoundLibrary {
  const absolute = path.resolve(given)
  const file = isDirectory(absolute) ? newest(absolute) : isFile(absolute) ? absolute : null
  if (file !== null) return { path: file, how, tried: [] }
  const reason = isDirectory(absolute) ? 'the folder has no such library' : 'there is no such file'
  const from = how === 'option' ? 'the option onnxruntime' : `the environment variable ${onnxRuntimeVariable}`
  const message = `Expected ONNX Runtime's shared library at "${given}", as ${from} says, but ${reason}. Correct the path, or leave it out to use the one that is installed.`
  throw new TrtError('TRT_ERR_UNAVAILABLE', message, { tried: [{ how, path: given, reason }], remedy: 'correct the path' })
}

/** Its `main` is the library itself. */
function platformPackage(resolve: (specifier: string) => string): string | Missing {
  const name = `@tensorrt-node/onnxruntime-${process.platform}-${process.arch}`
  const manifest = manifestOf(name, resolve)
  if (typeof manifest !== 'string') return manifest
  const { main } = JSON.parse(readFileSync(manifest, 'utf8')) as { main?: string }
  const file = path.join(path.dirname(manifest), main ?? '')
  return isFile(file) ? file : { path: name, reason: 'installed, but its library is missing; install it again' }
}

/** Has the libraries of all platforms, by Node-API version, platform and architecture. */
function universalPackage(resolve: (specifier: string) => string): string | Missing {
  const name = 'onnxruntime-node'
  const manifest = manifestOf(name, resolve)
  if (typeof manifest !== 'string') return manifest
  const binaries = path.join(path.dirname(manifest), 'bin')
  for (const version of list(binaries)
    .filter((entry) => entry.startsWith('napi-v'))
    .sort((a, b) => byNumber(b, a))) {
    const file = newest(path.join(binaries, version, process.platform, process.arch))
    if (file !== null) return file
  }
  return { path: name, reason: `installed, but has no library for ${process.platform}-${process.arch}` }
}

function manifestOf(name: string, resolve: (specifier: string) => string): string | Missing {
  try {
    return resolve(`${name}/package.json`)
  } catch {
    return { path: name, reason: 'not installed' }
  }
}

/** The library in a folder: `libonnxruntime.so.1` rather than `libonnxruntime.so`. */
function newest(folder: string): string | null {
  const pattern = libraryNames[process.platform]
  const name = list(folder)
    .filter((entry) => pattern?.test(entry))
    .sort(byNumber)
    .at(-1)
  return name === undefined ? null : path.join(folder, name)
}

const byNumber = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true })

function list(folder: string): string[] {
  return isDirectory(folder) ? readdirSync(folder) : []
}

function isDirectory(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false
}
