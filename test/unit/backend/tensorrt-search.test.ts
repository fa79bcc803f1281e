import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { isTrtError } from '../../../lib/core/errors.js'
import {
  backendCandidates,
  backendLibraries,
  candidatesFor,
  cudart,
  type LibraryPaths,
  libraryOptions,
} from '../../../lib/backend/tensorrt/libraries.js'
import { placesFor, type Surroundings } from '../../../lib/backend/tensorrt/places.js'

const test = suite('search for NVIDIA libraries')

/** A machine with these files, given by their whole paths. */
function machine(files: readonly string[], env: Record<string, string> = {}, arch = 'x64'): Surroundings {
  const folders = new Map<string, Set<string>>()
  for (const file of files) {
    const parts = file.split('/')
    for (let depth = parts.length - 1; depth > 0; depth--) {
      const folder = parts.slice(0, depth).join('/')
      folders.set(folder, (folders.get(folder) ?? new Set()).add(parts[depth]!))
    }
  }
  return { env, arch, home: '/home/me', list: (directory) => [...(folders.get(directory) ?? [])] }
}

const paths = (backend: 'tensorrt' | 'tensorrt-rtx', around: Surroundings, given: LibraryPaths = {}) =>
  libraryOptions(backend, given, around)
const nvinferOf = (around: Surroundings, given: LibraryPaths = {}) => paths('tensorrt', around, given)['nvinfer']!.split('\n')
const bare = [
  'libnvinfer.so.11',
  'libnvinfer.so.10',
  'libnvinfer_lean.so.11',
  'libnvinfer_lean.so.10',
  'libnvinfer_dispatch.so.11',
  'libnvinfer_dispatch.so.10',
]

test('on a bare machine only the loader is asked: the newest major first, runtimes without a builder last', () => {
  assert.equal(nvinferOf(machine([])), bare)
  assert.equal(paths('tensorrt-rtx', machine([])), {
    cudart: 'libcudart.so.13\nlibcudart.so.12',
    nvinfer: 'libtensorrt_rtx.so.1',
    nvonnxparser: 'libtensorrt_onnxparser_rtx.so.1',
  })
})

test('a place that a variable names outranks a newer version elsewhere', () => {
  const around = machine(['/opt/mine/lib/libnvinfer.so.10', '/usr/lib/x86_64-linux-gnu/libnvinfer.so.11'], {
    TENSORRT_NODE_TENSORRT_ROOT: '/opt/mine',
  })
  assert.equal(nvinferOf(around).slice(0, 4), [
    '/opt/mine/lib/libnvinfer.so.10',
    'libnvinfer.so.11',
    'libnvinfer.so.10',
    '/usr/lib/x86_64-linux-gnu/libnvinfer.so.11',
  ])
})

test('within a place the newest major comes first', () => {
  const around = machine(['/usr/lib/x86_64-linux-gnu/libnvinfer.so.10', '/usr/lib/x86_64-linux-gnu/libnvinfer.so.11'])
  const debian = nvinferOf(around).filter((path) => path.startsWith('/usr/lib/x86_64'))
  assert.equal(debian, ['/usr/lib/x86_64-linux-gnu/libnvinfer.so.11', '/usr/lib/x86_64-linux-gnu/libnvinfer.so.10'])
})

test('the order of places is: variables, loader, install roots, distribution, Python packages', () => {
  const venv = '/venv/lib/python3.12/site-packages/tensorrt_libs/libnvinfer.so.10'
  const around = machine(
    [
      venv,
      '/usr/lib/x86_64-linux-gnu/libnvinfer.so.10',
      '/opt/tensorrt/lib/libnvinfer.so.10',
      '/usr/local/TensorRT-10.9.0/lib/libnvinfer.so.10',
      '/root1/lib/libnvinfer.so.10',
    ],
    { TENSORRT_ROOT: '/root1', VIRTUAL_ENV: '/venv' },
  )
  assert.equal(
    nvinferOf(around).filter((path) => path.endsWith('libnvinfer.so.10')),
    [
      '/root1/lib/libnvinfer.so.10',
      'libnvinfer.so.10',
      '/usr/local/TensorRT-10.9.0/lib/libnvinfer.so.10',
      '/opt/tensorrt/lib/libnvinfer.so.10',
      '/usr/lib/x86_64-linux-gnu/libnvinfer.so.10',
      venv,
    ],
  )
})

test('the toolkit in use comes before numbered ones, newest first, with its targets', () => {
  const around = machine([
    '/usr/local/cuda-12/lib64/x',
    '/usr/local/bin/x',
    '/usr/local/cuda-13.0/lib64/x',
    '/usr/local/cuda/targets/x86_64-linux/lib/x',
  ])
  const folders = placesFor('cuda', around).map(({ directory }) => directory)
  assert.ok(folders.indexOf('/usr/local/cuda/targets/x86_64-linux/lib') < folders.indexOf('/usr/local/cuda-13.0/lib64'))
  assert.ok(folders.indexOf('/usr/local/cuda-13.0/lib64') < folders.indexOf('/usr/local/cuda-12/lib64'))
})

