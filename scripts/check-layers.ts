/**
 * Imports only point down. Checks lib/ (TypeScript) and native/ (includes) against the table in layers.ts.
 * Usage: node --import tsx scripts/check-layers.ts [root]
 */
import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, posix } from 'node:path'
import {
  addonLoader,
  backendRegistration,
  compositionRoots,
  forbiddenHeaders,
  libLayers,
  nativeLayers,
  nodeApiHeaders,
  testAddons,
} from './layers.js'
import { filesUnder } from './support/files.js'
import { type Include, codeOf, importsOf, includesOf } from './support/imports.js'
import { isMain, reportProblems, repository } from './support/report.js'

interface Manifest {
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

/** Every violation under `root`, as `file:line: what and why`. */
export function layerProblems(root: string): string[] {
  return [...libProblems(root), ...nativeProblems(root)]
}

function libProblems(root: string): string[] {
  const declared = runtimeDependencies(root)
  return sources(root, 'lib').flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8')
    const problems = importsOf(source).flatMap(({ specifier, line }) => {
      const reason = specifier.startsWith('.') ? relativeProblem(file, specifier) : packageProblem(file, specifier, declared)
      return reason === null ? [] : [`${file}:${line}: ${reason}`]
    })
    const folder = layerOf(file)
    if (folder !== null && !(folder in libLayers)) problems.unshift(`${file}:1: the layer "${folder}" is not in scripts/layers.ts`)
    if (file !== addonLoader && /\bprocess\s*\.\s*dlopen\b/.test(codeOf(source)))
      problems.push(`${file}:1: only ${addonLoader} may load the addon`)
    return problems
  })
}

function relativeProblem(file: string, specifier: string): string | null {
  const target = posix.join(posix.dirname(file), specifier)
  if (target.endsWith('.node')) return file === addonLoader ? null : `only ${addonLoader} may load the addon`
  // package.json is data that the package ships with itself.
  if (target === 'package.json') return null
  if (!target.startsWith('lib/')) return `imports ${target}, which is outside of lib/`
  const from = layerOf(file)
  const to = layerOf(target)
  if (from === to) return null
  if (to === null) return `imports the entry point ${target}: import the layer that has it`
  if (from === null) return compositionRoots.includes(to) ? `an entry point may not import ${to}, which is a composition root` : null
  const allowed = libLayers[from]
  // An unknown layer is one problem of its own, not one for each import.
  if (allowed === undefined || allowed.includes(to)) return null
  return `${from} may not import ${to} (${specifier}); it may import ${allowed.join(', ') || 'nothing'}`
}

function packageProblem(file: string, specifier: string, declared: ReadonlySet<string>): string | null {
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? null : `write "node:${specifier}"`
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  if (name === 'node-gyp-build' && file !== addonLoader) return `only ${addonLoader} may load the addon`
  return declared.has(name) ? null : `imports "${name}", which package.json does not list as a dependency of the package`
}

function nativeProblems(root: string): string[] {
  return sources(root, 'native').flatMap((file) => {
    const layer = file.split('/')[1] ?? ''
    const allowed = nativeLayers[layer]
    if (allowed === undefined) return [`${file}:1: the folder native/${layer} is not in scripts/layers.ts`]
    return includesOf(readFileSync(join(root, file), 'utf8')).flatMap((include) => {
      const reason = includeProblem(root, file, layer, include)
      return reason === null ? [] : [`${file}:${include.line}: ${reason}`]
    })
  })
}

function includeProblem(root: string, file: string, layer: string, include: Include): string | null {
  const header = include.specifier
  const target = include.system ? null : resolveInclude(root, file, header)
  // A header of ours may have such a name (native/tensorrt/cuda.h declares what CUDA's would).
  if (target === null && forbiddenHeaders.test(posix.basename(header)))
    return `includes ${header}: libraries are loaded at run time, and only Node-API is used of Node`
  if (nodeApiHeaders.has(header))
    return layer === 'addon' || testAddons.includes(file) ? null : `includes ${header}: only native/addon knows Node-API`
  if (include.system) return null
  if (target === null) return `includes "${header}", which is not found beside it, nor in a folder of native/`
  const to = target.split('/')[1] ?? ''
  if (to === layer || nativeLayers[layer]?.includes(to)) return null
  if (layer === 'addon' && to !== 'test' && backendRegistration.includes(file)) return null
  return `native/${layer} may not include native/${to} ("${header}")`
}

function resolveInclude(root: string, file: string, header: string): string | null {
  const folders = [posix.dirname(file), 'native', ...Object.keys(nativeLayers).map((layer) => `native/${layer}`)]
  const candidates = folders.map((folder) => posix.join(folder, header))
  return candidates.find((path) => path.startsWith('native/') && existsSync(join(root, path))) ?? null
}

/** The folder of lib/ a file lies in; `null` for an entry point. */
function layerOf(path: string): string | null {
  const parts = path.split('/')
  return parts.length > 2 ? (parts[1] ?? null) : null
}

function runtimeDependencies(root: string): ReadonlySet<string> {
  const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const listed = [manifest.dependencies, manifest.optionalDependencies, manifest.peerDependencies]
  return new Set(listed.flatMap((section) => Object.keys(section ?? {})))
}

function sources(root: string, folder: string): string[] {
  return filesUnder(root, folder, (path) => (folder === 'lib' ? /\.[cm]?[tj]s$/ : /\.(c|cc|h)$/).test(path))
}

if (isMain(import.meta.url)) {
  const root = process.argv[2] ?? repository
  const count = sources(root, 'lib').length + sources(root, 'native').length
  reportProblems('check-layers', `${count} files`, layerProblems(root))
}
