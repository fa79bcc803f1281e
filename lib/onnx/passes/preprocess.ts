import { numberOfType } from '../../core/dtypes.js'
import { TrtError } from '../../core/errors.js'
import { invalid } from '../../core/options.js'
import { cloneModel } from '../graph/clone.js'
import { GraphEditor } from '../graph/edit.js'
import { makeNode } from '../graph/nodes.js'
import type { Dimension, OnnxModel, OnnxNode, ValueInfo } from '../graph/types.js'
import { Weights } from '../graph/weights.js'
import { liftOpset, opsetOf } from './lift.js'
import { type PreprocessOptions, type ResolvedPreprocess, resolvePreprocess } from './preprocess-options.js'

export type { PreprocessOptions } from './preprocess-options.js'

/**
 * The model with the preparation of its pictures inside: it takes the bytes of a frame as a camera or decoder gives them, and
 * computes `(byte * scale - mean) / std` in planes of colours itself. A quarter of the bytes travel to the device.
 *
 * The input keeps its name; its type and the order of its dimensions become those of the frame. A Cast is the first that a
 * uint8 input meets: TensorRT takes it no other way.
 *
 * @returns A new model; the given one is not changed.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: an option, or which of several inputs is not said. `TRT_ERR_NAME`: no such
 *   input. `TRT_ERR_SHAPE`: not [N, C, H, W], or channels that do not fit. `TRT_ERR_TYPE`: an input that is not float32.
 */
export function foldPreprocessing(given: OnnxModel, options: PreprocessOptions): OnnxModel {
  const resolved = resolvePreprocess(options)
  const model = opsetOf(given) < 13 ? liftOpset(given, 13) : cloneModel(given)
  const input = pictureInput(model, resolved)
  const channels = checkChannels(input, resolved)
  const editor = new GraphEditor(model.graph)
  if (editor.index.isOutput(input.name)) throw unsupported(`Input "${input.name}" is an output as well`, input.name)
  const prepared = editor.freshName(`${input.name}_prepared`)
  editor.replaceUses(input.name, prepared)
  const nodes = preparation(input.name, prepared, editor, { ...resolved, channels })
  model.graph.nodes.unshift(...nodes)
  const dims = input.dims ?? ['', '', '', '']
  input.type = resolved.type
  input.dims = resolved.layout === resolved.modelLayout ? dims : reordered(dims, resolved.layout === 'nhwc' ? toNhwc : toNchw)
  return model
}

const toNhwc = [0, 2, 3, 1] as const
const toNchw = [0, 3, 1, 2] as const

const reordered = (dims: readonly Dimension[], order: readonly number[]): Dimension[] => order.map((from) => dims[from]!)

interface Preparation extends ResolvedPreprocess {
  /** Null: free. */
  readonly channels: number | null
}

/** From the frame to what the model wants; each node gives the next one its input. */
function preparation(from: string, to: string, editor: GraphEditor, options: Preparation): OnnxNode[] {
  const { layout, modelLayout, order, modelOrder } = options
  const steps: ((input: string, output: string) => OnnxNode)[] = []
  const step = (opType: string, constants: readonly string[], attributes: Readonly<Record<string, bigint | bigint[]>> = {}) => {
    steps.push((input, output) => makeNode(opType, [input, ...constants], [output], { name: output, attributes }))
  }
  step('Cast', [], { to: BigInt(numberOfType('float32')) })
  if (layout !== modelLayout) step('Transpose', [], { perm: (layout === 'nhwc' ? toNchw : toNhwc).map(BigInt) })
  const axis = modelLayout === 'nchw' ? 1n : 3n
  if (order !== modelOrder) step('Gather', [constant(editor, `${from}_swap`, BigInt64Array.of(2n, 1n, 0n), [3])], { axis })
  const { factors, offsets } = coefficients(options)
  const dims = (size: number) => (size === 1 ? [1] : modelLayout === 'nchw' ? [size, 1, 1] : [size])
  if (factors.some((factor) => factor !== 1)) step('Mul', [constant(editor, `${from}_factor`, factors, dims(factors.length))])
  if (offsets.some((offset) => offset !== 0)) step('Add', [constant(editor, `${from}_offset`, offsets, dims(offsets.length))])
  let input = from
  return steps.map((make, i) => {
    const output = i === steps.length - 1 ? to : editor.freshName(`${from}_prepared_${i}`)
    const node = make(input, output)
    input = output
    return node
  })
}

