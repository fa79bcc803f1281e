import { isEngineFile } from '../../engine/engine-file.js'
import type { EngineHeader } from '../../engine/engine-header.js'
import { readEngineHeader, readStart } from '../../engine/engine-reader.js'
import { openFile, readBytes, readWhole } from '../../engine/files.js'
import { planKind } from '../../engine/sniff.js'
import { type ExternalFile, externalFiles } from '../../onnx/external-data.js'
import { inspectModel, type ModelSummary } from '../../onnx/inspect.js'

/** What a file is and says of itself. JSON-safe. */
export type Inspection = { file: string; bytes: number } & (
  | { kind: 'engine'; header: EngineHeader }
  | { kind: 'onnx'; sha256: string; model: ModelSummary; externalFiles: ExternalFile[] }
  /** `metadata`: the JSON that Ultralytics writes before a plan. */
  | { kind: 'tensorrt-plan'; what: string; metadata: Readonly<Record<string, unknown>> | null }
)

// Ultralytics' JSON is a few hundred bytes.
const MAX_METADATA = 1 << 20

/**
 * Reads as little as tells: of an engine only its header, so that a file of gigabytes answers at once. The payload is not
 * verified here; `Engine.load` does that.
 *
 * @throws {TrtError} `TRT_ERR_FILE`, `TRT_ERR_ENGINE`, `TRT_ERR_MODEL`: cannot be read, or is nothing known.
 */
export async function inspectFile(file: string, signal: AbortSignal): Promise<Inspection> {
  const found = await inspectHead(file)
  if (found !== null) return found
  const { bytes, sha256 } = await readWhole(file, signal)
  return { file, bytes: bytes.length, kind: 'onnx', sha256, model: inspectModel(bytes), externalFiles: externalFiles(bytes) }
}

/** Null: neither an engine nor a plan. */
async function inspectHead(file: string): Promise<Inspection | null> {
  const { bytes: head, size } = await readStart(file)
  const common = { file, bytes: size }
  if (isEngineFile(head)) return { ...common, kind: 'engine', header: await readEngineHeader(file) }
  const plan = planKind(head)
  if (plan !== null) return { ...common, kind: 'tensorrt-plan', what: plan, metadata: null }
  const wrapped = await readUltralytics(file)
  return wrapped === null ? null : { ...common, kind: 'tensorrt-plan', ...wrapped }
}

async function readUltralytics(file: string): Promise<ReturnType<typeof parseUltralytics>> {
  const { handle, size } = await openFile(file)
  try {
    return parseUltralytics(await readBytes(handle, 0, Math.min(MAX_METADATA, size)))
  } finally {
    await handle.close()
  }
}

/** Four bytes of length, JSON of that length, a plan. */
export function parseUltralytics(bytes: Uint8Array): { what: string; metadata: Readonly<Record<string, unknown>> } | null {
  if (bytes.length < 8) return null
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  const plan = planKind(bytes.subarray(end))
  if (plan === null) return null
  try {
    const metadata = JSON.parse(Buffer.from(bytes.subarray(4, end)).toString('utf8')) as Record<string, unknown>
    return { what: `${plan} with the metadata of Ultralytics before it`, metadata }
  } catch {
    return null
  }
}
