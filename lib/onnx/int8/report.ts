import { describeNode } from '../graph/nodes.js'
import type { OnnxModel } from '../graph/types.js'
import { writeOnnx } from '../graph/write.js'
import type { LayerReport, PrecisionReport } from '../report/types.js'
import type { Gathered } from './gather.js'
import type { Prepared } from './prepare.js'
import type { Searched } from './quantize.js'
import { multiplyAdds } from './work.js'

export interface Timed {
  readonly isWorthIt: boolean
  /** Why not, or what has to be said; null: nothing. */
  readonly reason: string | null
  readonly latency: PrecisionReport['latency']
  readonly speed: number | null
}

export interface ReportSource {
  readonly before: OnnxModel
  readonly cpu: Searched
  readonly portable: Searched
  readonly timed: Timed
  readonly source: Prepared
  readonly data: Gathered
}

/** What the CPU form is like; the portable one in the notes. */
export function makeReport({ before, cpu, portable, timed, source, data }: ReportSource): PrecisionReport {
  const int8 = timed.isWorthIt ? (cpu.chosen?.int8 ?? new Set<string>()) : new Set<string>()
  const all = source.layers.reduce((sum, layer) => sum + multiplyAdds(layer, source.facts), 0)
  const part = source.layers.reduce((sum, layer) => sum + (int8.has(layer.key) ? multiplyAdds(layer, source.facts) : 0), 0)
  const nodes = before.graph.nodes.length
  const codes = int8.size + (timed.isWorthIt ? cpu.form.plan.elementwise.size : 0)
  return {
    format: 1,
    precision: 'int8',
    bytes: { before: writeOnnx(before).length, after: writeOnnx(portable.form.model).length },
    coverage: { operators: { float32: nodes - codes, float16: 0, bfloat16: 0, int8: codes, other: 0 }, macs: all > 0 ? part / all : null },
    outputs: timed.isWorthIt ? (cpu.chosen?.verdict.outputs ?? []) : [],
    layers: layerReports(source, int8, timed),
    curve: curveOf(cpu, timed),
    methods: cpu.methods,
    latency: timed.latency,
    notes: notesOf({ before, cpu, portable, timed, source, data }),
  }
}

function curveOf({ tried, chosen }: Searched, timed: Timed): PrecisionReport['curve'] {
  return tried.map((each) => ({
    float: each.float,
    error: each.verdict.error,
    speed: each === chosen ? timed.speed : null,
    chosen: each === chosen && timed.isWorthIt,
  }))
}

function layerReports({ layers, refused }: Prepared, int8: ReadonlySet<string>, timed: Timed): LayerReport[] {
  const reasons = new Map(refused.map(({ key, reason }) => [key, reason]))
  const whole = timed.isWorthIt ? 'the outputs need it: they would err too much' : 'the whole model stays float'
  const nodes = [
    ...refused.filter(({ key }) => !layers.some((layer) => layer.key === key)).map(({ node }) => node),
    ...layers.map(({ node }) => node),
  ]
  return nodes.map((node) => {
    const key = node.outputs[0] ?? ''
    const isInt8 = int8.has(key)
    return {
      node: node.name || key,
      opType: node.opType,
      type: isInt8 ? 'int8' : 'float32',
      error: null,
      reason: isInt8 ? null : (reasons.get(key) ?? whole),
    }
  })
}

function notesOf({ portable, timed, source, data }: ReportSource): string[] {
  const { calibration, heldOut, seen } = data
  const notes = [`Calibrated on ${calibration.length} of ${seen} samples, judged on ${heldOut.length} others.`, ...source.notes]
  if (timed.reason !== null) notes.push(`On the CPU: ${timed.reason}${timed.isWorthIt ? '' : '; the cleaned float model is used'}.`)
  const { chosen, isMet } = portable
  const error = chosen?.verdict.error.toExponential(1) ?? 'none'
  notes.push(
    `The form for TensorRT leaves ${chosen?.float ?? 'all'} layers in float; noise of the last layers ${error}${isMet ? '' : ', which misses the target'}.`,
  )
  const foreign = source.refused.filter(({ reason }) => reason.includes('NaN'))
  for (const { node, reason } of foreign) notes.push(`${describeNode(node)} stays float: ${reason}.`)
  return notes
}
