import { createHash } from 'node:crypto'
import { zipSync } from 'fflate'
import { readNpy, writeNpy, type NpyArray } from '../../lib/core/npy.js'
import { readNpz, writeNpz } from '../../lib/core/npz.js'
import { parseInputs } from '../../lib/cli/flags/inputs.js'
import { parseShapes } from '../../lib/cli/flags/shapes.js'
import { readHeader } from '../../lib/engine/engine-file.js'
import { findPlan } from '../../lib/engine/tensorrt/plan.js'
import { readTable } from '../../lib/onnx/calibration/table-text.js'
import { readTensorRtCache } from '../../lib/onnx/calibration/tensorrt-cache.js'
import { engineBytes, engineHeader } from '../support/engine-bytes.js'
import { editAnyOnnx, onnxSeeds, readAnyOnnx } from '../support/onnx-fuzz.js'
import { npyFile } from '../support/npy.js'

/** Something that takes bytes from outside. */
export interface FuzzedReader {
  name: string
  /** Of a million inputs, how many this reader gets: the more code behind it, the more. */
  share: number
  /** Valid inputs, to begin with. */
  seeds: readonly Uint8Array[]
  /** Whether the bytes are accepted. Throws a TrtError or does not throw. */
  read(bytes: Uint8Array): boolean
}

const encode = (text: string) => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')

const payload = encode('model')
const everyMember = {
  outputs: [{ name: 'y', type: 'float16', shape: null, dimNames: [] }],
  profiles: [{ x: { min: [1, 4], opt: [2, 4], max: [4, 4] } }],
  labels: { run: '7' },
  options: { optimize: 'basic' },
  facts: { nodes: 1 },
} as const
const engineFile = engineBytes(payload, everyMember)
const engineJson = encode(JSON.stringify(engineHeader(payload, everyMember)))

/** The engine file around any header bytes, its sizes and checksum right: gets mutations past the checksum. */
function sealed(json: Uint8Array): Uint8Array {
  const offset = Math.ceil((64 + json.length) / 64) * 64
  const file = Buffer.alloc(offset + payload.length)
  engineFile.copy(file, 0, 0, 12)
  file.writeUInt32LE(json.length, 12)
  file.writeBigUInt64LE(BigInt(offset), 16)
  file.writeBigUInt64LE(BigInt(payload.length), 24)
  createHash('sha256').update(file.subarray(0, 32)).update(json).digest().copy(file, 32)
  file.set(json, 64)
  return file
}

const matrix: NpyArray = { type: 'float32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }
const scalar: NpyArray = { type: 'int64', shape: [], data: BigInt64Array.of(7n) }
const npySeeds = [
  writeNpy(matrix),
  writeNpy(scalar),
  npyFile("{'descr': '>f8', 'fortran_order': True, 'shape': (1L, 2), }\n", new Uint8Array(16)),
  npyFile("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}"),
]
const npzSeeds = [
  writeNpz(
    new Map([
      ['x', matrix],
      ['n', scalar],
    ]),
  ),
  zipSync({ 'x.npy': writeNpy(matrix) }, { level: 9 }),
  zipSync({}),
]

const tableSeeds = [
  encode(
    'tensorrt-node calibration 1\nmethod percentile 99.99\nsamples 3\ndropped 0\n# comment\n-0.5 6.25 -0.5 6 6 "conv:0"\n0 1 0 1 1 "a \\"b\\""\n',
  ),
]
const cacheSeeds = [encode('TRT-8601-EntropyCalibration2\ninput: 3c010a14\n(Unnamed Layer* 3) [Convolution]_output: 3f800000\n')]

const accepted = (read: (bytes: Uint8Array) => unknown) => (bytes: Uint8Array) => {
  read(bytes)
  return true
}

export const readers: readonly FuzzedReader[] = [
  { name: 'engine file', share: 0.1, seeds: [engineFile], read: accepted(readHeader) },
  { name: 'engine header', share: 0.1, seeds: [engineJson], read: accepted((json) => readHeader(sealed(json))) },
  { name: 'npy', share: 0.2, seeds: npySeeds, read: accepted((bytes) => readNpy(bytes)) },
  { name: 'npz', share: 0.1, seeds: npzSeeds, read: accepted((bytes) => readNpz(bytes)) },
  { name: 'onnx', share: 0.15, seeds: onnxSeeds(), read: readAnyOnnx },
  { name: 'onnx editing', share: 0.2, seeds: onnxSeeds(), read: editAnyOnnx },
  {
    name: 'ultralytics plan',
    share: 0.02,
    seeds: [Uint8Array.of(2, 0, 0, 0, ...encode('{}ftrtplan'))],
    read: (bytes) => findPlan(bytes) !== null,
  },
  { name: 'calibration table', share: 0.03, seeds: tableSeeds, read: accepted((bytes) => readTable(decode(bytes))) },
  { name: "TensorRT's calibration cache", share: 0.02, seeds: cacheSeeds, read: accepted((bytes) => readTensorRtCache(decode(bytes))) },
  {
    name: '--shapes',
    share: 0.04,
    seeds: [encode("x:1x3x48x320,'y:0':scalar")],
    read: accepted((bytes) => parseShapes('--shapes', decode(bytes))),
  },
  {
    name: '--loadInputs',
    share: 0.04,
    seeds: [encode('x:x.npy,y:random,all.npz')],
    read: accepted((bytes) => parseInputs('--loadInputs', decode(bytes))),
  },
]
