import path from 'node:path'
import { type Chunks, writeAtomically } from '../../core/files.js'
import { integer, invalid, rejectUnknown } from '../../core/options.js'
import { mapWeights } from './map-weights.js'
import { withWeightsInside } from './open.js'
import type { OnnxModel } from './types.js'
import type { ExternalReference, Weights } from './weights.js'
import { writeOnnxChunks } from './write.js'

export interface SaveOnnxOptions {
  /** Name of a file beside the model for its large weights. Default: none; all weights go into the model, up to 2 GiB. */
  readonly externalData?: string | undefined
  /** Initializers of at least so many bytes go there. Default 1024. */
  readonly externalFrom?: number | undefined
}

/** As ONNX Runtime and TensorRT map files: weights may be used where they lie. */
const alignment = 4096

/**
 * Writes a model; weights go from where they are to the file, without a second copy of the model in memory. Others see the
 * old file or the whole new one. With `externalData` the data is replaced first, then the model: not both at once.
 *
 * @throws {TrtError} `TRT_ERR_FILE`; `TRT_ERR_UNSUPPORTED`: 2 GiB or more without `externalData`, or external data of a model
 *   that was not opened from a path; `TRT_ERR_INVALID_ARGUMENT`.
 */
export async function saveOnnx(model: OnnxModel, file: string, options: SaveOnnxOptions = {}): Promise<void> {
  rejectUnknown(options, ['externalData', 'externalFrom'], 'saveOnnx')
  const { externalData } = options
  const from = integer('externalFrom', options.externalFrom ?? 1024, 0, Number.MAX_SAFE_INTEGER)
  if (externalData === undefined) return writeAtomically(file, [writeOnnxChunks(withWeightsInside(model))])
  checkName(externalData, file)
  const { moved, layout } = moveWeights(model, externalData, from)
  await writeAtomically(path.join(path.dirname(file), externalData), dataOf(layout))
  await writeAtomically(file, [writeOnnxChunks(moved)])
}

function checkName(name: string, file: string): void {
  const isPlain = name !== '' && name === path.basename(name) && !/^[.*]|[\\\0:]/.test(name)
  if (isPlain && name !== path.basename(file)) return
  throw invalid(`Expected another file name, without a folder, for externalData but received ${JSON.stringify(name)}.`, {
    externalData: name,
  })
}

interface Placed {
  readonly weights: Weights
  readonly external: ExternalReference
}

/**
 * What nodes hold in attributes stays there, since TensorRT knows no external data of attributes; so do small weights, those
 * that were external before too.
 */
function moveWeights(model: OnnxModel, location: string, from: number): { moved: OnnxModel; layout: readonly Placed[] } {
  const layout: Placed[] = []
  const shared = new Map<string, ExternalReference>()
  let end = 0
  const moved = mapWeights(model, (weights, place) => {
    const length = weights.byteLength
    if (place === 'attribute' || weights.type === 'string' || length === 0 || length < from) return weights.inside()
    const key = sharingKey(weights)
    let external = shared.get(key)
    if (external === undefined) {
      external = { location, offset: Math.ceil(end / alignment) * alignment, length }
      end = external.offset + length
      layout.push({ weights, external })
      shared.set(key, external)
    }
    return weights.movedTo(external)
  })
  return { moved, layout }
}

const buffers = new WeakMap<ArrayBufferLike, number>()
let bufferCount = 0

/** The same for weights that are the same bytes in memory, so that layers that share them still do. */
function sharingKey(weights: Weights): string {
  const { external } = weights
  if (external !== null) return `${external.location}\0${external.offset}\0${external.length}`
  const { buffer, byteOffset, length } = weights.bytes()
  let number = buffers.get(buffer)
  if (number === undefined) buffers.set(buffer, (number = bufferCount++))
  return `${number} ${byteOffset} ${length}`
}

/** One tensor in memory at a time, where they come from a file. */
function* dataOf(layout: readonly Placed[]): Generator<Chunks> {
  let at = 0
  for (const { weights, external } of layout) {
    yield [new Uint8Array(external.offset - at), weights.bytes()]
    at = external.offset + external.length
  }
}
