import { isEngineFile } from '../../engine/engine-file.js'
import type { EngineHeader } from '../../engine/engine-header.js'
import { readEngineHeader, readStart } from '../../engine/engine-reader.js'
import { openFile, readBytes, readWhole } from '../../engine/files.js'
import { findPlanIn } from '../../engine/tensorrt/load-plan.js'
import { parsePlanHeader, type PlanHeader, planHeaderBytes } from '../../engine/tensorrt/plan.js'
import { type ExternalFile, externalFiles } from '../../onnx/external-data.js'
import { inspectModel, type ModelSummary } from '../../onnx/inspect.js'

/** What a file is and says of itself. JSON-safe. */
export type Inspection = { file: string; bytes: number } & (
  | { kind: 'engine'; header: EngineHeader }
  | { kind: 'onnx'; sha256: string; model: ModelSummary; externalFiles: ExternalFile[] }
  /** `metadata`: the JSON that Ultralytics writes before a plan. */
  | { kind: 'tensorrt-plan'; what: string; metadata: Readonly<Record<string, unknown>> | null; plan: PlanHeader; planBytes: number }
)

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
  const place = await findPlanIn(file)
  if (place === null) return null
  const plan = await readPlanHeader(file, place.offset)
  const kind = plan.backend === 'tensorrt' ? 'a bare TensorRT plan' : 'a bare TensorRT-RTX plan'
  const what = place.metadata === null ? kind : `${kind} with the metadata of Ultralytics before it`
  return { ...common, kind: 'tensorrt-plan', what, metadata: place.metadata, plan, planBytes: size - place.offset }
}

async function readPlanHeader(file: string, offset: number): Promise<PlanHeader> {
  const { handle } = await openFile(file)
  try {
    return parsePlanHeader(await readBytes(handle, offset, planHeaderBytes))!
  } finally {
    await handle.close()
  }
}
