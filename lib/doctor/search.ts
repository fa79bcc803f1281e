import { join } from 'node:path'
import type { LibrarySpec } from './libraries.js'

/** What the search reads of the machine: an argument, so that tests bring their own. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>
  arch: string
  /** Names in a directory; none where there is no such directory. */
  list(directory: string): readonly string[]
  /** `site-packages` folders of Python installations. */
  sitePackages: readonly string[]
}

/** Where libraries may lie, and why we look there. */
export interface Place {
  directory: string
  origin: string
}

/** One thing to try. `path` is absolute, or a bare soname that the system's loader resolves. */
export interface Candidate {
  path: string
  origin: string
}

const loaderOrigin = "the system's loader (ldconfig, LD_LIBRARY_PATH)"
const driverGroup: LibrarySpec['group'] = 'driver'

/** Directories for the libraries of a group, in the order in which they are tried. */
export function placesFor(group: LibrarySpec['group'], around: Surroundings): Place[] {
  if (group === driverGroup) return []
  const variables = group === 'cuda' ? ['CUDA_HOME', 'CUDA_PATH'] : ['TENSORRT_ROOT', 'TENSORRT_DIR']
  return [
    ...variables.flatMap((variable) => under(around, around.env[variable], variable)),
    ...toolkitPlaces(around),
    ...multiarchPlaces(around),
    ...wheelPlaces(around),
  ]
}

/** Every file that exists and is named like one of the library's sonames, and each bare soname; newest major first. */
export function candidatesFor(library: LibrarySpec, around: Surroundings): Candidate[] {
  const places = placesFor(library.group, around)
  return library.sonames.flatMap((soname) => {
    const files = places.filter(({ directory }) => around.list(directory).includes(soname))
    const found = files.map(({ directory, origin }) => ({ path: join(directory, soname), origin }))
    return [...found, { path: soname, origin: loaderOrigin }]
  })
}

/** lib folders of a root as the SDKs lay them out. */
function under(around: Surroundings, root: string | undefined, origin: string): Place[] {
  if (root === undefined || root === '') return []
  const targets = around.list(join(root, 'targets')).map((target) => join(root, 'targets', target, 'lib'))
  return [join(root, 'lib'), join(root, 'lib64'), ...targets].map((directory) => ({ directory, origin }))
}

function toolkitPlaces(around: Surroundings): Place[] {
  // `cuda` is the link to the version in use; numbered ones follow, the newest first.
  const folders = around.list('/usr/local').filter((name) => /^cuda(-\d+(\.\d+)?)?$/.test(name))
  const number = (name: string) => (name === 'cuda' ? Infinity : Number(name.slice('cuda-'.length)))
  return folders.sort((a, b) => number(b) - number(a)).flatMap((name) => under(around, join('/usr/local', name), 'the CUDA toolkit'))
}

function multiarchPlaces(around: Surroundings): Place[] {
  const machine = around.arch === 'arm64' ? 'aarch64' : 'x86_64'
  return [
    { directory: `/usr/lib/${machine}-linux-gnu`, origin: 'Debian and Ubuntu packages' },
    { directory: '/usr/lib64', origin: 'RPM packages' },
  ]
}

function wheelPlaces(around: Surroundings): Place[] {
  return around.sitePackages.flatMap((site) => {
    // tensorrt_libs, tensorrt_rtx_libs …; nvidia/cuda_runtime/lib (CUDA 12) and nvidia/cu13/lib
    const tensorrt = around.list(site).filter((name) => /^tensorrt\w*_libs$/.test(name))
    const nvidia = around.list(join(site, 'nvidia')).map((name) => join('nvidia', name, 'lib'))
    return [...tensorrt, ...nvidia].map((folder) => ({ directory: join(site, folder), origin: 'Python packages' }))
  })
}