test('on Jetson the libraries of Debian lie in its own folder', () => {
  const around = machine(['/usr/lib/aarch64-linux-gnu/libnvinfer.so.10'], {}, 'arm64')
  assert.ok(nvinferOf(around).includes('/usr/lib/aarch64-linux-gnu/libnvinfer.so.10'))
})

test('libraries inside Python packages are found: CUDA 12 and 13, and of the user', () => {
  const site = '/home/me/.local/lib/python3.11/site-packages'
  const around = machine([
    `${site}/nvidia/cuda_runtime/lib/libcudart.so.12`,
    `${site}/nvidia/cu13/lib/libcudart.so.13`,
    `${site}/tensorrt_rtx_libs/libtensorrt_rtx.so.1`,
    `${site}/tensorrt_dispatch_libs/libnvinfer_dispatch.so.11`,
  ])
  const cuda = candidatesFor(cudart, around).map(({ path }) => path)
  assert.equal(cuda.slice(2), [`${site}/nvidia/cu13/lib/libcudart.so.13`, `${site}/nvidia/cuda_runtime/lib/libcudart.so.12`])
  assert.ok(paths('tensorrt-rtx', around)['nvinfer']!.endsWith(`${site}/tensorrt_rtx_libs/libtensorrt_rtx.so.1`))
  assert.ok(nvinferOf(around).includes(`${site}/tensorrt_dispatch_libs/libnvinfer_dispatch.so.11`))
})

test('an RTX installation is none of TensorRT', () => {
  const around = machine(['/opt/tensorrt-rtx/lib/libtensorrt_rtx.so.1', '/opt/tensorrt-10.1/lib/libnvinfer.so.10'])
  const folders = (family: 'tensorrt' | 'tensorrt-rtx') => placesFor(family, around).map(({ directory }) => directory)
  assert.equal(
    [folders('tensorrt').includes('/opt/tensorrt-rtx/lib'), folders('tensorrt-rtx').includes('/opt/tensorrt-rtx/lib')],
    [false, true],
  )
  assert.equal(
    [folders('tensorrt').includes('/opt/tensorrt-10.1/lib'), folders('tensorrt-rtx').includes('/opt/tensorrt-10.1/lib')],
    [true, false],
  )
})

test('the parser is looked for beside the nvinfer that was named', () => {
  const around = machine(['/a/libnvinfer.so.10', '/a/libnvonnxparser.so.10'])
  const found = paths('tensorrt', around, { nvinfer: '/a/libnvinfer.so.10' })
  assert.is(found['nvinfer'], '/a/libnvinfer.so.10')
  assert.is(found['nvonnxparser']!.split('\n')[0], '/a/libnvonnxparser.so.10')
})

test('a path or folder that is given is used alone; the option comes before the variable', () => {
  const around = machine(['/a/libnvinfer.so.10', '/b/libnvinfer.so.11', '/b/libnvinfer.so.10'], {
    TENSORRT_NODE_NVINFER: '/a/libnvinfer.so.10',
  })
  assert.equal(nvinferOf(around), ['/a/libnvinfer.so.10'])
  assert.equal(nvinferOf(around, { nvinfer: '/b' }), ['/b/libnvinfer.so.11', '/b/libnvinfer.so.10'])
  assert.equal(nvinferOf(around, { nvinfer: 'libnvinfer.so.9' }), ['libnvinfer.so.9'])
})

test('a variable that names a library of TensorRT is not for TensorRT-RTX, and the other way round', () => {
  const around = machine(['/a/libnvinfer.so.10'], { TENSORRT_NODE_NVINFER: '/a/libnvinfer.so.10' })
  assert.is(paths('tensorrt-rtx', around)['nvinfer'], 'libtensorrt_rtx.so.1')
  const rtx = machine(['/a/libtensorrt_rtx.so.1'], { TENSORRT_NODE_NVINFER: '/a/libtensorrt_rtx.so.1' })
  assert.is(paths('tensorrt-rtx', rtx)['nvinfer'], '/a/libtensorrt_rtx.so.1')
  assert.equal(nvinferOf(rtx), bare)
})

test('a path that is given and leads nowhere is an error with the place', () => {
  const refused = (given: string, files: string[]) => {
    try {
      backendCandidates('tensorrt', { nvinfer: given }, machine(files))
    } catch (error) {
      if (isTrtError(error)) return error.message
    }
    return ''
  }
  assert.match(refused('/no/libnvinfer.so.10', []), /TRT_ERR_UNAVAILABLE: .*"\/no\/libnvinfer\.so\.10".*libraries\.nvinfer.*no such file/)
  assert.match(refused('/a', ['/a/other.so']), 'the folder has none of libnvinfer.so.11')
})

test('every candidate says where it comes from', () => {
  const around = machine(['/usr/local/cuda/lib64/libcudart.so.13'])
  const origins = candidatesFor(backendLibraries.tensorrt.cudart!, around).map(({ origin }) => origin)
  assert.equal(origins, [
    "the system's loader (LD_LIBRARY_PATH, ldconfig)",
    "the system's loader (LD_LIBRARY_PATH, ldconfig)",
    'the CUDA toolkit',
  ])
})

test.run()
