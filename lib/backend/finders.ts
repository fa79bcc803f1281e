import { findOnnxRuntime } from './onnxruntime.js'
import { type LibraryPaths, libraryOptions } from './tensorrt/libraries.js'
import { readSurroundings } from './tensorrt/surroundings.js'

/** Where the user says that libraries lie. */
export interface LibraryRequest {
  /** Path of ONNX Runtime's library. */
  readonly onnxruntime?: string | undefined
  /** Of CUDA and TensorRT. */
  readonly libraries?: LibraryPaths | undefined
}

export interface FoundLibraries {
  /** For `probe`, `build` and `load` of the backend. */
  readonly options: Readonly<Record<string, string>>
  /** Which library it will be, where that is known before it is loaded: for messages. */
  readonly where: string | null
}

const finders: Readonly<Record<string, (request: LibraryRequest) => FoundLibraries>> = {
  cpu: ({ onnxruntime }) => {
    const { path, how } = findOnnxRuntime({ path: onnxruntime })
    return { options: { onnxruntime: path }, where: `${path} (${how})` }
  },
  tensorrt: ({ libraries }) => findTensorRt('tensorrt', libraries),
  'tensorrt-rtx': ({ libraries }) => findTensorRt('tensorrt-rtx', libraries),
}

/** Set to 1: drive also versions of TensorRT that nobody has tried with this package; they may crash. */
export const unknownVersionVariable = 'TENSORRT_NODE_TRY_UNKNOWN_VERSION'

function findTensorRt(backend: 'tensorrt' | 'tensorrt-rtx', libraries: LibraryPaths | undefined): FoundLibraries {
  const around = readSurroundings()
  const tryUnknown: Record<string, string> = around.env[unknownVersionVariable] === '1' ? { tryUnknownVersion: '1' } : {}
  return { options: { ...libraryOptions(backend, libraries ?? {}, around), ...tryUnknown }, where: null }
}

/** What a backend needs to find its libraries; nothing for one that brings its own. Only looks; loads nothing. */
export function findLibraries(backend: string, request: LibraryRequest): FoundLibraries {
  return finders[backend]?.(request) ?? { options: {}, where: null }
}
