import type { EngineMemory } from '../../engine/controls/memory.js'
import type { EngineLayer, LayerProfile } from '../../engine/controls/layers.js'
import type { Engine } from '../../engine/engine.js'
import { isTrtError } from '../../core/errors.js'

/** What only TensorRT itself tells of an engine, on a machine that can run it. JSON-safe. */
export interface LayerInspection {
  readonly layers: readonly EngineLayer[]
  readonly memory: EngineMemory
  /** For each optimization profile; null where TensorRT cannot time it, with the reason. */
  readonly times: readonly (LayerProfile | { readonly profile: number; readonly reason: string })[]
}

/** @throws {TrtError} As `engine.layers` */
export async function inspectLayers(engine: Engine, signal: AbortSignal): Promise<LayerInspection> {
  const layers = await engine.layers({ signal })
  const memory = await engine.memory({ signal })
  const times: LayerInspection['times'][number][] = []
  for (let profile = 0; profile < memory.profileBytes.length; profile++) times.push(await timesOf(engine, profile, signal))
  return { layers, memory, times }
}

/** Some engines have no times of layers, and still have layers. */
async function timesOf(engine: Engine, profile: number, signal: AbortSignal): Promise<LayerInspection['times'][number]> {
  try {
    return await engine.profileLayers({ profile, signal })
  } catch (error) {
    if (!isTrtError(error) || error.code !== 'TRT_ERR_UNSUPPORTED') throw error
    return { profile, reason: error.message }
  }
}
