import { cloneModel } from '../../graph/clone.js'
import type { OnnxModel } from '../../graph/types.js'
import { affineIntoLayer, affineIntoNext, offsetFirst } from './affine.js'
import { gelu, hardSwish, layerNorm, neutral, type Rule } from './patterns.js'
import { pruneChannels } from './prune.js'
import { Scope } from './scope.js'

export interface Cleaned {
  readonly model: OnnxModel
  /** How often each rule has folded something; what was there and is no longer needed under 'dead'. */
  readonly folds: Readonly<Record<string, number>>
}

/** Patterns first: what is left of one that an arithmetic rule has taken a piece of is not recognised any more. */
const stages: readonly (readonly Rule[])[] = [
  [neutral, hardSwish, gelu, layerNorm],
  [affineIntoLayer],
  [affineIntoNext, offsetFirst],
  [pruneChannels],
]

/** No chain of folds is longer in practice; it bounds what a hostile model can cost. */
const mostRounds = 16

/**
 * The same function in fewer nodes: scales, offsets and batch norms inside of the layers next to them, activations and
 * normalisations as the one operator that the model's opset has for them, nothing that nobody reads. Equal up to rounding:
 * about 1e-6 of the outputs' range. Subgraphs of If, Loop and Scan are left alone; only float32 is folded.
 *
 * @param model Is not changed; its weights are shared with the result.
 */
export function cleanModel(model: OnnxModel): Cleaned {
  const copy = cloneModel(model)
  const scope = new Scope(copy)
  const folds: Record<string, number> = {}
  for (const rules of stages) {
    for (let round = 0; round < mostRounds && applyOnce(scope, rules, folds); round++);
  }
  const dead = scope.removeDead()
  if (dead > 0) folds['dead'] = dead
  return { model: copy, folds }
}

/** @returns Whether a rule has folded anything. */
function applyOnce(scope: Scope, rules: readonly Rule[], folds: Record<string, number>): boolean {
  let any = false
  for (const node of scope.nodes()) {
    for (const rule of rules) {
      if (scope.isGone(node)) break
      const name = rule(scope, node)
      if (name === null) continue
      folds[name] = (folds[name] ?? 0) + 1
      any = true
    }
  }
  return any
}
