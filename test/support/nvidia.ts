import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { packageRoot } from '../../lib/backend/addon.js'
import { type BuildOptions, Engine } from '../../lib/index.js'

/** Where scripts/test-nvidia.ts has put NVIDIA's libraries; each suite of test/nvidia needs it. */
function place(variable: string): string {
  const value = process.env[variable]
  if (value === undefined) throw new Error(`${variable} is not set: run these suites with npm run test:nvidia`)
  return value
}

export const rtx = { version: place('TEST_NVIDIA_RTX_VERSION'), folder: place('TEST_NVIDIA_RTX') }
/** Whether --all was given: every model, every version. */
export const thorough = process.env['TEST_NVIDIA_ALL'] === '1'
export const cudartFolder = place('TEST_NVIDIA_CUDART')
export const dispatch = { version: place('TEST_NVIDIA_DISPATCH_VERSION'), folder: place('TEST_NVIDIA_DISPATCH') }

/** The very library under test, whatever else this machine has. */
export const rtxLibraries = { nvinfer: rtx.folder, nvonnxparser: rtx.folder, cudart: cudartFolder }
export const dispatchLibraries = { nvinfer: join(dispatch.folder, 'libnvinfer_dispatch.so.11'), cudart: cudartFolder }

export function buildRtx(model: string | Uint8Array, options: BuildOptions = {}): Promise<Engine> {
  return Engine.build(model, { backend: 'tensorrt-rtx', libraries: rtxLibraries, ...options })
}

/** A model out of an npm package. */
export const modelFile = (name: string) => join(packageRoot, 'node_modules', name)

let driver: string | undefined

/** A folder with a libcuda.so.1 that fails as `CU_INIT` says (fixtures/failing-driver.c), compiled once for each process. */
export function failingDriver(): string {
  driver ??= compile()
  return driver
}

function compile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'failing-driver-'))
  const source = fileURLToPath(new URL('../nvidia/fixtures/failing-driver.c', import.meta.url))
  execFileSync('cc', ['-shared', '-fPIC', '-Wl,-soname,libcuda.so.1', '-o', join(folder, 'libcuda.so.1'), source])
  return folder
}

/** What a script of test/nvidia/fixtures prints as JSON, in a process of its own with that driver. */
export async function withDriver<T>(script: string, environment: Readonly<Record<string, string>>): Promise<T> {
  const file = fileURLToPath(new URL(`../nvidia/fixtures/${script}`, import.meta.url))
  const env = { ...process.env, LD_LIBRARY_PATH: failingDriver(), ...environment }
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], { env, timeout: 120_000, maxBuffer: 1 << 24 })
  return JSON.parse(stdout) as T
}
