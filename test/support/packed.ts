import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { makePackages } from '../../scripts/make-onnxruntime-packages.js'
import { repository } from '../../scripts/support/report.js'

/** A run of npm, npx or another program, in an environment that does not tell it which package started this test. */
export function command(folder: string, program: string, ...args: readonly string[]): SpawnSyncReturns<string> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_(lifecycle|package|command|execpath|node_execpath|config_local_prefix)/.test(name),
  )
  const env = { ...Object.fromEntries(inherited), TENSORRT_NODE_ADDON: undefined, TENSORRT_NODE_ONNXRUNTIME: undefined, NO_COLOR: '1' }
  return spawnSync(program, args, { cwd: folder, env, encoding: 'utf8', maxBuffer: 1 << 26 })
}

/** As `command`, for what has to succeed; gives what it printed. */
export function succeed(folder: string, program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = command(folder, program, ...args)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status ?? error?.message}:\n${stdout}\n${stderr}`)
  return stdout
}

export interface PackedFile {
  path: string
  size: number
}

export interface Packed {
  /** A folder of this test's own, removed when the process ends. */
  root: string
  /** Where the package was packed: a copy of the repository. */
  stage: string
  tarball: string
  files: readonly PackedFile[]
  /** Of the platform package with ONNX Runtime's library. */
  onnxruntime: string
}

/**
 * Packs what a publisher would publish from a clean clone: in a copy of what git knows, because `npm pack` builds, and
 * others may be running from dist/ and build/ meanwhile.
 */
export function pack(): Packed {
  const root = mkdtempSync(join(tmpdir(), 'tensorrt-node-package-'))
  // Also when packing itself fails.
  process.once('exit', () => rmSync(root, { recursive: true, force: true }))
  const stage = join(root, 'stage')
  const known = succeed(repository, 'git', 'ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate')
  // A file that is deleted but not yet committed is listed and absent.
  for (const file of known.split('\n').filter((path) => path !== '' && existsSync(join(repository, path)))) {
    mkdirSync(dirname(join(stage, file)), { recursive: true })
    cpSync(join(repository, file), join(stage, file))
  }
  symlinkSync(join(repository, 'node_modules'), join(stage, 'node_modules'))
  const { filename, files } = packFolder(stage, root)
  const [platform = ''] = makePackages(join(root, 'platform'), [`linux-${process.arch}`])
  const onnxruntime = join(root, packFolder(platform, root).filename)
  return {
    root,
    stage,
    files,
    onnxruntime,
    tarball: join(root, filename),
  }
}

function packFolder(folder: string, out: string): { filename: string; files: PackedFile[] } {
  const printed = succeed(folder, 'npm', 'pack', '--json', '--pack-destination', out)
  // Scripts of the package print before npm does.
  const [result] = JSON.parse(printed.slice(printed.search(/^\[$/m))) as { filename: string; files: PackedFile[] }[]
  if (result === undefined) throw new Error(`npm pack in ${folder} packed nothing`)
  return result
}

/** An empty project, as a user would start one. */
export function consumer(root: string, name: string): string {
  const folder = join(root, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', private: true }))
  return folder
}
