import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { arrayTypes, type TensorType } from '../../core/dtypes.js'
import { TrtError } from '../../core/errors.js'
import { invalid, plainObject, received } from '../../core/options.js'
import { checkedSize } from '../../core/shapes.js'
import type { TensorLike } from '../../core/tensor.js'
import { type FileOrBytes, type ModelParts, readModel, resolveFileOrBytes } from '../model-source.js'
import { type Asked, ask, type ControlOptions, controlOptions } from './ask.js'

/** Weights by the names that they have in the ONNX model; a tensor where the array alone does not tell the type. */
export type NamedWeights = Readonly<Record<string, TensorLike | Float32Array | Int8Array | Int32Array | BigInt64Array>>

/** What the engine holds after a refit. */
export interface Refit {
  /** Names of all weights that can be replaced. */
  readonly refittable: readonly string[]
}

/** Types of weights that TensorRT takes. */
const types: readonly TensorType[] = ['float32', 'float16', 'bfloat16', 'int8', 'int32', 'int64', 'uint8', 'bool']
/** Arrays that stand for one type only. */
const told: readonly TensorType[] = ['float32', 'int8', 'int32', 'int64']

export async function refit(asked: Asked, source: FileOrBytes | NamedWeights, given: ControlOptions | undefined): Promise<Refit> {
  const { signal } = controlOptions('refit', given)
  const question = { verb: 'refit', what: 'refitting', signal }
  if (!isModel(source)) return ask(asked, { ...question, arguments: { weights: encode(source) } })
  const file = resolveFileOrBytes('the model', source)
  return withFile(file, signal, (onnx) => ask(asked, { ...question, arguments: { onnx } }))
}

function isModel(source: FileOrBytes | NamedWeights): source is FileOrBytes {
  return (
    typeof source !== 'object' || source === null || source instanceof URL || source instanceof ArrayBuffer || ArrayBuffer.isView(source)
  )
}

function encode(weights: NamedWeights): { name: string; type: TensorType; data: string }[] {
  const entries = Object.entries(plainObject('weights', weights))
  if (entries.length === 0) throw invalid('Expected weights by name, or an ONNX model, for refit but received none.')
  return entries.map(([name, value]) => {
    const { type, data } = typed(name, value)
    return { name, type, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') }
  })
}

function typed(name: string, value: unknown): { type: TensorType; data: ArrayBufferView } {
  const plain = told.find((type) => value instanceof arrayTypes[type])
  if (plain !== undefined) return { type: plain, data: value as ArrayBufferView }
  const { type, data, shape } = (typeof value === 'object' && value !== null ? value : {}) as Partial<TensorLike>
  if (type === undefined || data === undefined || shape === undefined) {
    const message = `Expected a tensor, or a Float32Array, Int8Array, Int32Array or BigInt64Array, for the weights "${name}" but received ${received(value)}. Others need their type: tensor('float16', shape, data).`
    throw new TrtError('TRT_ERR_TYPE', message, { name, received: received(value) })
  }
  if (!types.includes(type)) {
    const message = `Weights "${name}" are of type ${type}; TensorRT takes ${types.join(', ')}.`
    throw new TrtError('TRT_ERR_TYPE', message, { name, expected: types, received: type })
  }
  if (data instanceof arrayTypes[type] && data.length === checkedSize(`shape of "${name}"`, shape)) return { type, data }
  throw new TrtError('TRT_ERR_SHAPE', `Weights "${name}" of ${type} do not have the array that their type and shape need.`, { name, type })
}

/** TensorRT reads a model from a file. That it is one, and that it keeps its data beside it, is checked before. */
async function withFile<T>(file: ModelParts['file'], signal: AbortSignal | undefined, body: (file: string) => Promise<T>): Promise<T> {
  const { bytes } = await readModel({ file, externals: [] }, true, signal)
  if ('path' in file) return body(path.resolve(file.path))
  const folder = await mkdtemp(path.join(tmpdir(), 'tensorrt-node-refit-'))
  try {
    const copy = path.join(folder, 'model.onnx')
    await writeFile(copy, bytes)
    return await body(copy)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
