import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './report.js'

/** A package of PyPI at one version. */
export interface PythonPackage {
  readonly name: string
  readonly version: string
  /** Parts of it that are asked for: `tritonclient[http]`. */
  readonly extra?: string
  /** Also what it needs itself. */
  readonly dependencies?: boolean
}

/** The folder in .cache/`under` that holds the package; fetched where it is not there. */
export function installPython(under: string, { name, version, extra, dependencies }: PythonPackage): string {
  const target = join(repository, '.cache', under, `${name}-${version}`)
  if (existsSync(target)) return target
  console.log(`Fetching ${name} ${version} …`)
  // Under another name until it is whole: an interrupted download must not be taken for one.
  const partial = `${target}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  const quiet = [
    '--quiet',
    '--disable-pip-version-check',
    '--root-user-action=ignore',
    '--upgrade',
    ...(dependencies === true ? [] : ['--no-deps']),
  ]
  const wanted = `${name}${extra === undefined ? '' : `[${extra}]`}==${version}`
  const { status } = spawnSync('python3', ['-m', 'pip', 'install', ...quiet, '--target', partial, wanted], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`pip could not install ${wanted}`)
  renameSync(partial, target)
  return target
}
