import { TrtError } from '../../core/errors.js'
import { externalFiles } from '../../onnx/external-data.js'
import { openOnnx } from '../../onnx/graph/open.js'
import { readOnnx } from '../../onnx/graph/read.js'
import type { OnnxModel } from '../../onnx/graph/types.js'
import type { ModelSource } from '../model-source.js'

/**
 * The model of a source, to be edited; weights in other files are read when they are asked for, from where they were found or given.
 *
 * @throws {TrtError} `TRT_ERR_MODEL`, `TRT_ERR_FILE`
 */
export async function modelOf(
  source: Pick<ModelSource, 'bytes' | 'path' | 'externals'>,
  signal: AbortSignal | undefined,
): Promise<OnnxModel> {
  const { bytes, path, externals } = source
  if (externalFiles(bytes).length === 0) return readOnnx(bytes)
  if (externals.length === 0 && path !== null) return openOnnx(path, { signal })
  const given = new Map(externals.map(({ location, data }) => [location, data]))
  const read = ({ location, offset, length }: { location: string; offset: number; length: number }) => {
    const data = given.get(location)?.subarray(offset, offset + length)
    if (data?.byteLength === length) return data
    const message = `The model takes weights from "${location}", of which ${data === undefined ? 'nothing' : 'too little'} was given. Give all its external files, or the path of the model.`
    throw new TrtError('TRT_ERR_MODEL', message, { location })
  }
  return readOnnx(bytes, { source: { read } })
}
