import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { cudaVersion, inferVersion, libraries, type LibrarySpec } from '../../../lib/doctor/libraries.js'
import { candidatesFor, placesFor, type Surroundings } from '../../../lib/doctor/search.js'

const test = suite('doctor search')
const machine = (files: Record<string, string[]>, env: Record<string, string> = {}, sitePackages: string[] = []): Surroundings => ({
  env,
  arch: 'x64',
  list: (directory) => files[directory] ?? [],
  sitePackages,
})
const library = (name: string) => libraries.find((spec) => spec.name === name) as LibrarySpec
const pathsOf = (name: string, around: Surroundings) => candidatesFor(library(name), around).map(({ path }) => path)

test('on a bare machine only the loader is asked, the newest major first', () => {
  assert.equal(pathsOf('TensorRT', machine({})), ['libnvinfer.so.11', 'libnvinfer.so.10'])
})

test('a file in the folder that a variable names comes before the loader', () => {
  const around = machine({ '/opt/trt/lib': ['libnvinfer.so.10', 'other'] }, { TENSORRT_ROOT: '/opt/trt' })
  assert.equal(pathsOf('TensorRT', around), ['libnvinfer.so.11', '/opt/trt/lib/libnvinfer.so.10', 'libnvinfer.so.10'])
})

test('the toolkit in use comes before numbered ones, newest first, with its targets', () => {
  const around = machine({ '/usr/local': ['cuda-12', 'bin', 'cuda-13.0', 'cuda'], '/usr/local/cuda/targets': ['x86_64-linux'] })
  const folders = placesFor('cuda', around).map(({ directory }) => directory)
  assert.ok(folders.indexOf('/usr/local/cuda/targets/x86_64-linux/lib') < folders.indexOf('/usr/local/cuda-13.0/lib64'))
  assert.ok(folders.indexOf('/usr/local/cuda-13.0/lib64') < folders.indexOf('/usr/local/cuda-12/lib64'))
})

test('libraries inside Python packages are found', () => {
  const site = '/venv/lib/python3.11/site-packages'
  const around = machine(
    {
      [site]: ['tensorrt_rtx_libs', 'nvidia'],
      [`${site}/nvidia`]: ['cu13'],
      [`${site}/nvidia/cu13/lib`]: ['libcudart.so.13'],
      [`${site}/tensorrt_rtx_libs`]: ['libtensorrt_rtx.so.1'],
    },
    {},
    [site],
  )
  assert.equal(pathsOf('CUDA runtime', around)[0], `${site}/nvidia/cu13/lib/libcudart.so.13`)
  assert.equal(pathsOf('TensorRT-RTX', around)[0], `${site}/tensorrt_rtx_libs/libtensorrt_rtx.so.1`)
})

test('the driver is the loader business alone', () => {
  assert.equal(placesFor('driver', machine({}, { CUDA_HOME: '/opt/cuda' })), [])
})

test('versions are decoded as NVIDIA codes them', () => {
  assert.equal([13000, 12080, 0, null].map(cudaVersion), ['13.0', '12.8', null, null])
  assert.equal([101501, 110400, 10701, 8601, 0].map(inferVersion), ['10.15.1', '11.4.0', '1.7.1', '8.6.1', null])
})

test.run()
