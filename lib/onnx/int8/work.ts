import type { Facts } from './facts.js'
import type { Layer } from './layers.js'

/** Multiply-adds of a layer for the sample that the facts are from; 0 where its output's shape is not known. */
export function multiplyAdds({ key, weights, channels }: Layer, facts: Facts): number {
  const size = facts.get(key)?.size ?? 0
  return channels === 0 ? 0 : (size * weights.size) / channels
}

/** Positions at which a layer is applied. */
export function positions({ key, channels }: Layer, facts: Facts): number {
  return channels === 0 ? 0 : (facts.get(key)?.size ?? 0) / channels
}

const fewPositions = 8
const fewRows = 64
const littleWork = 4e6

/**
 * Not worth the changes to codes and back: squeeze-and-excitation, products of short sequences between normalisations in float.
 * Measured: they are faster in float.
 */
export function isTiny(layer: Layer, facts: Facts): boolean {
  const few = layer.node.opType === 'Conv' ? fewPositions : fewRows
  return positions(layer, facts) < few && multiplyAdds(layer, facts) < littleWork
}
