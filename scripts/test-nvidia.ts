/**
 * Runs test/nvidia on NVIDIA's real libraries, which need no GPU for what is tested: fetched from PyPI with pip into
 * .cache/nvidia, nothing of them is kept elsewhere. The rest needs a driver; test:sim stands in for it, and verify:gpu.
 * Usage: npm run test:nvidia [-- --all] [-- FILTER…]
 * --all: every version of TensorRT-RTX that is driven, not the newest alone, and every model in every precision.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installPython, type PythonPackage } from './support/pip.js'
import { isMain, repository } from './support/report.js'

/** One for each minor version; the newest last. */
const rtxVersions = ['1.4.0.76', '1.5.0.114', '1.6.1.120', '1.7.1.116'] as const
const cudart = { name: 'nvidia-cuda-runtime', version: '13.5.37', folder: 'nvidia/cu13/lib' }
const dispatch = { name: 'tensorrt-dispatch-cu13-libs', version: '11.4.0.106', folder: 'tensorrt_dispatch_libs' }
const rtx = (version: string) => ({ name: 'tensorrt-rtx-cu13-libs', version, folder: 'tensorrt_rtx_libs' })

interface Wheel extends PythonPackage {
  /** With the libraries, inside of it. */
  readonly folder: string
}

/** The folder with a wheel's libraries; fetched where it is not there. */
const install = (wheel: Wheel): string => join(installPython('nvidia', wheel), wheel.folder)

/** @returns the exit code of the runner */
function runSuites(version: string, filters: readonly string[], all: boolean): number {
  const env = {
    ...process.env,
    TEST_NVIDIA_ALL: all ? '1' : '0',
    TEST_NVIDIA_RTX: install(rtx(version)),
    TEST_NVIDIA_RTX_VERSION: version,
    TEST_NVIDIA_CUDART: install(cudart),
    TEST_NVIDIA_DISPATCH: install(dispatch),
    TEST_NVIDIA_DISPATCH_VERSION: dispatch.version,
  }
  console.log(`TensorRT-RTX ${version}, TensorRT ${dispatch.version} (dispatch runtime), CUDA runtime ${cudart.version}`)
  const runner = ['--import', 'tsx', join(repository, 'scripts/run-tests.ts'), '--jobs', '1', ...filters]
  return spawnSync(process.execPath, runner, { cwd: repository, env, stdio: 'inherit' }).status ?? 1
}

function main(): number {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { all: { type: 'boolean', default: false } } })
  const newest = rtxVersions.at(-1)!
  const own = positionals.length === 0 ? ['test/nvidia/'] : positionals.map((filter) => `test/nvidia/${filter}`)
  let failed = 0
  for (const version of values.all ? rtxVersions : [newest]) {
    // The driver's errors are the runtime's, whatever builds: they are the same for each version.
    const filters =
      version === newest || positionals.length > 0 ? own : ['test/nvidia/rtx', 'test/nvidia/precision', 'test/nvidia/no-driver']
    if (runSuites(version, filters, values.all) !== 0) failed++
  }
  return failed === 0 ? 0 : 1
}

if (isMain(import.meta.url)) process.exitCode = main()
