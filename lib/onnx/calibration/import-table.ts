import { TrtError } from '../../core/errors.js'
import type { OnnxGraph } from '../graph/types.js'
import { sharpen } from './known-ranges.js'
import { readTable } from './table-text.js'
import { isTensorRtCache, readTensorRtCache } from './tensorrt-cache.js'
import type { CalibrationTable } from './types.js'

export interface Imported {
  readonly table: CalibrationTable
  /** Names that the graph does not have: TensorRT's for values that it made itself, or of another model. */
  readonly unknown: readonly string[]
}

/**
 * A table for a graph, from text of ours or of a calibration cache of TensorRT; values that the graph does not have are left out.
 *
 * @param file How messages call it.
 * @throws {TrtError} `TRT_ERR_FILE`: damaged. `TRT_ERR_NAME`: the graph has none of its values.
 */
export function importTable(text: string, graph: OnnxGraph, file: string): Imported {
  const read = isTensorRtCache(text) ? sharpen(readTensorRtCache(text, file), graph) : readTable(text, file)
  const known = new Set([...graph.inputs.map(({ name }) => name), ...graph.nodes.flatMap(({ outputs }) => outputs)])
  const tensors = new Map([...read.tensors].filter(([name]) => known.has(name)))
  const unknown = [...read.tensors.keys()].filter((name) => !known.has(name))
  if (tensors.size === 0) {
    const message = `${file} has ranges of ${read.tensors.size} values, none of which the model has: is it of another model? Calibrate again with samples.`
    throw new TrtError('TRT_ERR_NAME', message, { file, unknown: unknown.slice(0, 20) })
  }
  return { table: { ...read, tensors }, unknown }
}
