import { arrayTypes, isTensorType, type TensorType } from '../../core/dtypes.js'
import { TrtError } from '../../core/errors.js'
import { suggestion } from '../../core/nearest.js'
import { fillRandom } from '../../core/random.js'
import { checkedSize, formatShape, formatSpec, shapeFromCount } from '../../core/shapes.js'
import { Tensor, zeros } from '../../core/tensor.js'
import type { IoInfo } from '../../engine/io-info.js'
import type { Shapes } from '../flags/shapes.js'
import { UsageError } from '../usage.js'
import type { GivenInput } from './read-inputs.js'

export interface InputPlan {
  given: ReadonlyMap<string, GivenInput>
  /** `--shapes`. */
  shapes: Shapes
  /** In [0, 1). */
  random: () => number
  /** Hears what was chosen for the user. */
  onNote: (text: string) => void
}

/** A tensor for each input of the engine: from the given files, else random. */
export function makeInputs(infos: readonly IoInfo[], plan: InputPlan): Record<string, Tensor> {
  const names = infos.map(({ name }) => name)
  for (const flag of [plan.given, plan.shapes]) {
    for (const name of flag.keys()) if (!names.includes(name)) throw unknownInput(name, names)
  }
  return Object.fromEntries(infos.map((info) => [info.name, makeInput(info, plan)]))
}

function unknownInput(name: string, names: readonly string[]): UsageError {
  return new UsageError(`The engine has no input "${name}".${suggestion(name, names)} It has ${names.join(', ')}.`, { name, names })
}

function makeInput(info: IoInfo, plan: InputPlan): Tensor {
  const { type } = info
  if (!isTensorType(type))
    throw new TrtError('TRT_ERR_TYPE', `Input "${info.name}" is of type ${type}, which cannot be given.`, { name: info.name, type })
  const given = plan.given.get(info.name) ?? { kind: 'random' }
  if (given.kind === 'array') return fromArray(type, given)
  if (given.kind === 'bytes') return fromBytes(info, type, { ...given, shape: plan.shapes.get(info.name) })
  const shape = plan.shapes.get(info.name) ?? chooseShape(info, plan.onNote)
  const data = zeros(type, checkedSize(`shape of input "${info.name}"`, shape))
  if (given.kind === 'random') fillRandom(type, data, plan.random)
  return new Tensor(type, shape, data)
}

/** numpy has no bfloat16, and float16 often travels as its bits: both pass as uint16. What else differs, `run` refuses. */
function fromArray(type: TensorType, { array }: Extract<GivenInput, { kind: 'array' }>): Tensor {
  const asBits = array.type === 'uint16' && (type === 'float16' || type === 'bfloat16')
  return new Tensor(asBits ? type : array.type, array.shape, array.data)
}

interface RawBytes {
  bytes: Uint8Array
  file: string
  shape: readonly number[] | undefined
}

function fromBytes(info: IoInfo, type: TensorType, { bytes, file, shape }: RawBytes): Tensor {
  const size = arrayTypes[type].BYTES_PER_ELEMENT
  const count = bytes.length / size
  const chosen = shape ?? (info.shape !== null && Number.isInteger(count) ? shapeFromCount(info.shape, count) : undefined)
  if (chosen === undefined) {
    const message = `${file} has ${bytes.length} bytes, from which no shape of input "${info.name}", ${formatSpec(info)} of ${type}, follows. Give it with --shapes.`
    throw new TrtError('TRT_ERR_SHAPE', message, { file, bytes: bytes.length, name: info.name })
  }
  const expected = checkedSize(`shape of input "${info.name}"`, chosen) * size
  if (expected !== bytes.length) {
    const message = `${file} has ${bytes.length} bytes; input "${info.name}" of shape ${formatShape(chosen)} and type ${type} takes ${expected}.`
    throw new TrtError('TRT_ERR_SHAPE', message, { file, bytes: bytes.length, expected, name: info.name })
  }
  // A copy: the file's bytes may lie at any offset of a larger buffer.
  return new Tensor(type, chosen, new arrayTypes[type](new Uint8Array(bytes).buffer, 0, bytes.length / size))
}

/** The optimum of the first profile, else 1 for each free dimension. */
function chooseShape(info: IoInfo, onNote: InputPlan['onNote']): readonly number[] {
  if (info.shape === null)
    throw new UsageError(`Input "${info.name}" may have any shape: give one with --shapes=${info.name}:…`, { name: info.name })
  if (!info.shape.includes(-1)) return info.shape
  const optimum = info.isShape ? undefined : info.ranges[0]?.opt
  const shape = optimum ?? info.shape.map((dim) => (dim < 0 ? 1 : dim))
  onNote(`Input "${info.name}" takes ${formatSpec(info)}; using ${formatShape(shape)}. Give another with --shapes.`)
  return shape
}
