import { TrtError } from '../../core/errors.js'
import { suggestion } from '../../core/nearest.js'
import { integer, plainObject } from '../../core/options.js'
import { checkedSize, formatShape, formatSpec, matches, within } from '../../core/shapes.js'
import type { IoInfo } from '../io-info.js'
import { type Asked, ask, type ControlOptions, controlOptions } from './ask.js'

/** One layer of an engine, as TensorRT's inspector tells it. */
export interface EngineLayer {
  readonly name: string
  /** 'Convolution', 'Reformat' …; null: not told. */
  readonly type: string | null
  /** All that the inspector says, under its own names; empty unless the engine was built with `profilingVerbosity: 'detailed'`. */
  readonly facts: Readonly<Record<string, unknown>>
}

/** Where the time of a run goes, in milliseconds. Layers are told apart, so that the sum is more than a run takes. */
export interface LayerProfile {
  readonly profile: number
  /** How often it was run, once more to warm up not counted. */
  readonly runs: number
  /** Sum of the means. */
  readonly totalMs: number
  /** In the order of execution. */
  readonly layers: readonly { readonly name: string; readonly meanMs: number; readonly medianMs: number }[]
}

export interface LayerProfileOptions extends ControlOptions {
  /** Number of the optimization profile. Default 0. */
  profile?: number
  /** Of inputs, by name. Default: what the profile is optimised for (`opt`). */
  shapes?: Readonly<Record<string, readonly number[]>>
  /** 1 … 10,000, default 10. */
  runs?: number
}

/** TensorRT gives names alone where the engine was built to tell no more. */
type RawLayer = string | { readonly Name?: string; readonly LayerType?: string }

export async function layersOf(asked: Asked, given: ControlOptions | undefined): Promise<readonly EngineLayer[]> {
  const { signal } = controlOptions('layers', given)
  const { Layers } = await ask<{ Layers: readonly RawLayer[] }>(asked, { verb: 'inspect', what: 'the layers of an engine', signal })
  return Layers.map((layer) =>
    typeof layer === 'string'
      ? { name: layer, type: null, facts: {} }
      : { name: layer.Name ?? '', type: layer.LayerType ?? null, facts: { ...layer } },
  )
}

export async function profileLayers(
  asked: Asked,
  inputs: readonly IoInfo[],
  given: LayerProfileOptions | undefined,
): Promise<LayerProfile> {
  const { signal, profile = 0, runs = 10, shapes } = controlOptions('profileLayers', given, ['profile', 'runs', 'shapes'])
  const wanted = {
    profile: integer('profile', profile, 0, 1023),
    runs: integer('runs', runs, 1, 10_000),
    ...(shapes === undefined ? {} : { shapes: checkedShapes(shapes, inputs, profile) }),
  }
  interface Raw extends Omit<LayerProfile, 'layers'> {
    readonly layers: readonly { readonly name: string; readonly ms: number; readonly medianMs: number }[]
  }
  const answer = await ask<Raw>(asked, { verb: 'profileLayers', what: 'times of layers', arguments: wanted, signal })
  return { ...answer, layers: answer.layers.map(({ name, ms, medianMs }) => ({ name, meanMs: ms, medianMs })) }
}

type Shapes = Readonly<Record<string, readonly number[]>>

/** @throws {TrtError} `TRT_ERR_NAME`, `TRT_ERR_SHAPE` */
export function checkedShapes(given: Shapes, inputs: readonly IoInfo[], profile: number): Shapes {
  const shapes = plainObject('shapes', given) as Shapes
  const names = inputs.map(({ name }) => name)
  for (const [name, shape] of Object.entries(shapes)) {
    const info = inputs.find((input) => input.name === name)
    if (info === undefined) {
      const message = `"${name}" is no input of the engine.${suggestion(name, names)} It has ${names.join(', ')}.`
      throw new TrtError('TRT_ERR_NAME', message, { expected: names, received: name })
    }
    const fits = checkedSize(`shape of "${name}"`, shape) >= 0 && (info.shape === null || matches(shape, info.shape))
    const range = info.isShape ? undefined : info.ranges[profile]
    if (fits && (range === undefined || within(shape, range))) continue
    const message = `Input "${name}" takes ${formatSpec(info)} in profile ${profile}; received ${formatShape(shape)}.`
    throw new TrtError('TRT_ERR_SHAPE', message, { input: name, profile, received: [...shape] })
  }
  return shapes
}
