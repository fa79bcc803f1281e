import { isTrtError } from '../../lib/core/errors.js'
import { externalFiles } from '../../lib/onnx/external-data.js'
import { inspectModel } from '../../lib/onnx/inspect.js'
import { readOnnx } from '../../lib/onnx/graph/read.js'
import { writeOnnx } from '../../lib/onnx/graph/write.js'
import { foldConstants } from '../../lib/onnx/passes/fold-constants.js'
import { liftOpset } from '../../lib/onnx/passes/lift.js'
import { modelTypes } from '../../lib/onnx/types.js'
import { graphModels } from './graph-models.js'
import * as models from './models.js'

/** Valid models that cover what the reader knows, to mutate. */
export function onnxSeeds(): Uint8Array[] {
  return [
    models.dynamic(),
    models.add(),
    models.several(),
    models.nonZero(),
    models.anyRank(),
    models.defaulted(),
    models.branches(),
    models.sequence(),
    models.external(),
    models.scalar('int64'),
    models.strings(),
    ...graphModels(),
  ]
}

/**
 * Gives any bytes to what edits models: reads, writes, reads again, lifts and folds.
 *
 * @returns Whether they were taken for a model.
 * @throws What is no error of ours for bad input; an error if writing and reading again changes anything.
 */
export function editAnyOnnx(bytes: Uint8Array): boolean {
  let written: Uint8Array | undefined
  const isModel = accepts(() => {
    written = writeOnnx(readOnnx(bytes))
  })
  if (written !== undefined && Buffer.compare(written, writeOnnx(readOnnx(written))) !== 0) {
    throw new Error('a model that was read and written changes when that is done again')
  }
  return isModel && accepts(() => writeOnnx(foldConstants(liftOpset(readOnnx(bytes), 21))))
}

/**
 * Gives any bytes to everything that reads models before native code does.
 *
 * @returns Whether they were taken for a model.
 * @throws What a reader threw, unless it is one of our errors with a code that stands for bad input.
 */
export function readAnyOnnx(bytes: Uint8Array): boolean {
  const readers = [
    () => modelTypes(inspectModel(bytes)),
    () => externalFiles(bytes).every(({ location, bytes: size }) => isInside(location) && Number.isSafeInteger(size)),
  ]
  return readers.map(accepts).every(Boolean)
}

function accepts(read: () => unknown): boolean {
  try {
    if (read() === false) throw new Error('external data outside of the folder was let through')
    return true
  } catch (error) {
    if (isTrtError(error) && (error.code === 'TRT_ERR_MODEL' || error.code === 'TRT_ERR_UNSUPPORTED')) return false
    throw error
  }
}

function isInside(location: string): boolean {
  return !location.startsWith('/') && !location.includes('\\') && !location.includes('\0') && !location.split('/').includes('..')
}
