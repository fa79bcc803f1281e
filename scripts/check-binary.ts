/**
 * What a prebuilt addon asks of the machine it lands on: old enough glibc and libstdc++, no library beyond the
 * compiler's own, nothing exported but Node-API's entry points, no trace of where it was built. Needs objdump (binutils).
 * Usage: node --import tsx scripts/check-binary.ts [FILE…]   (default: every file of prebuilds/)
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, relative } from 'node:path'
import { filesUnder } from './support/files.js'
import { isMain, reportProblems, repository } from './support/report.js'

/** What Node 20 itself needs: a newer one would exclude machines on which Node runs. */
const newest: Readonly<Record<string, string>> = { GLIBC: '2.28', GLIBCXX: '3.4.25', CXXABI: '1.3.11', GCC: '7.0.0' }
const allowedLibraries =
  /^(libstdc\+\+\.so\.6|libm\.so\.6|libgcc_s\.so\.1|libc\.so\.6|libdl\.so\.2|libpthread\.so\.0|ld-linux-[\w-]+\.so\.\d)$/
const allowedExports = new Set(['napi_register_module_v1', 'node_api_module_get_api_version_v1'])

/** Problems of one binary, from `objdump -T` (dynamic symbols) and `objdump -p` (headers). */
export function binaryProblems(symbols: string, headers: string): string[] {
  return [...versionProblems(symbols), ...undefinedProblems(symbols), ...libraryProblems(headers), ...exportProblems(symbols)]
}

function versionProblems(symbols: string): string[] {
  return symbols.split('\n').flatMap((line) => {
    const [, library = '', version = '', symbol] = /\*UND\*.*?\(?\b(GLIBC|GLIBCXX|CXXABI|GCC)_([\d.]+)\)?\s+(\S+)$/.exec(line) ?? []
    const limit = newest[library]
    if (symbol === undefined || limit === undefined || !isNewer(version, limit)) return []
    return [`needs ${library}_${version} for ${symbol}; the limit is ${limit} (see native/common/compat_symver.h)`]
  })
}

/** What no library is named for must come from Node itself; anything else is a source file that was left out. */
function undefinedProblems(symbols: string): string[] {
  return symbols.split('\n').flatMap((line) => {
    const [, weak, name] = /^[0-9a-f]+ .(.).*\*UND\*\s+[0-9a-f]+\s+(?:Base\s+)?(\w+)$/.exec(line) ?? []
    return name === undefined || weak === 'w' || /^(napi|node_api)_/.test(name) ? [] : [`lacks ${name}: nobody provides it`]
  })
}

function libraryProblems(headers: string): string[] {
  const needed = [...headers.matchAll(/^\s+NEEDED\s+(\S+)/gm)].map((match) => match[1] ?? '')
  const problems = needed.filter((name) => !allowedLibraries.test(name)).map((name) => `is linked with ${name}: load it at run time`)
  if (needed.length === 0) problems.push('lists no library: not a shared object that objdump understands')
  if (/^\s+(RPATH|RUNPATH)\s/m.test(headers)) problems.push('has an RPATH: it would look where it was built')
  return problems
}

function exportProblems(symbols: string): string[] {
  const exported = symbols
    .split('\n')
    .filter((line) => /^[0-9a-f]+ (?!l)/.test(line) && !/\*UND\*|\*ABS\*/.test(line))
    .map((line) => line.split(/\s+/).at(-1) ?? '')
  const extra = exported.filter((name) => !allowedExports.has(name)).map((name) => `exports ${name} (see native/common/exports.map)`)
  const missing = exported.includes('napi_register_module_v1') ? [] : ['does not export napi_register_module_v1']
  return [...extra, ...missing]
}

function isNewer(version: string, limit: string): boolean {
  const [a, b] = [version, limit].map((text) => text.split('.').map(Number)) as [number[], number[]]
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}

function objdump(option: string, file: string): string {
  const { status, stdout, stderr, error } = spawnSync('objdump', [option, file], { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (error !== undefined) throw new Error('Expected objdump on the PATH: install binutils', { cause: error })
  if (status !== 0) throw new Error(`objdump ${option} ${file} failed: ${stderr.trim()}`)
  return stdout
}

/** Whether the bytes name the folder they were built in: a path of a stranger's machine in every crash report. */
function placeProblems(file: string): string[] {
  return readFileSync(file).includes(repository) ? [`contains the path of the folder it was built in`] : []
}

if (isMain(import.meta.url)) {
  const given = process.argv.slice(2)
  const files =
    given.length > 0 ? given : filesUnder(repository, 'prebuilds', (path) => path.endsWith('.node')).map((path) => `${repository}/${path}`)
  const problems = files.flatMap((file) =>
    [...binaryProblems(objdump('-T', file), objdump('-p', file)), ...placeProblems(file)].map(
      (text) => `${relative('.', file) || basename(file)}: it ${text}`,
    ),
  )
  if (files.length === 0) problems.push('prebuilds/ holds no binary: make one with npm run make:prebuild')
  reportProblems('check-binary', `${files.length} ${files.length === 1 ? 'binary' : 'binaries'}`, problems)
}
