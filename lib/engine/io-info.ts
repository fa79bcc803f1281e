import type { DataType } from '../core/dtypes.js'
import { typeFromNumber } from '../core/dtypes.js'
import { TrtError } from '../core/errors.js'
import type { Range, ShapeSpec } from '../core/shapes.js'
import type { NativeIo } from '../backend/native.js'

/** An input or output of an engine. */
export interface IoInfo extends ShapeSpec {
  readonly name: string
  readonly type: DataType
  /** A TensorRT shape tensor: its values, which `ranges` then bounds, steer shapes. */
  readonly isShape: boolean
}

/** Optimization profiles by input name, in the order of their numbers. */
export type Profiles = readonly Readonly<Record<string, Range>>[]

/**
 * What the backend tells of an input or output; where it knows no bounds, those that the engine was built with.
 *
 * @throws {TrtError} `TRT_ERR_UNSUPPORTED`: an element type that this version does not know.
 */
export function ioInfo(native: NativeIo, profiles: Profiles): IoInfo {
  const type = typeFromNumber(native.type)
  if (type === undefined) {
    const message = `The engine's ${native.direction} "${native.name}" has element type number ${native.type}, which this version of tensorrt-node does not know. Update it.`
    throw new TrtError('TRT_ERR_UNSUPPORTED', message, { name: native.name, type: native.type })
  }
  const own = native.profiles.map(({ min, opt, max }) => ({ min, opt, max }))
  const built = native.direction === 'input' ? profiles.flatMap((profile) => profile[native.name] ?? []) : []
  return {
    name: native.name,
    type,
    shape: native.dims,
    dimNames: native.dims === null ? [] : native.dims.map((_, i) => native.dimNames?.[i] ?? ''),
    ranges: own.length > 0 ? own : built,
    isShape: native.isShape,
  }
}
