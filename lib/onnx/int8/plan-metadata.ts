import { TrtError } from '../../core/errors.js'
import type { OnnxModel } from '../graph/types.js'
import type { CpuPlan } from './types.js'

/** Entry of the model's metadata: which operators compute on codes when the CPU lowers the model again. */
export const planKey = 'tensorrt-node.int8'

/** The same model with the plan in its metadata. Rounded weights are in the graph itself. */
export function withPlan(model: OnnxModel, { layers, elementwise }: CpuPlan): OnnxModel {
  const text = JSON.stringify({ format: 1, layers: [...layers], elementwise: [...elementwise] })
  return { ...model, metadata: new Map(model.metadata).set(planKey, text) }
}

/**
 * Null: none.
 *
 * @throws {TrtError} `TRT_ERR_FILE`: damaged, or of a later version.
 */
export function readPlan(model: OnnxModel): Omit<CpuPlan, 'weights'> | null {
  const text = model.metadata.get(planKey)
  if (text === undefined) return null
  const { format, layers, elementwise } = parsed(text)
  if (format !== 1 || !isNames(layers) || !isNames(elementwise)) throw damaged(`format ${JSON.stringify(format)}`)
  return { layers: new Set(layers), elementwise: new Set(elementwise) }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>
  } catch {
    // Told below, without the text: it may be long.
  }
  throw damaged('no JSON object')
}

const isNames = (value: unknown): value is string[] => Array.isArray(value) && value.every((name) => typeof name === 'string')

function damaged(what: string): TrtError {
  const message = `The metadata entry "${planKey}" is not a plan of format 1 (${what}): quantise the model again, or remove the entry to run the file as it is.`
  return new TrtError('TRT_ERR_FILE', message, { key: planKey })
}
