import { TrtError } from '../core/errors.js'
import type { DataType } from '../core/dtypes.js'
import type { PrecisionReport } from '../onnx/report/types.js'
import type { IoInfo, Profiles } from './io-info.js'

/** Version of the file format: of the prefix, the header's members and their meaning. */
export const formatVersion = 1

export interface HeaderIo {
  readonly name: string
  readonly type: DataType
  readonly shape: readonly number[] | null
  readonly dimNames: readonly string[]
  /** A TensorRT shape tensor, which profiles bound by its values. */
  readonly isShape?: boolean
}

/** What an engine file says of itself. JSON: everything here survives a round trip. */
export interface EngineHeader {
  readonly format: number
  readonly backend: string
  /** Of the library that built it; null: the backend does not say. */
  readonly backendVersion: string | null
  readonly precision: string
  readonly inputs: readonly HeaderIo[]
  readonly outputs: readonly HeaderIo[]
  readonly profiles: Profiles
  /** The ONNX model it was built from; `sha256` covers the model itself and its external data. */
  readonly source: { readonly name: string | null; readonly bytes: number; readonly sha256: string }
  readonly payload: { readonly bytes: number; readonly sha256: string }
  readonly labels: Readonly<Record<string, string>>
  /** Options of the build, as the backend was given them. */
  readonly options: Readonly<Record<string, string>>
  /** What the backend tells of the build: library versions, device, memory need … */
  readonly facts: Readonly<Record<string, unknown>>
  /** What giving it its precision has done and cost. Left out: nothing was done. */
  readonly report?: PrecisionReport
  readonly createdBy: { readonly package: string; readonly node: string; readonly platform: string }
}

/** What an engine's header tells, where no backend has loaded the engine. */
export function headerInfos(header: Pick<EngineHeader, 'inputs' | 'outputs' | 'profiles'>, direction: 'input' | 'output'): IoInfo[] {
  const values = direction === 'input' ? header.inputs : header.outputs
  return values.map(({ name, type, shape, dimNames, isShape = false }) => {
    const ranges = direction === 'input' ? header.profiles.flatMap((profile) => profile[name] ?? []) : []
    return { name, type, shape, dimNames, ranges, isShape }
  })
}

type Check = (value: unknown) => boolean

const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText: Check = (value) => typeof value === 'string'
const isTextOrNull: Check = (value) => value === null || isText(value)
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isDigest: Check = (value) => isText(value) && /^[0-9a-f]{64}$/.test(value as string)
const isDims: Check = (value) => isListOf((dim) => Number.isSafeInteger(dim) && (dim as number) >= -1)(value)
const isListOf =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item)
const isRecordOf =
  (item: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value as object).every(item)
const has =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(members).every(([name, check]) => check((value as Record<string, unknown>)[name]))

const isIo = has({ name: isText, type: isText, shape: (shape) => shape === null || isDims(shape), dimNames: isListOf(isText) })

const members: Readonly<Record<keyof EngineHeader, Check>> = {
  format: isCount,
  backend: isText,
  backendVersion: isTextOrNull,
  precision: isText,
  inputs: isListOf(isIo),
  outputs: isListOf(isIo),
  profiles: isListOf(isRecordOf(has({ min: isDims, opt: isDims, max: isDims }))),
  source: has({ name: isTextOrNull, bytes: isCount, sha256: isDigest }),
  payload: has({ bytes: isCount, sha256: isDigest }),
  labels: isRecordOf(isText),
  options: isRecordOf(isText),
  facts: isObject,
  report: (value) => value === undefined || isObject(value),
  createdBy: has({ package: isText, node: isText, platform: isText }),
}

/**
 * Reads a header's JSON. Its checksum has been compared, so a failure here means a faulty writer, not damage.
 *
 * @throws {TrtError} `TRT_ERR_ENGINE`
 */
export function parseHeader(json: Uint8Array): EngineHeader {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json))
  } catch (cause) {
    throw new TrtError(
      'TRT_ERR_ENGINE',
      'The header of the engine file is not JSON. Whatever wrote it is faulty: build the engine again.',
      {},
      { cause },
    )
  }
  if (!isObject(value)) throw new TrtError('TRT_ERR_ENGINE', 'The header of the engine file is not a JSON object. Build the engine again.')
  for (const [member, check] of Object.entries(members)) {
    if (check((value as Record<string, unknown>)[member])) continue
    const message = `The header of the engine file has no sound member "${member}". Whatever wrote it is faulty: build the engine again.`
    throw new TrtError('TRT_ERR_ENGINE', message, { member })
  }
  return value as EngineHeader
}
