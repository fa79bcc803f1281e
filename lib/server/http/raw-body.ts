import { arrayTypes, isTensorType } from '../../core/dtypes.js'
import { TrtError } from '../../core/errors.js'
import { formatSpec, shapeFromCount, sizeOf } from '../../core/shapes.js'
import { Tensor } from '../../core/tensor.js'
import type { ServedModel } from '../model.js'
import type { Received } from '../protocol/body.js'

/**
 * A body that is one tensor's bytes and nothing else: the raw form of the binary extension, for a model of one input. The shape
 * follows from the size: the batch is 1 unless it is the only free dimension.
 *
 * @throws {TrtError} `TRT_ERR_UNSUPPORTED`: a model of several inputs. `TRT_ERR_SHAPE`: a size that fits no shape.
 */
export function rawRequest(model: ServedModel, bytes: Uint8Array): Received {
  const [input, ...others] = model.inputs
  if (input === undefined || others.length > 0 || !isTensorType(input.type)) {
    const message = `A body without JSON (Inference-Header-Content-Length: 0) is for models of one input; "${model.name}" has ${model.inputs.length}. Send the JSON that names them before the bytes.`
    throw new TrtError('TRT_ERR_UNSUPPORTED', message, { inputs: model.inputs.map(({ name }) => name) })
  }
  const array = arrayTypes[input.type]
  const count = bytes.length / array.BYTES_PER_ELEMENT
  const shape = input.shape === null ? undefined : shapeFromCount(oneRow(input.shape), count)
  if (shape === undefined || !Number.isInteger(count)) {
    const message = `Input "${input.name}" takes ${formatSpec(input)} of ${input.type} but received ${bytes.length} bytes, which are no such tensor.`
    throw new TrtError('TRT_ERR_SHAPE', message, { input: input.name, expected: input.shape, received: bytes.length })
  }
  const data = new array(sizeOf(shape))
  new Uint8Array(data.buffer).set(bytes)
  const request = { id: '', inputs: [], outputs: null, binaryOutput: true, priority: undefined, timeout: undefined }
  return {
    request: { ...request, inputs: [{ name: input.name, type: input.type, shape, size: data.length, data: undefined }] },
    inputs: { [input.name]: new Tensor(input.type, shape, data) },
  }
}

function oneRow(dims: readonly number[]): readonly number[] {
  const free = dims.filter((dim) => dim < 0).length
  return free > 1 && dims[0]! < 0 ? [1, ...dims.slice(1)] : dims
}
