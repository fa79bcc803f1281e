/** Type tests: `tsc --noEmit` fails if a line marked as an error compiles, or another does not. Nothing here runs. */
import { Engine, type Outputs, type Runner, type Session, type Tensor, tensor } from '../../lib/index.js'

interface Model {
  inputs: { x: 'float32'; mask: 'bool' }
  outputs: { y: 'float32'; ids: 'int64' }
}

interface Shaped {
  inputs: { x: { type: 'float32'; shape: ['N', 3, 48, -1] } }
  outputs: { y: { type: 'float32'; shape: ['N', 10] } }
}

/** Compiles only if both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(yes: Same<A, B>) => yes

declare const typed: Session<Model>
declare const shaped: Session<Shaped>
declare const loose: Session
const x = new Float32Array(4)
const mask = new Uint8Array(4)

export async function engines(): Promise<void> {
  const engine = await Engine.load<Model>('model.engine')
  same<Awaited<ReturnType<typeof engine.createSession>>, Session<Model>>(true)
  const built = await Engine.build<Model>(new Uint8Array(), { precision: 'fp32' })
  same<typeof built, Engine<Model>>(true)
  // @ts-expect-error a precision that does not exist
  await Engine.build('model.onnx', { precision: 'fp64' })
  // @ts-expect-error a misspelt option
  await Engine.build('model.onnx', { precison: 'fp32' })
  // @ts-expect-error not a model of inputs and outputs
  await Engine.load<{ inputs: { x: 'float31' }; outputs: {} }>('model.engine')
}

export async function names(): Promise<void> {
  const { y, ids } = await typed.run({ x, mask })
  same<typeof y, Tensor<'float32', readonly number[]>>(true)
  same<typeof y.data, Float32Array>(true)
  same<typeof ids.data, BigInt64Array>(true)
  // @ts-expect-error an input that the model does not have
  await typed.run({ input: x, mask })
  // @ts-expect-error one more than it has
  await typed.run({ x, mask, other: x })
  // @ts-expect-error an input is missing
  await typed.run({ x })
  // @ts-expect-error an output that the model does not have
  same<unknown, unknown>((await typed.run({ x, mask })).z)
}

export async function types(): Promise<void> {
  await typed.run({ x: Buffer.alloc(16), mask })
  await typed.run({ x: tensor('float32', [1, 4]), mask: tensor('bool', [4]) })
  await typed.run({ x: tensor('float32', [1, 4]).ndarray(), mask })
  // @ts-expect-error another element type
  await typed.run({ x: new Float64Array(4), mask })
  // @ts-expect-error an array of numbers
  await typed.run({ x: [1, 2, 3, 4], mask })
  // @ts-expect-error a tensor of another element type
  await typed.run({ x: tensor('int8', [1, 4]), mask })
}

export async function options(): Promise<void> {
  const { ids } = await typed.run({ x, mask }, { outputs: ['ids'], deadline: 5, signal: new AbortController().signal })
  same<typeof ids.data, BigInt64Array>(true)
  // @ts-expect-error only what was asked for comes
  same<unknown, unknown>((await typed.run({ x, mask }, { outputs: ['ids'] })).y)
  // @ts-expect-error an output that the model does not have
  await typed.run({ x, mask }, { outputs: ['z'] })
  await typed.run({ x, mask }, { into: { y: new Float32Array(4) } })
  // @ts-expect-error memory of another element type
  await typed.run({ x, mask }, { into: { y: new Float64Array(4) } })
  // @ts-expect-error memory for an output that the model does not have
  await typed.run({ x, mask }, { into: { z: new Float32Array(4) } })
  // @ts-expect-error an option that does not exist
  await typed.run({ x, mask }, { timeout: 5 })
}

export async function shapes(): Promise<void> {
  await shaped.run({ x })
  await shaped.run({ x: tensor('float32', [8, 3, 48, 320]) })
  const anyShape: number[] = [8, 3, 48, 320]
  await shaped.run({ x: tensor('float32', anyShape) })
  // @ts-expect-error another rank
  await shaped.run({ x: tensor('float32', [8, 3, 48]) })
  // @ts-expect-error another fixed dimension
  await shaped.run({ x: tensor('float32', [8, 4, 48, 320]) })
  const [rows, columns] = (await shaped.run({ x })).y.shape
  same<typeof rows, number>(true)
  same<typeof columns, 10>(true)
}

export function memory(): void {
  same<ReturnType<typeof typed.alloc<'ids', number[]>>['data'], BigInt64Array>(true)
  typed.alloc('x', [1, 4]).data.set(x)
  shaped.alloc('y', [8, 10])
  // @ts-expect-error neither input nor output
  typed.alloc('z', [1])
  // @ts-expect-error another rank
  shaped.alloc('x', [8, 3, 48])
  // @ts-expect-error another fixed dimension
  shaped.alloc('y', [8, 11])
}

/** Without a model any name goes, and data has the type that the caller takes it for; inputs are still inputs. */
export async function untyped(): Promise<void> {
  const { whatever } = await loose.run({ anything: x })
  const data: Float32Array = whatever!.data
  loose.alloc('anything', [1, 4]).data.set(data)
  // @ts-expect-error not a tensor
  await loose.run({ anything: 7 })
  // @ts-expect-error not a tensor either
  await loose.run({ anything: 'x' })
}

/** A session is a Runner, with or without a model. */
export function runners(): (Runner | Runner<{ x: Float32Array; mask: Uint8Array }, { y: Tensor<'float32'> }>)[] {
  const plain: Runner = loose
  const exact: Runner<{ x: Float32Array; mask: Uint8Array }, { y: Tensor<'float32'> }> = typed
  const fake: Runner = { run: async (): Promise<Outputs> => ({ y: tensor('float32', [1]) }) }
  return [plain, exact, fake]
}
