/**
 * Makes one npm package per platform out of onnxruntime-node: @tensorrt-node/onnxruntime-linux-x64 and so on. Each holds
 * the shared library and its licence, nothing else: 45 MB instead of the 288 MB that onnxruntime-node unpacks to.
 * A publisher ships them with `npm publish FOLDER`; `npm install FOLDER` or its tarball works as well.
 *
 * Usage: node --import tsx scripts/make-onnxruntime-packages.ts [--out FOLDER] [--platform linux-x64]…
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { isMain, repository } from './support/report.js'

const library = 'libonnxruntime.so.1'
// ELF's e_machine, by Node's name of the architecture.
const machines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 }

interface Source {
  /** `linux-x64` */
  platform: string
  cpu: string
  path: string
}

/** The Linux libraries that an unpacked onnxruntime-node carries. This package is for Linux only so far. */
function librariesIn(root: string): Source[] {
  const bin = join(root, 'bin')
  const [napi] = readdirSync(bin)
  const folder = join(bin, napi ?? '', 'linux')
  return readdirSync(folder).map((cpu) => ({ platform: `linux-${cpu}`, cpu, path: join(folder, cpu, library) }))
}

/** Writes one package into `out` and returns its folder. */
function makePackage(root: string, source: Source, out: string): string {
  const header = readFileSync(source.path).subarray(0, 20)
  if (header.toString('latin1', 0, 4) !== '\x7fELF' || header.readUInt16LE(18) !== machines[source.cpu]) {
    throw new Error(`Expected ${source.path} to be an ELF library for ${source.cpu}, but its header says otherwise`)
  }
  const folder = join(out, `onnxruntime-${source.platform}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'lib'), { recursive: true })
  copyFileSync(source.path, join(folder, 'lib', library))
  copyLicences(root, folder)
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(source, version), null, 2)}\n`)
  return folder
}

function manifest({ platform, cpu }: Source, version: string): object {
  return {
    name: `@tensorrt-node/onnxruntime-${platform}`,
    version,
    description: `ONNX Runtime's shared library for ${platform}, for tensorrt-node`,
    license: 'MIT',
    repository: { type: 'git', url: 'git+https://github.com/microsoft/onnxruntime.git' },
    os: ['linux'],
    cpu: [cpu],
    libc: ['glibc'],
    main: `lib/${library}`,
    files: ['lib', 'ThirdPartyNotices.txt'],
    // A library must lie on disk to be loaded: not inside of a zip file.
    preferUnplugged: true,
  }
}

/** The licence files that came with the library; onnxruntime-node 1.30 has none, so its text is kept here. */
function copyLicences(root: string, folder: string): void {
  const shipped = readdirSync(root).filter((name) => /^(licen[cs]e|thirdpartynotices)(\.\w+)?$/i.test(name))
  for (const name of shipped) cpSync(join(root, name), join(folder, name))
  const licence = join(repository, 'scripts/support/onnxruntime-license.txt')
  if (!shipped.some((name) => /^licen/i.test(name))) copyFileSync(licence, join(folder, 'LICENSE'))
}

function onnxruntimeRoot(): string {
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
  return dirname(manifest)
}

/** Makes the packages of `platforms` (all when empty) in `out`; returns their folders. */
export function makePackages(out: string, platforms: readonly string[]): string[] {
  const root = onnxruntimeRoot()
  const sources = librariesIn(root).filter(({ path }) => existsSync(path))
  const unknown = platforms.filter((platform) => !sources.some((source) => source.platform === platform))
  if (unknown.length > 0) {
    throw new Error(
      `Expected platforms of onnxruntime-node (${sources.map(({ platform }) => platform).join(', ')}) but received ${unknown.join(', ')}`,
    )
  }
  const chosen = sources.filter(({ platform }) => platforms.length === 0 || platforms.includes(platform))
  return chosen.map((source) => makePackage(root, source, out))
}

if (isMain(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: join(repository, 'build-packages') },
      platform: { type: 'string', multiple: true, default: [] },
    },
  })
  for (const folder of makePackages(values.out, values.platform)) console.log(`${basename(folder)}: ${folder}`)
}
