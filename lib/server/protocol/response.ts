import type { TypedArray } from '../../core/dtypes.js'
import { TrtError } from '../../core/errors.js'
import { fromBfloat16, fromFloat16 } from '../../core/float16.js'
import type { Outputs } from '../../core/runner.js'
import type { Tensor } from '../../core/tensor.js'
import { classify, encodeStrings } from './classification.js'
import { protocolTypeOf } from './datatypes.js'
import type { InferRequest, RequestOutput } from './request.js'

export interface ResponseModel {
  readonly name: string
  readonly version: string
  /** Names of the classes of an output, by index. */
  readonly labels: Readonly<Record<string, readonly string[]>>
}

/** The JSON part, and the tensors that follow it as bytes: views of the outputs, not copies. */
export interface EncodedResponse {
  readonly json: string
  readonly binary: readonly Uint8Array[]
}

/** @throws {TrtError} `TRT_ERR_UNSUPPORTED`: values that JSON has no words for (NaN, infinities). */
export function encodeResponse(model: ResponseModel, request: InferRequest, outputs: Outputs): EncodedResponse {
  const wanted: readonly RequestOutput[] =
    request.outputs ?? Object.keys(outputs).map((name) => ({ name, binary: request.binaryOutput, classification: 0 }))
  const binary: Uint8Array[] = []
  const parts = wanted.map((output) => encodeOutput(output, outputs[output.name]!, model.labels[output.name] ?? [], binary))
  const id = request.id === '' ? '' : `"id":${JSON.stringify(request.id)},`
  const head = `"model_name":${JSON.stringify(model.name)},"model_version":${JSON.stringify(model.version)},`
  return { json: `{${head}${id}"outputs":[${parts.join(',')}]}`, binary }
}

function encodeOutput(output: RequestOutput, tensor: Tensor, labels: readonly string[], binary: Uint8Array[]): string {
  if (output.classification > 0) return encodeClasses(output, tensor, labels, binary)
  const head = headOf(output.name, protocolTypeOf(tensor.type)!, tensor.shape)
  if (!output.binary) return `${head},"data":[${numbers(output.name, tensor)}]}`
  const { buffer, byteOffset, byteLength } = tensor.data
  binary.push(new Uint8Array(buffer, byteOffset, byteLength))
  return `${head},"parameters":{"binary_data_size":${byteLength}}}`
}

function encodeClasses(
  { name, binary: asBytes, classification }: RequestOutput,
  tensor: Tensor,
  labels: readonly string[],
  binary: Uint8Array[],
): string {
  const { shape, values } = classify(tensor, classification, labels)
  const head = headOf(name, 'BYTES', shape)
  if (!asBytes) return `${head},"data":${JSON.stringify(values)}}`
  const bytes = encodeStrings(values)
  binary.push(bytes)
  return `${head},"parameters":{"binary_data_size":${bytes.length}}}`
}

function headOf(name: string, datatype: string, shape: readonly number[]): string {
  return `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}]`
}

function numbers(name: string, tensor: Tensor): string {
  if (tensor.type === 'bool') return Array.from(tensor.data as Uint8Array, (value) => value !== 0).join(',')
  const values = decoded(tensor)
  if (values instanceof Float32Array || values instanceof Float64Array) requireFinite(name, values)
  return values.join(',')
}

function decoded({ type, data }: Tensor): TypedArray {
  if (type === 'float16') return fromFloat16(data as Uint16Array)
  return type === 'bfloat16' ? fromBfloat16(data as Uint16Array) : data
}

function requireFinite(name: string, values: Float32Array | Float64Array): void {
  const at = values.findIndex((value) => !Number.isFinite(value))
  if (at < 0) return
  const message = `Output ${JSON.stringify(name)} has the value ${values[at]} at position ${at}, which JSON cannot say. Ask for it as bytes: the parameter "binary_data": true of the output.`
  throw new TrtError('TRT_ERR_UNSUPPORTED', message, { output: name, position: at, value: String(values[at]) })
}