/** `(v * scale - mean) / std` is `v * factor + offset`. One of each where all channels have the same. */
function coefficients({ scale, mean, std, channels }: Preparation): { factors: Float32Array; offsets: Float32Array } {
  const count = Math.max(mean.length, std.length, 1)
  const at = (values: readonly number[], i: number) => values[values.length === 1 ? 0 : i]!
  const factors = Float32Array.from({ length: count }, (_, i) => scale / at(std, i))
  const offsets = Float32Array.from({ length: count }, (_, i) => -at(mean, i) / at(std, i))
  const same = (values: Float32Array) => (channels !== 1 && values.every((value) => value === values[0]) ? values.slice(0, 1) : values)
  return { factors: same(factors), offsets: same(offsets) }
}

function constant(editor: GraphEditor, base: string, values: Float32Array | BigInt64Array, dims: readonly number[]): string {
  const type = values instanceof Float32Array ? 'float32' : 'int64'
  return editor.setInitializer(Weights.of(editor.freshName(base), type, dims, values))
}

function pictureInput({ graph }: OnnxModel, { input }: ResolvedPreprocess): ValueInfo {
  const inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name))
  const names = inputs.map(({ name }) => name)
  if (input === null && inputs.length !== 1) {
    throw invalid(`The model has ${inputs.length} inputs (${names.join(', ')}): say with preprocess.input which one takes pictures.`, {
      names,
    })
  }
  const found = input === null ? inputs[0]! : inputs.find(({ name }) => name === input)
  if (found === undefined) {
    throw new TrtError('TRT_ERR_NAME', `preprocess.input is "${input}", but the model's inputs are ${names.join(', ')}.`, { input, names })
  }
  if (found.type === 'float32') return found
  const message = `Preprocessing goes before a float32 input, but "${found.name}" is ${found.type ?? 'of unknown type'}. Fold it before the precision is changed, or leave it out.`
  throw new TrtError('TRT_ERR_TYPE', message, { name: found.name, type: found.type })
}

function checkChannels({ name, dims }: ValueInfo, { modelLayout, mean, std, order, modelOrder }: ResolvedPreprocess): number | null {
  const form = modelLayout === 'nchw' ? '[N, C, H, W]' : '[N, H, W, C]'
  const shown = dims === null ? 'of unknown rank' : `[${dims.map((dim) => dim || '?').join(', ')}]`
  const wrong = (expected: string) =>
    new TrtError('TRT_ERR_SHAPE', `Preprocessing expects ${expected} at input "${name}", which is ${shown}.`, { name, dims })
  if (dims !== null && dims.length !== 4) throw wrong(`pictures ${form}`)
  const channels = dims?.[modelLayout === 'nchw' ? 1 : 3]
  const known = typeof channels === 'number' && channels > 0 ? channels : null
  for (const [option, values] of Object.entries({ mean, std })) {
    if (values.length > 1 && known !== null && values.length !== known) throw wrong(`${values.length} channels, as many as ${option} has,`)
  }
  if (order !== modelOrder && known !== null && known !== 3) throw wrong('three channels, which can be swapped,')
  return known
}

function unsupported(what: string, name: string): TrtError {
  return new TrtError('TRT_ERR_UNSUPPORTED', `${what}: preprocessing cannot be put behind it. Export the model without that output.`, {
    name,
  })
}
