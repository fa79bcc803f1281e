import type { OnnxModel } from '../graph/types.js'
import { readTable, writeTable } from './table-text.js'
import type { CalibrationTable } from './types.js'

/** Entry of the model's metadata that ranges travel in, as text. */
export const calibrationKey = 'tensorrt-node.calibration'

/** The same model with the table in its metadata; the graph is shared, what was given is not changed. */
export function withTable(model: OnnxModel, table: CalibrationTable): OnnxModel {
  return { ...model, metadata: new Map(model.metadata).set(calibrationKey, writeTable(table)) }
}

/**
 * Null: none.
 *
 * @throws {TrtError} `TRT_ERR_FILE`: damaged.
 */
export function tableOf(model: OnnxModel): CalibrationTable | null {
  const text = model.metadata.get(calibrationKey)
  return text === undefined ? null : readTable(text, `the metadata entry "${calibrationKey}"`)
}
