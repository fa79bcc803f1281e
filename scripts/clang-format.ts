/**
 * Checks the C++ of native/ with clang-format, or formats it with --write. Its output differs between versions, so one
 * is pinned; it comes from PyPI because a distribution has the version it has.
 * Usage: node --import tsx scripts/clang-format.ts [--write | --install]
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { filesUnder } from './support/files.js'
import { isMain, repository } from './support/report.js'

const version = '19.1.7'
const folder = '.cache/clang-format'
const installed = join(repository, folder, 'clang_format/data/bin/clang-format')

function install(): number | null {
  // --target needs no virtual environment, and is allowed where the system's Python is externally managed.
  const args = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--root-user-action=ignore',
    '--upgrade',
    '--target',
    folder,
    `clang-format==${version}`,
  ]
  return spawnSync('python3', args, { cwd: repository, stdio: 'inherit' }).status
}

function find(): string | null {
  const major = version.split('.')[0]
  const candidates = [process.env.CLANG_FORMAT, installed, `clang-format-${major}`, 'clang-format'].filter((path) => path !== undefined)
  return candidates.find((path) => spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.includes(` ${major}.`)) ?? null
}

function main(): number {
  if (process.argv.includes('--install')) return existsSync(installed) ? 0 : (install() ?? 1)
  const program = find()
  if (program === null) {
    // Not having it may not stop a contributor; not checking in continuous integration would make the check a decoration.
    const strict = process.env.CI !== undefined
    console.log(`${strict ? 'failed' : 'skipped'}: no clang-format ${version} found; install it with: npm run install:clang-format`)
    return strict ? 1 : 0
  }
  const files = filesUnder(repository, 'native', (path) => /\.(h|c|cc)$/.test(path))
  const mode = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '--Werror']
  const { status } = spawnSync(program, ['--style=file', ...mode, ...files], { cwd: repository, stdio: 'inherit' })
  if (status === 0) console.log(`${files.length} files, no problem`)
  return status ?? 1
}

if (isMain(import.meta.url)) process.exitCode = main()
