/** The headers that the crate `trtx-sys` carries (TensorRT 11.4, TensorRT-RTX 1.3 to 1.7), fetched once by cargo into .cache/. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repository } from '../support/report.js'

const version = '0.9.1'
/** Where they are once fetched. */
export const crateHeaders = join(repository, `.cache/abi/trtx-sys-${version}`)

/** @throws Error where cargo is missing or fails. */
export function fetchCrateHeaders(): string {
  if (existsSync(crateHeaders)) return crateHeaders
  const project = join(repository, '.cache/abi/project')
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, 'lib.rs'), '')
  writeFileSync(join(project, 'Cargo.toml'), manifest)
  const source = join(dirname(cratePath(project)), 'TensorRT-Headers')
  if (!existsSync(source)) throw new Error(`Expected TensorRT-Headers in the crate trtx-sys ${version}, none in ${dirname(source)}`)
  const partial = `${crateHeaders}.partial`
  rmSync(partial, { recursive: true, force: true })
  cpSync(source, partial, { recursive: true })
  renameSync(partial, crateHeaders)
  return crateHeaders
}

const manifest = `[package]
name = "headers"
version = "0.0.0"
edition = "2021"

[lib]
path = "lib.rs"

[dependencies]
trtx-sys = "=${version}"

[workspace]
`

function cratePath(project: string): string {
  const args = ['metadata', '--format-version', '1', '--filter-platform', 'x86_64-unknown-linux-gnu']
  const { status, stdout, stderr, error } = spawnSync('cargo', args, { cwd: project, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (error !== undefined)
    throw new Error('Expected cargo on the PATH to fetch headers: install Rust, or give headers with --include DIR', { cause: error })
  if (status !== 0) throw new Error(`cargo metadata failed: ${stderr.trim().slice(-500)}`)
  const { packages } = JSON.parse(stdout) as { packages: { name: string; manifest_path: string }[] }
  const found = packages.find(({ name }) => name === 'trtx-sys')
  if (found === undefined) throw new Error('Expected trtx-sys among the packages of cargo metadata')
  return found.manifest_path
}
