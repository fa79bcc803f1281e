import { formatSpec, type Range } from '../../core/shapes.js'
import type { EngineHeader } from '../../engine/engine-header.js'
import { needsOf, type PlanHeader } from '../../engine/tensorrt/plan.js'
import type { Inspection } from '../inspect/inspect-file.js'
import { formatBytes, plural } from '../../core/text-format.js'
import { renderTable } from '../../core/text-table.js'

type Onnx = Extract<Inspection, { kind: 'onnx' }>
type Plan = Extract<Inspection, { kind: 'tensorrt-plan' }>

// The long tail of operators tells nothing; --json and --verbose have all.
const SHOWN_OPERATORS = 12

export function renderInspection(inspection: Inspection, { verbose = false } = {}): string {
  const title = `${inspection.file}: ${titleOf(inspection)}, ${formatBytes(inspection.bytes)}\n\n`
  if (inspection.kind === 'engine') return title + renderEngine(inspection.header)
  return title + (inspection.kind === 'onnx' ? renderOnnx(inspection, verbose) : renderPlan(inspection))
}

function titleOf(inspection: Inspection): string {
  if (inspection.kind === 'engine') return 'engine of tensorrt-node'
  return inspection.kind === 'onnx' ? 'ONNX model' : inspection.what
}

function renderEngine(header: EngineHeader): string {
  const { source } = header
  const { plan: _, ...facts } = header.facts
  const plan = storedPlan(header)
  const rows = [
    ['backend', `${header.backend}${header.backendVersion === null ? '' : ` ${header.backendVersion}`}`],
    ['precision', header.precision],
    ['source', `${source.name ?? 'model given as bytes'}, ${formatBytes(source.bytes)}, SHA-256 ${source.sha256}`],
    ['payload', `${formatBytes(header.payload.bytes)}, SHA-256 ${header.payload.sha256}`],
    ['built by', `${header.createdBy.package}, Node ${header.createdBy.node}, ${header.createdBy.platform}`],
    ...entries('option', header.options),
    ...entries('label', header.labels),
    ...entries('fact', facts),
    ...(plan === null ? [] : [['to run it', needsOf(plan)]]),
  ]
  const rangesOf = (name: string) => header.profiles.flatMap((profile) => profile[name] ?? [])
  const values = [
    ...header.inputs.map((io) => ({ ...io, direction: 'input', ranges: rangesOf(io.name) })),
    ...header.outputs.map((io) => ({ ...io, direction: 'output', ranges: [] })),
  ]
  return `${renderTable(rows, { left: [0, 1] })}\n${renderValues(values)}`
}

/** The facts of an engine file are what its builder wrote: a plan's header only where it has that form. */
function storedPlan({ facts }: EngineHeader): PlanHeader | null {
  const plan = facts['plan'] as Partial<PlanHeader> | undefined
  const sound = plan?.backend === 'tensorrt' || plan?.backend === 'tensorrt-rtx'
  return sound
    ? { version: null, bytes: null, computeCapabilities: null, weightBytes: null, ...(plan as object), backend: plan.backend }
    : null
}

function renderOnnx({ model, externalFiles, sha256 }: Onnx, verbose: boolean): string {
  const operators = Object.entries(model.operators)
  const shown = verbose ? operators : operators.slice(0, SHOWN_OPERATORS)
  const more = operators.length - shown.length
  const facts = [
    ['graph', `${model.graphName || 'without a name'}, IR version ${model.irVersion}`],
    ['producer', `${model.producer.name} ${model.producer.version}`.trim() || 'not given'],
    ['operator sets', join(model.opsets)],
    ['operators', `${shown.map(([name, count]) => `${name} ${count}`).join(', ')}${more > 0 ? `, and ${plural(more, 'other')}` : ''}`],
    ['weights', `${plural(model.initializers.count, 'initializer')} of ${formatBytes(model.initializers.bytes)}`],
    ...(model.constants.count > 0
      ? [['constants', `${plural(model.constants.count, 'tensor')} of ${formatBytes(model.constants.bytes)}`]]
      : []),
    ...externalFiles.map(({ location, tensors, bytes }) => [
      'external data',
      `${location}: ${plural(tensors.length, 'tensor')}, at least ${formatBytes(bytes)}`,
    ]),
    ...entries('metadata', model.metadata, verbose),
    ['SHA-256', sha256],
  ]
  const value = (direction: string) => (io: (typeof model.inputs)[number]) => ({
    direction,
    name: io.name,
    type: io.type ?? io.kind,
    shape: io.dims,
    dimNames: io.dimNames,
    ranges: [],
  })
  return `${renderTable(facts, { left: [0, 1] })}\n${renderValues([...model.inputs.map(value('input')), ...model.outputs.map(value('output'))])}`
}

function renderPlan({ metadata, plan, planBytes }: Plan): string {
  const facts = [...planFacts(plan, planBytes), ...(metadata === null ? [] : entries('metadata', metadata))]
  return `${renderTable(facts, { left: [0, 1] })}\nTo run it: ${needsOf(plan)}. What else it holds, TensorRT alone can tell.\n`
}

function planFacts(plan: PlanHeader, planBytes: number): string[][] {
  const whole = plan.bytes === null || plan.bytes === planBytes ? '' : `, but ${formatBytes(plan.bytes)} were built: the file is damaged`
  return [
    ['built by', `${plan.backend} ${plan.version ?? 'of an unknown version'}`],
    ['plan', `${formatBytes(planBytes)}${whole}`],
    ...(plan.computeCapabilities === null ? [] : [['compute capabilities', plan.computeCapabilities.join(', ')]]),
    ...(plan.weightBytes === null ? [] : [['weights', formatBytes(plan.weightBytes)]]),
  ]
}

interface Value {
  direction: string
  name: string
  type: string
  shape: readonly number[] | null
  dimNames: readonly string[]
  ranges: readonly Range[]
}

function renderValues(values: readonly Value[]): string {
  const rows = values.map((value) => [value.direction, value.name, value.type, formatSpec(value)])
  return renderTable([['', 'name', 'type', 'shape'], ...rows], { left: [0, 1, 2, 3] })
}

const SHOWN_TEXT = 100

/** Rows of a record: the label once, long texts cut unless `whole`. */
function entries(label: string, record: Readonly<Record<string, unknown>>, whole = false): string[][] {
  return Object.entries(record).map(([key, value]) => {
    const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\s+/g, ' ')
    return [label, `${key} = ${whole || text.length <= SHOWN_TEXT ? text : `${text.slice(0, SHOWN_TEXT)}… (${text.length} characters)`}`]
  })
}

function join(record: Readonly<Record<string, number>>): string {
  return Object.entries(record)
    .map(([domain, version]) => `${domain} ${version}`)
    .join(', ')
}
