import { TrtError } from '../../core/errors.js'
import { invalid } from '../../core/options.js'
import { cloneModel } from '../graph/clone.js'
import { graphsOf } from '../graph/nodes.js'
import { takenNames } from '../graph/scopes.js'
import type { OnnxGraph, OnnxModel, OnnxNode } from '../graph/types.js'
import { changes } from './lift/changes.js'
import { LiftScope, type LiftTask } from './lift/context.js'
import { rules } from './lift/rules.js'

/** ONNX's own operator sets that are lifted, and those that they are lifted to. */
export const liftable = { oldest: 7, least: 13, highest: 21 } as const

/** The newest operator set whose rules this package knows; its operators are taken as they are. */
export const newestOpset = 26

/** The least IR version that a file with this operator set says. */
const irVersions: readonly (readonly [opset: number, ir: number])[] = [
  [21, 10],
  [19, 9],
  [15, 8],
  [14, 7],
  [13, 7],
]

/**
 * The model with its operators as ONNX writes them from operator set `to` on, with the same results. Other domains stay as
 * they are, and so does a model whose operator set is `to` or newer: nothing is ever lowered.
 *
 * Inputs that files before IR 4 list for their weights are dropped: they never could be given.
 *
 * @param to 13 (per-channel quantisation), 19 (scales in float16) or any up to 21.
 * @returns A new model; `model` is not changed, weights are shared.
 * @throws {TrtError} `TRT_ERR_UNSUPPORTED`: an operator that cannot be lifted (by name), an operator set before 7 or unknown
 *   here. `TRT_ERR_MODEL`: no operator set at all, or an operator that is none of ONNX's.
 */
export function liftOpset(model: OnnxModel, to: number): OnnxModel {
  const { least, highest } = liftable
  if (!Number.isInteger(to) || to < least || to > highest)
    throw invalid(`Expected an operator set from ${least} to ${highest} but received ${to}.`)
  const from = opsetOf(model)
  const lifted = cloneModel(model)
  dropConstantInputs(lifted)
  if (from >= to) return lifted
  checkLiftable(model, from, to)
  const task: LiftTask = { from, to, taken: takenNames(lifted.graph) }
  liftGraph(lifted.graph, task, null)
  lifted.opsets.set('', to)
  lifted.irVersion = Math.max(lifted.irVersion, irVersions.find(([opset]) => to >= opset)?.[1] ?? 0)
  return lifted
}

/**
 * The model's version of ONNX's own operator set.
 *
 * @throws {TrtError} `TRT_ERR_MODEL`: it says none. `TRT_ERR_UNSUPPORTED`: newer than any known here.
 */
export function opsetOf(model: OnnxModel): number {
  const opset = model.opsets.get('')
  if (opset === undefined) {
    // A model of custom operators alone needs none.
    if (model.graph.nodes.every(({ domain }) => domain !== '')) return newestOpset
    throw new TrtError('TRT_ERR_MODEL', 'The model uses operators of ONNX but does not say of which operator set. Export it again.')
  }
  if (opset <= newestOpset) return opset
  const message = `The model has operator set ${opset}; this package knows up to ${newestOpset}. Export it with that or an older one, update this package, or build with the precision 'as-is', which leaves the file alone.`
  throw new TrtError('TRT_ERR_UNSUPPORTED', message, { opset, newest: newestOpset })
}

function checkLiftable(model: OnnxModel, from: number, to: number): void {
  const remedy = `Export the model with operator set ${to}.`
  const facts = { from, to }
  if (from < liftable.oldest) {
    const message = `The model has operator set ${from}; only those from ${liftable.oldest} on can be lifted to ${to}. ${remedy}`
    throw new TrtError('TRT_ERR_UNSUPPORTED', message, facts)
  }
  if (model.functions.length === 0) return
  const message = `The model has operator set ${from} and functions of its own, which cannot be lifted to ${to}. ${remedy}`
  throw new TrtError('TRT_ERR_UNSUPPORTED', message, { ...facts, functions: model.functions.length })
}

/** Before IR 4 every initializer is listed as an input, and is a constant nonetheless. */
function dropConstantInputs(model: OnnxModel): void {
  if (model.irVersion >= 4) return
  const { graph } = model
  graph.inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name))
  model.irVersion = 4
}

function liftGraph(graph: OnnxGraph, task: LiftTask, outer: LiftScope | null): void {
  const scope = new LiftScope(graph, task, outer)
  const lifted: OnnxNode[] = []
  for (const node of graph.nodes) {
    for (const inner of graphsOf(node)) liftGraph(inner, task, scope)
    if (node.domain === '') lifted.push(...liftNode(node, scope))
    else lifted.push(node)
  }
  graph.nodes = lifted
}

function liftNode(node: OnnxNode, scope: LiftScope): OnnxNode[] {
  const { from, to } = scope.task
  if (!changes.has(node.opType)) throw scope.refusal(node, 'it is no operator of ONNX')
  const before: OnnxNode[] = []
  const after: OnnxNode[] = []
  for (let version = from + 1; version <= to; version++) {
    const rule = rules[node.opType]?.[version]
    const around = rule?.(node, scope)
    before.push(...(around?.before ?? []))
    after.unshift(...(around?.after ?? []))
  }
  return [...before, node, ...after]
}
