import { isTrtError, TrtError } from '../core/errors.js'
import { malformed } from './errors.js'
import { readMessage } from './message.js'
import { modelProto } from './schema.js'
import { sniff } from './sniff.js'
import { safeInteger } from './tensor.js'
import { type GraphVisitor, walkFunction, walkGraph } from './walk.js'
import { Reader } from './wire.js'

export interface ModelVisitor extends GraphVisitor {
  irVersion?(version: number): void
  producer?(part: 'name' | 'version', text: string): void
  opset?(operatorSetId: Reader): void
  metadata?(entry: Reader): void
}

/**
 * Shows a whole model to `visitor`: the one way into a model's bytes. `training_info` is left out, as every inference
 * library leaves it out.
 *
 * @throws {TrtError} `TRT_ERR_MODEL`: not an ONNX model, or a damaged one.
 */
export function walkModel(bytes: Uint8Array, visitor: ModelVisitor): void {
  if (!(bytes instanceof Uint8Array)) {
    throw new TrtError('TRT_ERR_INVALID_ARGUMENT', `Expected the bytes of an ONNX model in a Uint8Array, received ${typeof bytes}.`)
  }
  try {
    walk(bytes, visitor)
  } catch (error) {
    throw explainModelError(bytes, error)
  }
}

function walk(bytes: Uint8Array, visitor: ModelVisitor): void {
  const has = { irVersion: false, graph: false }
  readMessage(new Reader(bytes), modelProto, {
    irVersion: (value, at) => {
      has.irVersion = true
      visitor.irVersion?.(safeInteger(value, at, 'an IR version'))
    },
    producerName: (value) => visitor.producer?.('name', value),
    producerVersion: (value) => visitor.producer?.('version', value),
    opsetImport: (value) => visitor.opset?.(value),
    metadataProps: (value) => visitor.metadata?.(value),
    functions: (value) => walkFunction(value, visitor),
    graph: (value) => {
      has.graph = true
      walkGraph(value, visitor)
    },
  })
  if (!has.graph) throw malformed(bytes.length, 'a graph in the model', 'the end of the file')
  if (!has.irVersion) throw malformed(bytes.length, 'an IR version in the model', 'the end of the file')
}

/** A file that is something else is better named than its first wrong byte. */
export function explainModelError(bytes: Uint8Array, error: unknown): unknown {
  const other = isTrtError(error) && error.code === 'TRT_ERR_MODEL' ? sniff(bytes) : null
  if (other === null) return error
  const facts = { ...(error as TrtError).details, size: bytes.length, looksLike: other.what }
  return new TrtError('TRT_ERR_MODEL', `Expected an ONNX model, received ${other.what} (${bytes.length} bytes). ${other.remedy}`, facts, {
    cause: error,
  })
}
