import { intsAttribute, textAttribute } from '../graph/nodes.js'
import { cloneModel } from '../graph/clone.js'
import { GraphIndex } from '../graph/graph-index.js'
import type { OnnxModel, OnnxNode } from '../graph/types.js'

/** Padding with zeros as part of the convolution after it: an own Pad would keep float between two int8 layers. */
export function foldPads(model: OnnxModel): OnnxModel {
  const copy = cloneModel(model)
  const { graph } = copy
  const index = new GraphIndex(graph)
  const gone = new Set<OnnxNode>()
  for (const conv of graph.nodes) {
    const pad = conv.opType === 'Conv' && conv.domain === '' ? index.producer(conv.inputs[0] as string) : undefined
    if (pad?.opType !== 'Pad' || pad.domain !== '') continue
    const added = zeroPadding(pad, index)
    const value = pad.outputs[0] as string
    if (added === null || index.consumers(value).length > 1 || index.isOutput(value)) continue
    if (textAttribute(conv, 'auto_pad', 'NOTSET') !== 'NOTSET') continue
    const own = intsAttribute(
      conv,
      'pads',
      added.map(() => 0n),
    ).map(Number)
    if (own.length !== added.length) continue
    conv.attributes.set('pads', { type: 'ints', value: own.map((pads, i) => BigInt(pads + (added[i] as number))) })
    conv.inputs[0] = pad.inputs[0] as string
    gone.add(pad)
  }
  graph.nodes = graph.nodes.filter((node) => !gone.has(node))
  return copy
}

/** Of the spatial dimensions, as Conv has it; null: another mode or value, other dimensions, or not known. */
function zeroPadding(pad: OnnxNode, index: GraphIndex): number[] | null {
  if (textAttribute(pad, 'mode', 'constant') !== 'constant') return null
  const [, padsName = '', valueName = '', axes = ''] = pad.inputs
  const stored = index.constant(padsName)
  const pads = stored === undefined ? intsAttribute(pad, 'pads')?.map(Number) : stored.integers().map(Number)
  const value = valueName === '' ? 0 : index.constant(valueName)?.floats()[0]
  if (pads === undefined || value !== 0 || axes !== '' || pads.some((each) => each < 0)) return null
  const rank = pads.length / 2
  if (pads[0] !== 0 || pads[1] !== 0 || pads[rank] !== 0 || pads[rank + 1] !== 0) return null
  return [...pads.slice(2, rank), ...pads.slice(rank + 2)]
}
