import { collectStatistics } from '../calibration/collect.js'
import { knownRanges } from '../calibration/known-ranges.js'
import { makeTable } from '../calibration/table.js'
import type { CalibrationTable, MethodChoice } from '../calibration/types.js'
import { GraphIndex } from '../graph/graph-index.js'
import type { OnnxModel } from '../graph/types.js'
import type { Runtime } from '../runtime.js'
import { equalise } from './equalise.js'
import { type Facts, factsOf } from './facts.js'
import { foldPads } from './fold-pads.js'
import type { Gathered } from './gather.js'
import { type Layer, layersOf, type Refused } from './layers.js'
import type { ResolvedQuantize } from './options.js'
import { roundLayers } from './round-layers.js'
import { isTiny } from './work.js'
import type { Source } from './forms.js'

export interface Prepared extends Source {
  /** Layers that may be in int8: neither excluded nor tiny. */
  readonly candidates: readonly Layer[]
  readonly refused: readonly Refused[]
  readonly table: (choice: MethodChoice) => CalibrationTable
  readonly notes: readonly string[]
}

const equaliseSamples = 8
const roundSamples = 24

/** Equalises, calibrates and rounds: all that is the same for every form and rung. */
export async function prepare(cleaned: OnnxModel, data: Gathered, runtime: Runtime, options: ResolvedQuantize): Promise<Prepared> {
  const { signal, onProgress } = options
  const padded = foldPads(cleaned)
  const facts = await factsOf(padded, data.calibration[0]!, runtime, signal)
  onProgress('equalisation', 0.02)
  const { model, scaled } = await equalise(padded, facts, data.calibration.slice(0, equaliseSamples), runtime)
  onProgress('calibration', 0.1)
  const { layers, candidates, refused } = sortedOut(model, facts, options)
  const tensors = [...facts].filter(([, { type }]) => type === 'float32').map(([name]) => name)
  const collected = await collectStatistics(model, tensors, data.calibration, runtime, { signal })
  const known = knownRanges(model.graph)
  const table = (choice: MethodChoice) =>
    makeTable(collected.statistics, choice, { samples: collected.samples, dropped: collected.dropped, known })
  onProgress('rounding', 0.25)
  const rounded = await roundLayers(
    model,
    candidates,
    { table: table({ method: 'minmax' }), samples: data.calibration.slice(0, roundSamples), runtime },
    {
      rounding: options.fast ? 'nearest' : 'covariance',
      signal,
      onLayer: (done, total) => onProgress('rounding', 0.25 + (0.3 * done) / total),
    },
  )
  const notes = [...collected.warnings, ...(scaled > 0 ? [`${scaled} channels equalised.`] : [])]
  return { model, facts, layers, candidates, refused, rounded, table, notes }
}

interface SortedOut {
  readonly layers: readonly Layer[]
  readonly candidates: readonly Layer[]
  readonly refused: readonly Refused[]
}

function sortedOut(model: OnnxModel, facts: Facts, { excludes }: ResolvedQuantize): SortedOut {
  const { layers, refused } = layersOf(model.graph, new GraphIndex(model.graph))
  const reasonOf = (layer: Layer): string | null => {
    if (excludes(layer.node)) return 'excluded by the options'
    if (facts.get(layer.key)?.type !== 'float32') return 'it was not run in calibration'
    return isTiny(layer, facts) ? 'too little work: changing to codes and back would take longer' : null
  }
  const out = layers.flatMap((layer) => {
    const reason = reasonOf(layer)
    return reason === null ? [] : [{ key: layer.key, node: layer.node, reason }]
  })
  return { layers, candidates: layers.filter((layer) => reasonOf(layer) === null), refused: [...refused, ...out] }
}
