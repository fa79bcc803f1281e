import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { TrtError } from '../../core/errors.js'
import { type Family, type Place, placesFor, type Surroundings } from './places.js'

/** The options by which native code is told where libraries may lie (native/tensorrt). */
export type LibraryKey = 'cudart' | 'nvinfer' | 'nvonnxparser' | 'nvinferPlugin'

export const libraryKeys: readonly LibraryKey[] = ['cudart', 'nvinfer', 'nvonnxparser', 'nvinferPlugin']

/** A path or folder for each library: given, it is used and nothing else is looked at. */
export type LibraryPaths = Readonly<Partial<Record<LibraryKey, string>>>

export interface Wanted {
  readonly family: Family
  /** A variable that names the library, or the folder it lies in; like an option it is never passed over. */
  readonly variable?: string
  /**
   * Names to look for, in tiers: a later tier is tried when the whole search has nothing of the earlier ones. Within a tier the
   * newest major comes first, in each place: a place that a user names outranks a newer version elsewhere.
   */
  readonly tiers: readonly (readonly string[])[]
}

/** One thing to try. `path` is absolute, or a bare soname that the system's loader resolves. */
export interface Candidate {
  readonly path: string
  readonly origin: string
}

const nvinferVariable = 'TENSORRT_NODE_NVINFER'
/** Every variable that names a library, for reports. */
export const libraryVariables: readonly string[] = ['TENSORRT_NODE_CUDART', nvinferVariable]

const majors = (name: string) => [`${name}.so.11`, `${name}.so.10`]

export const cudart: Wanted = { family: 'cuda', variable: 'TENSORRT_NODE_CUDART', tiers: [['libcudart.so.13', 'libcudart.so.12']] }

/** The lean and the dispatch runtime run engines and build none: they are enough on a machine that only serves. */
export const backendLibraries: Readonly<Record<'tensorrt' | 'tensorrt-rtx', Readonly<Partial<Record<LibraryKey, Wanted>>>>> = {
  tensorrt: {
    cudart,
    nvinfer: {
      family: 'tensorrt',
      variable: nvinferVariable,
      tiers: [majors('libnvinfer'), majors('libnvinfer_lean'), majors('libnvinfer_dispatch')],
    },
    nvonnxparser: { family: 'tensorrt', tiers: [majors('libnvonnxparser')] },
    nvinferPlugin: { family: 'tensorrt', tiers: [majors('libnvinfer_plugin')] },
  },
  'tensorrt-rtx': {
    cudart,
    nvinfer: { family: 'tensorrt-rtx', variable: nvinferVariable, tiers: [['libtensorrt_rtx.so.1']] },
    nvonnxparser: { family: 'tensorrt-rtx', tiers: [['libtensorrt_onnxparser_rtx.so.1']] },
  },
}

/**
 * What a variable names; else every file that exists in one of the places, and each bare soname where the loader's turn is.
 *
 * @throws {TrtError} `TRT_ERR_UNAVAILABLE`: the variable leads nowhere.
 */
export function candidatesFor(library: Wanted, around: Surroundings, before: readonly Place[] = []): Candidate[] {
  const named = namedByVariable(library, around)
  if (named !== null) return explicitCandidates(named, library, around)
  const { family, tiers } = library
  const places = [...before, ...placesFor(family, around)].map((place) => ({
    directory: place.directory,
    origin: place.origin,
    names: place.directory === null ? null : new Set(around.list(place.directory)),
  }))
  const all = tiers.flatMap((sonames) =>
    places.flatMap(({ directory, origin, names }) =>
      sonames
        .filter((soname) => names === null || names.has(soname))
        .map((soname) => ({ path: directory === null ? soname : join(directory, soname), origin })),
    ),
  )
  return [...new Map(all.toReversed().map((candidate) => [candidate.path, candidate])).values()].toReversed()
}

/** Candidates for each library of a backend; `given` are the user's paths. @throws {TrtError} `TRT_ERR_UNAVAILABLE` */
export function backendCandidates(
  backend: 'tensorrt' | 'tensorrt-rtx',
  given: LibraryPaths,
  around: Surroundings,
): Readonly<Partial<Record<LibraryKey, readonly Candidate[]>>> {
  const wanted = backendLibraries[backend]
  const found: Partial<Record<LibraryKey, readonly Candidate[]>> = {}
  for (const [key, library] of Object.entries(wanted) as [LibraryKey, Wanted][]) {
    const path = given[key]
    const explicit = path === undefined ? null : { path: absolute(path), origin: `the option libraries.${key}` }
    // A parser or plugin library fits only its own nvinfer: beside that one is the best place to look.
    const beside: Place[] = key === 'cudart' || key === 'nvinfer' ? [] : besideNvinfer(found.nvinfer)
    found[key] = explicit === null ? candidatesFor(library, around, beside) : explicitCandidates(explicit, library, around)
  }
  return found
}

/** The same as native code takes it: one text for each library, a candidate a line. */
export function libraryOptions(backend: 'tensorrt' | 'tensorrt-rtx', given: LibraryPaths, around: Surroundings): Record<string, string> {
  const candidates = Object.entries(backendCandidates(backend, given, around))
  return Object.fromEntries(candidates.map(([key, list]) => [key, list.map(({ path }) => path).join('\n')]))
}

function besideNvinfer(nvinfer: readonly Candidate[] | undefined): Place[] {
  const folders = (nvinfer ?? []).filter(({ path }) => isAbsolute(path)).map(({ path, origin }) => ({ directory: dirname(path), origin }))
  const [first] = nvinfer ?? []
  // Where the loader's own libraries are tried first, their peers come from the loader too.
  return first !== undefined && isAbsolute(first.path) ? folders : []
}

interface Explicit {
  readonly path: string
  readonly origin: string
}

function namedByVariable({ variable, family }: Wanted, { env }: Surroundings): Explicit | null {
  const path = variable === undefined ? undefined : env[variable]
  if (path === undefined || path === '') return null
  // One variable for two products: a file of the one must not disable the other.
  if (family !== 'cuda' && /rtx/i.test(basename(path)) !== (family === 'tensorrt-rtx')) return null
  return { path: absolute(path), origin: `the environment variable ${variable}` }
}

/** A name without a slash is for the loader, as in a shell. */
const absolute = (path: string) => (path.includes('/') ? resolve(path) : path)

function explicitCandidates({ path, origin }: Explicit, library: Wanted, around: Surroundings): Candidate[] {
  // A bare name is the loader's business, and the loader's answer is the report.
  if (!path.includes('/')) return [{ path, origin }]
  if (around.list(dirname(path)).includes(basename(path)) && around.list(path).length === 0) return [{ path, origin }]
  const sonames = library.tiers.flat()
  const names = around.list(path)
  const inside = sonames.filter((soname) => names.includes(soname)).map((soname) => ({ path: join(path, soname), origin }))
  if (inside.length > 0) return inside
  const reason = names.length > 0 ? `the folder has none of ${sonames.join(', ')}` : 'there is no such file'
  const message = `Expected a library at "${path}", as ${origin} says, but ${reason}. Correct the path, or leave it out to use what is installed.`
  throw new TrtError('TRT_ERR_UNAVAILABLE', message, { tried: [{ path, origin, error: reason }], remedy: 'Correct the path.' })
}
