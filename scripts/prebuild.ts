/**
 * Builds the addon of this machine into prebuilds/, then checks it. prebuildify builds in a copy: it
 * starts from nothing each time, which would take build/ away from whoever is running tests, and it would ship every
 * shared library that it finds beside the addon, the test backend among them.
 * Usage: node --import tsx scripts/prebuild.ts [--out FOLDER]   (the folder that gets prebuilds/; default: the repository)
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { libc } from '../lib/backend/libc.js'
import { repository } from './support/report.js'

const addonTarget = 'tensorrt_node'
// Inside of the repository, so that binding.gyp finds node_modules.
const stage = mkdtempSync(join(repository, 'build-prebuild-'))
process.on('exit', () => rmSync(stage, { recursive: true, force: true }))

interface BindingGyp {
  includes: string[]
  targets: { target_name: string }[]
}

function copySources(): void {
  for (const name of ['native', 'package.json']) cpSync(join(repository, name), join(stage, name), { recursive: true })
  const gyp = JSON.parse(readFileSync(join(repository, 'binding.gyp'), 'utf8')) as BindingGyp
  gyp.targets = gyp.targets.filter((target) => target.target_name === addonTarget)
  gyp.includes = gyp.includes.filter((file) => file === 'native/sources.gypi') // the others add targets of tests
  if (gyp.targets.length !== 1) throw new Error(`Expected binding.gyp to have one target "${addonTarget}" but found ${gyp.targets.length}`)
  writeFileSync(join(stage, 'binding.gyp'), JSON.stringify(gyp))
}

function run(program: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: repository,
    encoding: 'utf8',
    env: { ...process.env, JOBS: 'max' },
  })
  if (error !== undefined) throw error
  if (status === 0) return
  process.stderr.write(`${stdout}${stderr}`)
  process.exit(status ?? 1)
}

const { values } = parseArgs({ options: { out: { type: 'string', default: repository } } })
const out = resolve(values.out)
copySources()
const prebuildify = join(repository, 'node_modules/.bin/prebuildify')
// The running Node's headers: Node-API makes one binary right for all.
run(prebuildify, ['--napi', '--strip', '--tag-libc', '--target', process.versions.node, '--cwd', stage, '--out', out])
const binary = join(out, 'prebuilds', `${process.platform}-${process.arch}`, `tensorrt-node.${libc().name}.node`)
run(process.execPath, ['--import', 'tsx', 'scripts/check-binary.ts', binary])
console.log(`${relative('.', binary)}: built and checked`)
