import { encodeBudget } from '../tensorrt/options.js'
import { type Asked, ask, type ControlOptions, controlOptions } from './ask.js'

/** Device memory, in bytes. */
export interface EngineMemory {
  /** Of one execution context that takes every profile: what a lane needs besides its inputs and outputs. */
  readonly contextBytes: number
  /** The same for each optimization profile alone: with `allocationStrategy: 'profile'`. */
  readonly profileBytes: readonly number[]
  /** Weights that can be streamed from the host; 0: the engine was not built with `allowWeightStreaming`. */
  readonly streamableWeightsBytes: number
  /** Execution contexts that exist now. */
  readonly contexts: number
  /** Of the whole device, whoever uses it. */
  readonly freeBytes: number
  readonly totalBytes: number
}

/** Weights that stay in host memory and are sent to the device when they are needed, in bytes. */
export interface WeightStreaming {
  readonly streamableBytes: number
  /** Device memory for them now. */
  readonly budgetBytes: number
  /** What 'auto' would take. */
  readonly automaticBytes: number
}

export async function memoryOf(asked: Asked, given: ControlOptions | undefined): Promise<EngineMemory> {
  const { signal } = controlOptions('memory', given)
  const { profiles, ...rest } = await ask<Omit<EngineMemory, 'profileBytes'> & { profiles: readonly number[] }>(asked, {
    verb: 'memory',
    what: 'the device memory of an engine',
    signal,
  })
  return { ...rest, profileBytes: profiles }
}

/** @param budget Undefined: only ask. */
export async function weightStreaming(
  asked: Asked,
  budget: number | string | undefined,
  given: ControlOptions | undefined,
): Promise<WeightStreaming> {
  const { signal } = controlOptions('weight streaming', given)
  const raw = await ask<{ streamable: number; budget: number; automatic: number }>(asked, {
    verb: 'weightStreaming',
    what: 'weight streaming',
    ...(budget === undefined ? {} : { arguments: { budget: encodeBudget('budget', budget) } }),
    signal,
  })
  return { streamableBytes: raw.streamable, budgetBytes: raw.budget, automaticBytes: raw.automatic }
}

/** @returns bytes written */
export async function saveRuntimeCache(asked: Asked, given: ControlOptions | undefined): Promise<number> {
  const { signal } = controlOptions('saveRuntimeCache', given)
  const { bytes } = await ask<{ bytes: number }>(asked, { verb: 'saveRuntimeCache', what: 'a cache of compiled kernels', signal })
  return bytes
}
