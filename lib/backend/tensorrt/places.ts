import { join } from 'node:path'

/** What the search reads of the machine: an argument, so that tests bring their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** As `process.arch` has it. */
  readonly arch: string
  readonly home: string
  /** Names in a directory; none where there is no such directory. */
  list(directory: string): readonly string[]
}

/** Libraries that are installed together, and so lie in the same places. */
export type Family = 'driver' | 'cuda' | 'tensorrt' | 'tensorrt-rtx'

/** Where libraries may lie, and why we look there. `directory` null: the system's loader finds them by name. */
export interface Place {
  readonly directory: string | null
  readonly origin: string
}

const loader: Place = { directory: null, origin: "the system's loader (LD_LIBRARY_PATH, ldconfig)" }

/** Variables that name a root folder, best first; ours come before those of others. */
const rootVariables: Readonly<Record<Exclude<Family, 'driver'>, readonly string[]>> = {
  cuda: ['CUDA_HOME', 'CUDA_PATH'],
  tensorrt: ['TENSORRT_NODE_TENSORRT_ROOT', 'TENSORRT_ROOT', 'TENSORRT_DIR'],
  'tensorrt-rtx': ['TENSORRT_NODE_RTX_ROOT', 'TENSORRT_RTX_ROOT'],
}

/** Every variable that steers this search, for reports. */
export const placeVariables: readonly string[] = [
  ...Object.values(rootVariables).flat(),
  'LD_LIBRARY_PATH',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  'PYTHONPATH',
]

/**
 * Places for the libraries of a family, in the order in which they are tried: variables, the system's loader, install roots,
 * the distribution's folders, Python packages. docs/tensorrt.md has the same list. The driver is the loader's business alone.
 */
export function placesFor(family: Family, around: Surroundings): Place[] {
  if (family === 'driver') return [loader]
  const named = rootVariables[family].flatMap((variable) => under(around, around.env[variable], variable))
  return unique([...named, loader, ...installPlaces(family, around), ...distributionPlaces(around), ...pythonPlaces(around)])
}

function unique(places: readonly Place[]): Place[] {
  return [...new Map(places.toReversed().map((place) => [place.directory, place])).values()].toReversed()
}

/** The folders of a root as the SDKs lay them out; the root itself, for people who unpack libraries flat. */
function under(around: Surroundings, root: string | undefined, origin: string): Place[] {
  if (root === undefined || root === '') return []
  const targets = around.list(join(root, 'targets')).map((target) => join(root, 'targets', target, 'lib'))
  return [join(root, 'lib'), join(root, 'lib64'), ...targets, root].map((directory) => ({ directory, origin }))
}

const installNames: Readonly<Record<Exclude<Family, 'driver'>, RegExp>> = {
  cuda: /^cuda(-\d+(\.\d+)?)?$/i,
  tensorrt: /^tensorrt(?!.*rtx)([-_.\d].*)?$/i,
  'tensorrt-rtx': /^tensorrt[-_]?rtx([-_.\d].*)?$/i,
}

/** /usr/local/cuda-13.0, /opt/tensorrt, /usr/local/TensorRT-10.15.1 …: a folder without a number is the link to the one in use. */
function installPlaces(family: Exclude<Family, 'driver'>, around: Surroundings): Place[] {
  const parents = family === 'cuda' ? ['/usr/local', '/opt'] : ['/usr/local', '/opt', '/opt/nvidia', '/usr/src']
  const origin = family === 'cuda' ? 'the CUDA toolkit' : 'an installation of TensorRT'
  return parents.flatMap((parent) =>
    around
      .list(parent)
      .filter((name) => installNames[family].test(name))
      .toSorted(newestFirst)
      .flatMap((name) => under(around, join(parent, name), origin)),
  )
}

function newestFirst(a: string, b: string): number {
  const [numbered, other] = [/\d/.test(a), /\d/.test(b)]
  return numbered === other ? b.localeCompare(a, 'en', { numeric: true }) : numbered ? 1 : -1
}

function distributionPlaces({ arch }: Surroundings): Place[] {
  const machine = arch === 'arm64' ? 'aarch64' : 'x86_64'
  return [
    { directory: `/usr/lib/${machine}-linux-gnu`, origin: 'Debian and Ubuntu packages' },
    { directory: '/usr/lib64', origin: 'RPM packages' },
  ]
}

/** tensorrt_libs, tensorrt_rtx_libs, tensorrt_lean_libs …; nvidia/cuda_runtime/lib (CUDA 12) and nvidia/cu13/lib. */
function pythonPlaces(around: Surroundings): Place[] {
  return sitePackages(around).flatMap((site) => {
    const tensorrt = around.list(site).filter((name) => /^tensorrt\w*_libs$/.test(name))
    const nvidia = around
      .list(join(site, 'nvidia'))
      // cu13, cu14 …: CUDA 12 has a folder for each library instead.
      .toSorted((a, b) => Number(/^cu\d+$/.test(b)) - Number(/^cu\d+$/.test(a)) || newestFirst(a, b))
      .map((name) => join('nvidia', name, 'lib'))
    return [...tensorrt, ...nvidia].map((folder) => ({ directory: join(site, folder), origin: 'Python packages' }))
  })
}

/** Of the active environments first, then the user's, then the system's. No Python is started to ask it. */
function sitePackages(around: Surroundings): string[] {
  const { env, home } = around
  const pyenv = env['PYENV_ROOT'] || join(home, '.pyenv')
  const versions = around.list(join(pyenv, 'versions')).toSorted(newestFirst)
  const roots = [
    env['VIRTUAL_ENV'],
    env['CONDA_PREFIX'],
    join(home, '.local'),
    ...versions.map((version) => join(pyenv, 'versions', version)),
    '/usr/local',
    '/usr',
    '/opt/conda',
  ]
  const given = (env['PYTHONPATH'] ?? '').split(':').filter((folder) => folder !== '')
  return [...new Set([...given, ...roots.flatMap((root) => packagesUnder(around, root))])]
}

function packagesUnder(around: Surroundings, root: string | undefined): string[] {
  if (root === undefined || root === '') return []
  const pythons = around.list(join(root, 'lib')).filter((name) => /^python\d/.test(name))
  return pythons
    .toSorted(newestFirst)
    .flatMap((python) => ['site-packages', 'dist-packages'].map((folder) => join(root, 'lib', python, folder)))
}
